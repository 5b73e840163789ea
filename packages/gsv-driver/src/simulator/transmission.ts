import type { Faults } from './faults.ts'
import { SentLog } from './sent-log.ts'
import type { Signal } from './signal.ts'
import { WireNoise } from './wire-noise.ts'

interface Range {
  readonly from: number
  to: number
}

/** Frames that were written, and how many scans they stand for. @internal */
export interface Written {
  readonly bytes: Uint8Array
  readonly scans: number
}

/** Writes measured values as a model does. @internal */
export interface FrameWriter {
  /** Most bytes of a frame. */
  readonly longest: number
  /** Scans in a frame. */
  readonly scans: number
  /**
   * Writes what a frame carries.
   *
   * @param values - of all inputs, scan by scan: `inputs` values each; may be changed
   * @returns where the frame ends
   */
  write(view: DataView, bytes: Uint8Array, at: number, values: Float64Array, scan: number): number
}

/**
 * Measures, makes the bytes of measured frames, and leaves out or damages those that are to be lost or damaged.
 *
 * @internal
 */
export class Transmission {
  /** Number of the next scan: scans measured since the transmission was first started, written or not. */
  sent = 0
  writer: FrameWriter
  readonly log = new SentLog()
  readonly wire = new WireNoise()
  readonly #signal: Signal
  readonly #faults: Faults
  readonly #inputs: number
  readonly #losses: Range[] = []
  readonly #damages: Range[] = []
  #values: Float64Array
  #scan: Float64Array
  #out = new Uint8Array(0)
  #view = new DataView(this.#out.buffer)

  constructor(writer: FrameWriter, signal: Signal, faults: Faults, inputs: number) {
    this.writer = writer
    this.#signal = signal
    this.#faults = faults
    this.#inputs = inputs
    this.#values = new Float64Array(inputs)
    this.#scan = new Float64Array(inputs)
  }

  /** Scans that were not written though the transmission was on. */
  get lost(): number {
    return this.log.lost
  }

  /** Where the zero of an input lies: its steady value. */
  steady(input: number): number {
    return this.#signal.steady(input)
  }

  /** Physical values of the inputs in the last scan, before the device changed them. */
  get last(): Float64Array {
    return this.#scan
  }

  lose(from: number, count: number): void {
    const last = this.#losses.at(-1)
    if (last?.to === from) last.to = from + count
    else this.#losses.push({ from, to: from + count })
  }

  damage(from: number, count: number): void {
    this.#damages.push({ from, to: from + count })
  }

  /** Measures scans that nobody gets. */
  skip(count: number, fate: 'lost' | 'silent'): void {
    this.log.add(this.sent, count, fate)
    this.sent += count
  }

  /**
   * Measures up to `most` scans and writes their frames, which are whole; stops early where a loss begins or ends, so
   * that frames before and after it never lie in one piece. The bytes are overwritten by the next call.
   */
  write(most: number): Written {
    const { longest, scans: perFrame } = this.writer
    const wanted = Math.floor(most / perFrame)
    if (this.#out.length < wanted * longest) {
      this.#out = new Uint8Array(wanted * longest)
      this.#view = new DataView(this.#out.buffer)
    }
    if (this.#values.length !== perFrame * this.#inputs) this.#values = new Float64Array(perFrame * this.#inputs)
    const first = this.sent
    const isLosing = this.#isLost(first, perFrame)
    let end = 0
    let frames = 0
    while (frames < wanted && this.#isLost(this.sent, perFrame) === isLosing) {
      this.#measure(perFrame)
      if (!isLosing) end = this.#frame(end)
      this.sent += perFrame
      frames += 1
    }
    const scans = this.sent - first
    this.log.add(first, scans, isLosing ? 'lost' : 'written')
    const length = this.wire.damage(this.#out, end, first, frames === 0 ? 1 : end / frames, perFrame, this.log)
    return { bytes: this.#out.subarray(0, length), scans }
  }

  /** One measured frame outside the count, as the device sends before anybody started it. */
  single(): Uint8Array {
    this.#resize()
    this.#measure(this.writer.scans)
    const end = this.writer.write(this.#view, this.#out, 0, this.#values, this.sent)
    return this.#out.slice(0, end)
  }

  #resize(): void {
    const { longest, scans } = this.writer
    if (this.#out.length < longest) {
      this.#out = new Uint8Array(longest)
      this.#view = new DataView(this.#out.buffer)
    }
    if (this.#values.length !== scans * this.#inputs) this.#values = new Float64Array(scans * this.#inputs)
  }

  #measure(scans: number): void {
    const scan = this.#scan
    for (let i = 0; i < scans; i += 1) {
      this.#signal.fill(scan, this.sent + i)
      this.#faults.apply(scan, this.sent + i)
      this.#values.set(scan, i * this.#inputs)
    }
  }

  #frame(at: number): number {
    const end = this.writer.write(this.#view, this.#out, at, this.#values, this.sent)
    // A wrong suffix: what damage on the line looks like to a receiver without checksums.
    if (this.#damages.length > 0 && overlaps(this.#damages, this.sent, this.writer.scans)) {
      this.#out[end - 1] = (this.#out[end - 1] as number) ^ 1
      this.log.damaged(this.sent, this.writer.scans)
    }
    return end
  }

  #isLost(scan: number, count: number): boolean {
    return this.#losses.length > 0 && overlaps(this.#losses, scan, count)
  }
}

function overlaps(ranges: readonly Range[], scan: number, count: number): boolean {
  for (const { from, to } of ranges) if (scan + count > from && scan < to) return true
  return false
}
