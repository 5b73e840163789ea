import type { FrameShape } from './frame-shape.ts'

/**
 * What a {@link FrameReader} tells.
 *
 * @example
 * ```ts
 * import type { FrameReceiver } from '@messwerk/core/driver'
 *
 * const lengths: number[] = []
 * const receiver: FrameReceiver = { frame: (_bytes, from, to) => { lengths.push(to - from) }, skipped() {} }
 * receiver.frame(Uint8Array.of(1, 2, 3), 0, 2)
 * lengths // => [2]
 * ```
 */
export interface FrameReceiver {
  /** A frame: `bytes` from `from` to before `to`, only valid during the call. */
  frame(bytes: Uint8Array, from: number, to: number): void
  /** That many bytes before the next frame belong to none: declare what they may have been. */
  skipped(bytes: number): void
}

/**
 * Finds frames in chunks that are cut anywhere, and finds them again after damage.
 *
 * Bytes that belong to no frame are counted and told once, before the next frame. Only what is cut by a chunk's end is
 * copied, into one buffer; nothing is allocated after the constructor.
 *
 * @example
 * ```ts
 * import { delimitedFrames, FrameReader } from '@messwerk/core/driver'
 *
 * const lines: string[] = []
 * const reader = new FrameReader(delimitedFrames({ end: 0x0a, maxBytes: 80 }), {
 *   frame: (bytes, from, to) => { lines.push(new TextDecoder().decode(bytes.subarray(from, to - 1))) },
 *   skipped: () => {},
 * })
 * for (const chunk of ['12.', '5\n13', '.5\n1']) reader.push(new TextEncoder().encode(chunk))
 * lines // => ['12.5', '13.5']
 * reader.pending // => 1
 * ```
 */
export class FrameReader {
  /** Frames found. */
  frames = 0
  /** Bytes that belonged to no frame. */
  skipped = 0
  /** How often frames were found again after bytes that belonged to none. */
  resyncs = 0
  readonly #shape: FrameShape
  readonly #receiver: FrameReceiver
  readonly #carry: Uint8Array
  #held = 0
  #skipping = 0

  constructor(shape: FrameShape, receiver: FrameReceiver) {
    this.#shape = shape
    this.#receiver = receiver
    this.#carry = new Uint8Array(2 * shape.maxBytes)
  }

  /** Bytes that wait for the rest of their frame. */
  get pending(): number {
    return this.#held
  }

  /** Takes what has arrived. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (this.#held > 0 && at < chunk.length) {
      const before = this.#held
      const more = Math.min(chunk.length - at, this.#carry.length - before)
      this.#carry.set(chunk.subarray(at, at + more), before)
      const used = this.#scan(this.#carry, 0, before + more, before, false)
      // past what was held: the rest is in the chunk, whole
      if (used >= before) {
        this.#held = 0
        at += used - before
        break
      }
      this.#carry.copyWithin(0, used, before + more)
      this.#held = before + more - used
      at += more
    }
    if (at >= chunk.length) return
    const end = this.#scan(chunk, at, chunk.length, chunk.length, false)
    this.#carry.set(chunk.subarray(end), 0)
    this.#held = chunk.length - end
  }

  /** Nothing more will come: what waits is searched for frames behind a header that promised too much, and told. */
  end(): void {
    const held = this.#held
    this.#held = 0
    this.#scan(this.#carry, 0, held, held, true)
    this.#tell()
  }

  /** Forgets what waits, for a link that begins anew. */
  reset(): void {
    this.#held = 0
    this.#skipping = 0
  }

  /** Finds frames that begin before `stop`; returns where the first byte is that is not decided. */
  #scan(bytes: Uint8Array, from: number, to: number, stop: number, isLast: boolean): number {
    let at = from
    while (at < stop) {
      const size = this.#shape.measure(bytes, at, to)
      if (size === 0 && !isLast && to - at < this.#shape.maxBytes) return at
      if (size > 0) {
        this.#tell()
        this.frames += 1
        this.#receiver.frame(bytes, at, at + size)
      } else this.#skipping += size === 0 ? 1 : -size
      at += size === 0 ? 1 : Math.abs(size)
    }
    return at
  }

  #tell(): void {
    if (this.#skipping === 0) return
    this.skipped += this.#skipping
    this.resyncs += 1
    this.#receiver.skipped(this.#skipping)
    this.#skipping = 0
  }
}
