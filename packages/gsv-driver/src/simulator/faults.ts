import { Noise } from './noise.ts'

/**
 * A fault of a simulated channel.
 *
 * - `spike`, `shift`: `size` is added; `drift`: grows from 0 to `size`; `noise`: normal noise of that standard deviation
 *   is added; `stuck`: the value of the first scan stays (no `size`)
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
  readonly kind: 'spike' | 'shift' | 'drift' | 'stuck' | 'noise'
  /** Channel of the device, from 1, or its name. */
  readonly channel: number | string
  /** Number of the first scan since the transmission was first started. @defaultValue the next one */
  readonly at?: number
  /** Scans. @defaultValue 1 */
  readonly for?: number
  /** In the unit of the channel. @defaultValue 0 */
  readonly size?: number
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
}

interface Injected extends FaultLabel {
  readonly column: number
  readonly noise: Noise
  stuckAt: number
}

/** The injected faults of a simulated amplifier, applied scan by scan. @internal */
export class Faults {
  readonly #all: Injected[] = []
  #first = Number.POSITIVE_INFINITY
  #last = 0

  /** The truth, in the order of injection. */
  get labels(): FaultLabel[] {
    return this.#all.map(({ kind, channel, from, to, size }) => ({ kind, channel, from, to, size }))
  }

  add(label: FaultLabel, column: number, seed: number): void {
    this.#all.push({ ...label, column, noise: new Noise(seed + 7919 * (this.#all.length + 1)), stuckAt: Number.NaN })
    this.#first = Math.min(this.#first, label.from)
    this.#last = Math.max(this.#last, label.to)
  }

  /** Changes the values of one scan. */
  apply(values: Float64Array, scan: number): void {
    if (scan < this.#first || scan >= this.#last) return
    for (const fault of this.#all) if (scan >= fault.from && scan < fault.to) change(fault, values, scan)
  }
}

function change(fault: Injected, values: Float64Array, scan: number): void {
  const { kind, column, size, from, to } = fault
  const value = values[column] as number
  if (kind === 'stuck') {
    if (Number.isNaN(fault.stuckAt)) fault.stuckAt = value
    values[column] = fault.stuckAt
  } else if (kind === 'drift') values[column] = value + (size * (scan + 1 - from)) / (to - from)
  else if (kind === 'noise') values[column] = value + size * fault.noise.next()
  else values[column] = value + size
}
