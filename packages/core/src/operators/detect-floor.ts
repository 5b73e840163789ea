import type { Detector } from '../model/detector.ts'
import type { Samples } from '../model/samples.ts'
import type { DetectChannels } from './detect-channels.ts'
import type { DetectPlan } from './detect-plan.ts'

/** Least change of each channel, in its unit. @internal */
export type MinChange = number | Readonly<Record<string, number | undefined>>

/** @throws RangeError when it names a channel that is not used @internal */
export function checkNames(minChange: MinChange | undefined, names: readonly string[]): void {
  // of a number there are no keys
  const unknown = Object.keys(Object(minChange)).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new RangeError(
    `detect: minChange names '${unknown}', which the detector does not use; it uses: ${names.join(', ')}`
  )
}

/**
 * Tells whether a channel that has a part in a score has moved far enough from its normal centre for anyone to care.
 *
 * The centre is the middle of the detector's band; of what was learned the median, where it has none.
 *
 * @internal
 */
export class DetectFloor {
  readonly #least: Float64Array
  readonly #band: Float64Array | undefined
  readonly #center: Float64Array
  readonly #shares: Float64Array
  /** Whether `#center` is that of a detector that has not learned since. */
  #isKnown = false

  constructor(minChange: MinChange, { names }: DetectChannels, { spec, learn }: DetectPlan, detector: Detector) {
    this.#least = Float64Array.from(names, (name) =>
      typeof minChange === 'number' ? minChange : (minChange[name] ?? 0)
    )
    checkNames(minChange, names)
    if (detector.band === undefined && typeof learn !== 'object') {
      throw new RangeError(
        `detect: minChange needs a detector that knows a normal band, or learn to be a span such as '30s'; '${spec.kind}' knows none, and learn is '${learn}'`
      )
    }
    this.#band = detector.band === undefined ? undefined : new Float64Array(2 * names.length)
    this.#center = new Float64Array(names.length).fill(Number.NaN)
    this.#shares = new Float64Array(names.length)
  }

  /** These scans are the normal from now on. */
  learn({ values, length }: Samples): void {
    this.forget()
    if (this.#band !== undefined) return
    for (let c = 0; c < this.#center.length; c += 1) {
      const column = values.slice(c * length, (c + 1) * length).sort()
      this.#center[c] = (column[(length - 1) >> 1]! + column[length >> 1]!) / 2
    }
  }

  /** The detector has learned something. */
  forget(): void {
    this.#isKnown = false
  }

  /** Whether a channel with at least an even share of the score has moved by its least change. */
  isReached(detector: Detector, samples: Samples, scan: number): boolean {
    this.#look(detector)
    const width = this.#least.length
    let moved = 0
    for (let c = 0; c < width; c += 1) if (this.#hasMoved(samples, c, scan)) moved += 1
    if (moved === 0 || moved === width) return moved > 0
    const shares = detector.explain(samples, scan, this.#shares)
    let sum = 0
    for (let c = 0; c < width; c += 1) sum += shares[c]!
    for (let c = 0; c < width; c += 1) {
      if (shares[c]! * width >= sum && this.#hasMoved(samples, c, scan)) return true
    }
    return false
  }

  snapshot(): Float64Array {
    return this.#center.slice()
  }

  restore(center: Float64Array | undefined): void {
    if (center?.length === this.#center.length) this.#center.set(center)
    this.forget()
  }

  #hasMoved({ values, length }: Samples, c: number, scan: number): boolean {
    return Math.abs(values[c * length + scan]! - this.#center[c]!) >= this.#least[c]!
  }

  #look(detector: Detector): void {
    if (this.#isKnown || this.#band === undefined) return
    detector.band!(0, this.#band)
    const width = this.#center.length
    for (let c = 0; c < width; c += 1) this.#center[c] = this.#band[c]! / 2 + this.#band[width + c]! / 2
    this.#isKnown = true
  }
}
