import { eachRun } from './runs.ts'
import { checkLengths, countAnomalous, type Numbers } from './scored-rows.ts'

const STEPS = 250

/**
 * Options of {@link vusPr}.
 *
 * @example
 * ```ts
 * import type { VusPrOptions } from '@messwerk/detectors/evaluation'
 *
 * const options: VusPrOptions = { buffer: 100 }
 * options.buffer // => 100
 * ```
 */
export interface VusPrOptions {
  /** Widest buffer around an anomaly, in rows; {@link periodOf} the signal is usual. A whole number >= 0. */
  readonly buffer: number
}

/**
 * Volume under the surface of range-precision and range-recall over all buffers 0..`buffer`: PR-AUC for anomalies of some length,
 * which forgives a detection a little beside the labelled rows.
 *
 * For each buffer w the labels widen by w / 2 rows on both sides with weights sqrt(1 - distance / w). At 250 limits, evenly spaced
 * by rank: found = weights flagged, precision = found / flagged, recall = min(1, found / ((P + N) / 2)) x share of the widened
 * anomalies that are touched, with P anomalous rows and N = P + weights flagged outside of them. The result is the area under the
 * steps, averaged over w. A row without a score (NaN) ranks below every score.
 *
 * Cost: O(rows x buffer), memory O(rows).
 *
 * @param scores - higher is more anomalous
 * @param labels - 0 normal, anything else anomalous
 * @returns 0..1; NaN where no row is anomalous
 * @throws RangeError when the lengths differ or `buffer` is no whole number >= 0
 *
 * @example
 * ```ts
 * import { vusPr } from '@messwerk/detectors/evaluation'
 *
 * vusPr([0, 0, 0, 9, 9, 0, 0, 0], [0, 0, 0, 1, 1, 0, 0, 0], { buffer: 0 }) // => 1
 * ```
 *
 * Reference: J. Paparrizos et al., "Volume Under the Surface", VLDB 2022; the figures of TSB-AD's `RangeAUC_volume_opt`
 */
export function vusPr(scores: ArrayLike<number>, labels: ArrayLike<number>, { buffer }: VusPrOptions): number {
  checkLengths('vusPr', scores, labels)
  if (!Number.isInteger(buffer) || buffer < 0)
    throw new RangeError(`vusPr: buffer must be a whole number of rows >= 0, got ${String(buffer)}`)
  if (countAnomalous(labels) === 0) return Number.NaN
  const surface = new Surface(scores, labels)
  let sum = 0
  for (let width = 0; width <= buffer; width += 1) sum += surface.area(width)
  return sum / (buffer + 1)
}

class Surface {
  readonly #length: number
  /** The first of the limits at which a row is flagged. */
  readonly #step: Uint8Array
  /** Rows flagged at each limit. */
  readonly #flagged = new Float64Array(STEPS)
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #labels: Numbers
  readonly #anomalous: number
  readonly #weights: Float64Array

  constructor(scores: Numbers, labels: Numbers) {
    this.#length = scores.length
    this.#labels = labels
    this.#anomalous = countAnomalous(labels)
    this.#weights = new Float64Array(scores.length)
    this.#step = stepsOf(scores)
    for (const step of this.#step) this.#flagged[step]! += 1
    accumulate(this.#flagged)
    eachRun(labels, (first, last) => {
      this.#starts.push(first)
      this.#ends.push(last)
    })
  }

  /** Area under the steps of precision over recall, with this buffer. */
  area(width: number): number {
    const { found, outside } = this.#weighed(width)
    const touched = this.#touched(width)
    let area = 0
    let before = 0
    for (let k = 0; k < STEPS; k += 1) {
      const positives = (this.#anomalous + this.#anomalous + outside[k]!) / 2
      const recall = Math.min(found[k]! / positives, 1) * touched[k]!
      area += (recall - before) * (found[k]! / this.#flagged[k]!)
      before = recall
    }
    return area
  }

  /** Weights flagged at each limit: of all rows, and of rows beside the anomalies. */
  #weighed(width: number): { found: Float64Array; outside: Float64Array } {
    const found = new Float64Array(STEPS)
    const outside = new Float64Array(STEPS)
    this.#weights.fill(0)
    this.#starts.forEach((first, k) => {
      this.#widen(first, this.#ends[k]!, width)
    })
    for (let i = 0; i < this.#length; i += 1) {
      const weight = this.#labels[i]! === 0 ? Math.min(1, this.#weights[i]!) : 1
      if (weight === 0) continue
      found[this.#step[i]!]! += weight
      if (this.#labels[i]! === 0) outside[this.#step[i]!]! += weight
    }
    accumulate(found)
    accumulate(outside)
    return { found, outside }
  }

  #widen(first: number, last: number, width: number): void {
    const half = width >> 1
    const weights = this.#weights
    for (let i = Math.max(first - half, 0); i < first; i += 1) weights[i]! += Math.sqrt(1 - (first - i) / width)
    const end = Math.min(last + half, this.#length - 1)
    for (let i = last + 1; i <= end; i += 1) weights[i]! += Math.sqrt(1 - (i - last) / width)
  }

  /** Share of the widened anomalies that hold a flagged row, at each limit; those that meet count as one. */
  #touched(width: number): Float64Array {
    const half = width >> 1
    const touched = new Float64Array(STEPS)
    let count = 0
    for (let k = 0; k < this.#starts.length; count += 1) {
      const first = Math.max(this.#starts[k]! - half, 0)
      while (k + 1 < this.#starts.length && this.#ends[k]! + half >= this.#starts[k + 1]! - half) k += 1
      const last = Math.min(this.#ends[k]! + half, this.#length - 1)
      let earliest = STEPS
      for (let i = first; i <= last; i += 1) earliest = Math.min(earliest, this.#step[i]!)
      touched[earliest]! += 1
      k += 1
    }
    accumulate(touched)
    for (let k = 0; k < STEPS; k += 1) touched[k]! /= count
    return touched
  }
}

/** For each row the first of 250 limits, evenly spaced over the ranks, that its score reaches. */
function stepsOf(scores: Numbers): Uint8Array {
  const values = Float64Array.from(scores, (score) => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score))
  const sorted = values.slice().sort()
  const limits = new Float64Array(STEPS)
  const last = scores.length - 1
  for (let k = 0; k < STEPS; k += 1) limits[k] = sorted[last - Math.trunc((k * last) / (STEPS - 1))]!
  const steps = new Uint8Array(scores.length)
  for (let i = 0; i < scores.length; i += 1) {
    let low = 0
    let high = STEPS - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (values[i]! >= limits[middle]!) high = middle
      else low = middle + 1
    }
    steps[i] = low
  }
  return steps
}

function accumulate(values: Float64Array): void {
  for (let k = 1; k < values.length; k += 1) values[k]! += values[k - 1]!
}
