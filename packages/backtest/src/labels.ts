import { type Block, timeOf } from '@messwerk/core/model'

/**
 * A span of time in which something is known to have been wrong.
 *
 * @example
 * ```ts
 * import type { Label } from '@messwerk/backtest'
 *
 * const leak: Label = { start: Date.UTC(2026, 2, 2, 8), end: Date.UTC(2026, 2, 2, 9), name: 'leak at the seal' }
 * leak.end - leak.start // => 3_600_000
 * ```
 */
export interface Label {
  /** ms since the Unix epoch. */
  readonly start: number
  /** ms since the Unix epoch, not before `start`. */
  readonly end: number
  readonly name?: string
  /** The stream that it is about. @defaultValue every stream */
  readonly stream?: string
}

/** Checks labels as they are given. @internal */
export function checkLabels(labels: readonly Label[]): readonly Label[] {
  labels.forEach(({ start, end }, i) => {
    if (!(Number.isFinite(start) && Number.isFinite(end) && end >= start))
      throw new RangeError(`backtest: labels[${i}] must end at or after its start, both in ms, got ${start} to ${end}`)
  })
  return labels.toSorted((a, b) => a.start - b.start)
}

/** Collects the spans in which a channel of truth is not 0, stream by stream. @internal */
export class LabelChannel {
  readonly #channel: string
  readonly #open = new Map<string, { start: number; end: number }>()
  readonly #closed: Label[] = []

  constructor(channel: string) {
    this.#channel = channel
  }

  /** @throws RangeError when a stream has no such channel */
  take(block: Block): void {
    const { stream, values, length } = block
    const from = stream.index(this.#channel) * length
    if (block.gap !== undefined) this.#close(stream.id)
    for (let i = 0; i < length; i += 1) {
      // NaN says nothing: what was so stays so.
      if (values[from + i] === 0) this.#close(stream.id)
      else if (Math.abs(values[from + i]!) > 0) this.#extend(stream.id, timeOf(block, i))
    }
  }

  get labels(): readonly Label[] {
    for (const stream of this.#open.keys()) this.#close(stream)
    return this.#closed.toSorted((a, b) => a.start - b.start)
  }

  #extend(stream: string, at: number): void {
    const open = this.#open.get(stream)
    if (open) open.end = at
    else this.#open.set(stream, { start: at, end: at })
  }

  #close(stream: string): void {
    const open = this.#open.get(stream)
    if (open === undefined) return
    this.#open.delete(stream)
    this.#closed.push({ start: open.start, end: open.end, stream })
  }
}
