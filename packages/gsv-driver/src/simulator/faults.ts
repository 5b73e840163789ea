import { Noise } from './noise.ts'

/**
 * A fault of a simulated channel.
 *
 * - `spike`, `shift`: `size` is added; `drift`: grows from 0 to `size`; `noise`: normal noise of that standard deviation
 *   is added; `stuck`: the value of the first scan stays (no `size`)
 * - `saturation`: the input is beyond its range, above it or with a negative `size` below, and frames say so;
 *   `broken-bridge`: the same above the range, and the device notices that the sensor is gone; `swap`: the sensors of this
 *   channel and of channel `with` are exchanged
 *
 * @example
 * ```ts
 * import type { Fault } from '@messwerk/gsv-driver/simulator'
 *
 * const fault: Fault = { kind: 'shift', channel: 2, at: 5000, for: 300, size: 12 }
 * fault.kind // => 'shift'
 * ```
 */
export interface Fault {
  readonly kind: 'spike' | 'shift' | 'drift' | 'stuck' | 'noise' | 'saturation' | 'broken-bridge' | 'swap'
  /** Channel of the device, from 1, or its name. */
  readonly channel: number | string
  /** Number of the first scan since the transmission was first started. @defaultValue the next one */
  readonly at?: number
  /** Scans. @defaultValue 1 */
  readonly for?: number
  /** In the unit of the channel. @defaultValue 0 */
  readonly size?: number
  /** The other channel of a `swap`: number or name. */
  readonly with?: number | string
}

/**
 * The truth about an injected fault, for judges.
 *
 * @example
 * ```ts
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv()
 * amplifier.inject({ kind: 'spike', channel: 'force_x', at: 100, size: 50 })
 * amplifier.labels // => [{ kind: 'spike', channel: 'force_x', from: 100, to: 101, size: 50 }]
 * ```
 */
export interface FaultLabel {
  readonly kind: Fault['kind']
  readonly channel: string
  /** Scans `from` to `to` (not included). */
  readonly from: number
  readonly to: number
  readonly size: number
  /** The other channel of a `swap`. */
  readonly with?: string
}

interface Injected extends FaultLabel {
  readonly column: number
  readonly other: number
  readonly noise: Noise
  stuckAt: number
}

/** Beyond the range of an input, as part of it. */
const BEYOND = 1.5

/** The injected faults of a simulated amplifier, applied scan by scan. @internal */
export class Faults {
  /** Told when a broken bridge begins, with its column. */
  broken: (column: number) => void = () => {}
  readonly #scales: ArrayLike<number>
  readonly #all: Injected[] = []
  #first = Number.POSITIVE_INFINITY
  #last = 0

  /** @param scales - physical values at the nominal range, one a channel */
  constructor(scales: ArrayLike<number> = []) {
    this.#scales = scales
  }

  /** The truth, in the order of injection. */
  get labels(): FaultLabel[] {
    return this.#all.map(({ kind, channel, from, to, size, with: other }) =>
      other === undefined ? { kind, channel, from, to, size } : { kind, channel, from, to, size, with: other }
    )
  }

  add(label: FaultLabel, column: number, seed: number, other = -1): void {
    const noise = new Noise(seed + 7919 * (this.#all.length + 1))
    this.#all.push({ ...label, column, other, noise, stuckAt: Number.NaN })
    this.#first = Math.min(this.#first, label.from)
    this.#last = Math.max(this.#last, label.to)
  }

  /** Columns whose bridge is broken in a scan, one bit each. */
  brokenIn(scan: number): number {
    let bits = 0
    for (const { kind, column, from, to } of this.#all)
      if (kind === 'broken-bridge' && scan >= from && scan < to) bits |= 1 << column
    return bits
  }

  /** Changes the values of one scan. */
  apply(values: Float64Array, scan: number): void {
    if (scan < this.#first || scan >= this.#last) return
    for (const fault of this.#all) if (scan >= fault.from && scan < fault.to) this.#change(fault, values, scan)
  }

  #change(fault: Injected, values: Float64Array, scan: number): void {
    const { kind, column, size, from, to } = fault
    const value = values[column] as number
    if (kind === 'stuck') {
      if (Number.isNaN(fault.stuckAt)) fault.stuckAt = value
      values[column] = fault.stuckAt
    } else if (kind === 'drift') values[column] = value + (size * (scan + 1 - from)) / (to - from)
    else if (kind === 'noise') values[column] = value + size * fault.noise.next()
    else if (kind === 'swap') this.#swap(values, column, fault.other)
    else if (kind === 'saturation') values[column] = BEYOND * this.#scale(column) * (size < 0 ? -1 : 1)
    else if (kind === 'broken-bridge') {
      values[column] = BEYOND * this.#scale(column)
      if (scan === from) this.broken(column)
    } else values[column] = value + size
  }

  /** Sensors give parts of their range, so values change by the ratio of the scales. */
  #swap(values: Float64Array, one: number, other: number): void {
    const part = (values[one] as number) / this.#scale(one)
    values[one] = ((values[other] as number) / this.#scale(other)) * this.#scale(one)
    values[other] = part * this.#scale(other)
  }

  #scale(column: number): number {
    return this.#scales[column] ?? 1000
  }
}
