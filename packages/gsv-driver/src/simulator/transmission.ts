import { OVERLOAD } from '../codec/frame-layout.ts'
import { FrameFlag, type FrameLayout, frameBytes } from '../codec/index.ts'
import { writeMeasured } from '../codec/measured.ts'
import type { Faults } from './faults.ts'
import type { Signal } from './signal.ts'

interface Range {
  readonly from: number
  to: number
}

/** Frames that were written, and how many scans they stand for. @internal */
export interface Written {
  readonly bytes: Uint8Array
  readonly scans: number
}

/**
 * Makes the bytes of measured frames, and leaves out or damages those that are to be lost or damaged.
 *
 * @internal
 */
export class Transmission {
  /** Scans measured since the transmission was first started, whether written or not. */
  sent = 0
  /** Of these, the ones that were not written. */
  lost = 0
  layout: FrameLayout
  readonly #signal: Signal
  readonly #faults: Faults
  readonly #scale: Float64Array
  readonly #values: Float64Array
  readonly #losses: Range[] = []
  readonly #damages: Range[] = []
  #out = new Uint8Array(0)
  #view = new DataView(this.#out.buffer)

  constructor(layout: FrameLayout, signal: Signal, faults: Faults, scale: Float64Array) {
    this.layout = layout
    this.#signal = signal
    this.#faults = faults
    this.#scale = scale
    this.#values = new Float64Array(scale.length)
  }

  lose(from: number, count: number): void {
    const last = this.#losses.at(-1)
    if (last?.to === from) last.to = from + count
    else this.#losses.push({ from, to: from + count })
  }

  damage(from: number, count: number): void {
    this.#damages.push({ from, to: from + count })
  }

  /**
   * Measures up to `most` scans and writes their frames; stops early where a loss begins or ends, so that frames before
   * and after it never lie in one piece. The bytes are overwritten by the next call.
   */
  write(most: number): Written {
    const length = frameBytes(this.layout)
    if (this.#out.length < most * length) {
      this.#out = new Uint8Array(most * length)
      this.#view = new DataView(this.#out.buffer)
    }
    const losing = within(this.#losses, this.sent)
    const scans = Math.min(most, nextEdge(this.#losses, this.sent) - this.sent)
    let end = 0
    for (let i = 0; i < scans; i += 1) {
      this.#signal.fill(this.#values, this.sent)
      this.#faults.apply(this.#values, this.sent)
      if (!losing) {
        this.#frame(end)
        end += length
      }
      this.sent += 1
    }
    if (losing) this.lost += scans
    return { bytes: this.#out.subarray(0, end), scans }
  }

  /** One measured frame outside the count, as the device sends before anybody started it. */
  single(): Uint8Array {
    const before = this.sent
    const { bytes } = this.write(1)
    this.sent = before
    return bytes.slice()
  }

  #frame(at: number): void {
    let flags = 0
    const values = this.#values
    const physical = this.layout.dataType === 'float32'
    for (let c = 0; c < values.length; c += 1) {
      const scale = this.#scale[c] as number
      const part = (values[c] as number) / scale
      if (part > OVERLOAD || part < -OVERLOAD) {
        flags = FrameFlag.saturated
        values[c] = Math.sign(part) * OVERLOAD * (physical ? scale : 1)
      } else if (!physical) values[c] = part
    }
    writeMeasured(this.#view, this.#out, at, values, this.layout, 'offset', flags)
    // A wrong suffix: what damage on the line looks like to a receiver without checksums.
    if (this.#damages.length > 0 && within(this.#damages, this.sent)) {
      const last = at + frameBytes(this.layout) - 1
      this.#out[last] = 0x84
    }
  }
}

function within(ranges: readonly Range[], scan: number): boolean {
  return ranges.some(({ from, to }) => scan >= from && scan < to)
}

/** The next scan at which a range begins or ends. */
function nextEdge(ranges: readonly Range[], scan: number): number {
  let edge = Number.POSITIVE_INFINITY
  for (const { from, to } of ranges) {
    if (from > scan) edge = Math.min(edge, from)
    if (to > scan) edge = Math.min(edge, to)
  }
  return edge
}
