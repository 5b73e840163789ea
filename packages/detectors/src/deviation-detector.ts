import type { Detector, Samples, Snapshot } from '@messwerk/core/model'
import { type ChannelPlan, checkSamples, outFor } from './channel-plan.ts'
import { contributions } from './contributions.ts'
import type { LearnedScans, Normal } from './normal.ts'

/** Larger values are scored but not learned: their squares would overflow, and one such reading would blind the channel. */
const LEARNABLE = 1e150
/** Deviations below this part of the centre are rounding, not movement. */
const ROUNDING = 1e-12
/** A deviation needs two scans. */
const READY = 2

/** @internal */
export interface DeviationDetectorParts {
  /** As in messages. */
  readonly factory: string
  readonly plan: ChannelPlan
  readonly normal: Normal
  /** Seconds passed, from a snapshot. */
  readonly clock?: number
  readonly snapshot: (state: Record<string, unknown>) => Snapshot
}

/**
 * Scores a scan by its largest deviation from what is normal, in deviations: the part that `zScore` and `robustZ` share.
 *
 * @internal
 */
export class DeviationDetector implements Detector {
  readonly #factory: string
  readonly #plan: ChannelPlan
  readonly #normal: Normal
  readonly #snapshot: (state: Record<string, unknown>) => Snapshot
  /** Per used channel the deviation that scores 1; > 0. */
  readonly #scale: Float64Array
  readonly #row: Float64Array
  readonly #deviations: Float64Array
  #isStale = true
  #clock: number

  constructor(parts: DeviationDetectorParts) {
    const width = parts.plan.used.length
    this.#factory = parts.factory
    this.#plan = parts.plan
    this.#normal = parts.normal
    this.#snapshot = parts.snapshot
    this.#clock = parts.clock ?? 0
    this.#scale = new Float64Array(width)
    this.#row = new Float64Array(width)
    this.#deviations = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#normal.count >= READY
  }

  fit(samples: Samples): void {
    checkSamples(this.#factory, this.#plan.names, samples)
    this.#clock = 0
    this.#normal.fit(this.#learnable(samples))
    this.#isStale = true
  }

  update(samples: Samples): void {
    checkSamples(this.#factory, this.#plan.names, samples)
    for (let i = 0; i < samples.length; i += 1) {
      this.#tick(samples, i)
      this.#learn(samples, i)
    }
  }

  score(samples: Samples, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    const scores = outFor(this.#factory, samples.length, out)
    const { length, values } = samples
    scores.fill(this.ready ? 0 : Number.NaN, 0, length)
    if (!this.ready) return scores
    this.#refresh()
    for (let u = 0; u < this.#scale.length; u += 1) {
      const start = this.#plan.used[u]! * length
      raiseTo(scores, values.subarray(start, start + length), this.#normal.center[u]!, this.#scale[u]!)
    }
    for (let i = 0; i < length; i += 1) scores[i] = Math.min(scores[i]!, Number.MAX_VALUE)
    return scores
  }

  process(samples: Samples, admit?: (score: number, scan: number) => boolean, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    const scores = outFor(this.#factory, samples.length, out)
    for (let i = 0; i < samples.length; i += 1) {
      this.#tick(samples, i)
      const score = this.#scoreOne(samples, i)
      scores[i] = score
      if (admit === undefined || admit(score, i)) this.#learn(samples, i)
    }
    return scores
  }

  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    if (!(Number.isInteger(scan) && scan >= 0 && scan < samples.length))
      throw new RangeError(`${this.#factory}: scan must be one of the ${samples.length} of the samples, got ${scan}`)
    const width = this.#plan.names.length
    const shares = outFor(this.#factory, width, out)
    const score = this.#scoreOne(samples, scan)
    shares.fill(Number.isNaN(score) ? score : 0, 0, width)
    if (!Number.isNaN(score)) contributions(this.#deviations, this.#plan.used, shares)
    return shares
  }

  band(limit: number, out?: Float64Array): Float64Array {
    const width = this.#plan.names.length
    const ends = outFor(this.#factory, 2 * width, out)
    ends.fill(Number.NaN, 0, 2 * width)
    if (!this.ready) return ends
    this.#refresh()
    for (let u = 0; u < this.#scale.length; u += 1) {
      ends[this.#plan.used[u]!] = this.#normal.center[u]! - limit * this.#scale[u]!
      ends[width + this.#plan.used[u]!] = this.#normal.center[u]! + limit * this.#scale[u]!
    }
    return ends
  }

  snapshot(): Snapshot {
    const state = this.#normal.state()
    state.channels = this.#plan.names.slice()
    state.used = Array.from(this.#plan.used, (c) => this.#plan.names[c]!)
    state.resolutions = this.#plan.resolutions.slice()
    state.clock = this.#clock
    return this.#snapshot(state)
  }

  /** Largest deviation of one scan; leaves those of all channels in `#deviations`. */
  #scoreOne(samples: Samples, scan: number): number {
    if (!this.ready) return Number.NaN
    this.#refresh()
    const { length, values } = samples
    const { center } = this.#normal
    let score = 0
    for (let u = 0; u < this.#scale.length; u += 1) {
      const z = deviationOf(values[this.#plan.used[u]! * length + scan]!, center[u]!, this.#scale[u]!)
      this.#deviations[u] = Math.min(z, Number.MAX_VALUE)
      score = Math.max(score, z)
    }
    return Math.min(score, Number.MAX_VALUE)
  }

  #refresh(): void {
    if (!this.#isStale) return
    this.#normal.refresh()
    const { center, deviation } = this.#normal
    for (let u = 0; u < this.#scale.length; u += 1)
      this.#scale[u] = scaleOf(deviation[u]!, center[u]!, this.#plan.floors[u]!)
    this.#isStale = false
  }

  #tick(samples: Samples, scan: number): void {
    const { seconds } = samples
    this.#clock = typeof seconds === 'number' ? this.#clock + seconds : seconds[scan]!
  }

  /** Leaves the scan in `#row`; false where it cannot be learned. */
  #read(samples: Samples, scan: number): boolean {
    const { used } = this.#plan
    let isLearnable = true
    for (let u = 0; u < used.length; u += 1) {
      // + 0 makes -0 to 0: which of the two a median is would depend on the order of the rows.
      const x = samples.values[used[u]! * samples.length + scan]! + 0
      isLearnable = isLearnable && x <= LEARNABLE && x >= -LEARNABLE
      this.#row[u] = x
    }
    return isLearnable
  }

  #learn(samples: Samples, scan: number): void {
    if (!this.#read(samples, scan)) return
    this.#normal.learn(this.#row, this.#clock)
    this.#isStale = true
  }

  #learnable(samples: Samples): LearnedScans {
    const width = this.#row.length
    const rows = new Float64Array(width * samples.length)
    const seconds = new Float64Array(samples.length)
    let length = 0
    for (let i = 0; i < samples.length; i += 1) {
      this.#tick(samples, i)
      if (!this.#read(samples, i)) continue
      rows.set(this.#row, length * width)
      seconds[length] = this.#clock
      length += 1
    }
    return { length, rows: rows.subarray(0, length * width), seconds: seconds.subarray(0, length) }
  }
}

/** Not finite in, NaN out: x - x is 0 for what is finite and NaN for the rest. */
function deviationOf(x: number, center: number, scale: number): number {
  return Math.abs(x - center) / scale + (x - x)
}

function raiseTo(scores: Float64Array, column: Float64Array, center: number, scale: number): void {
  for (let i = 0; i < column.length; i += 1) scores[i] = Math.max(scores[i]!, deviationOf(column[i]!, center, scale))
}

/**
 * The deviation that scores 1: never less than the floor, than rounding of the centre, nor 0. A channel that has only ever been 0
 * gets 1e-12, so that its score is huge when it moves, and finite.
 */
function scaleOf(deviation: number, center: number, floor: number): number {
  const scale = Math.max(deviation, floor, ROUNDING * Math.abs(center))
  return scale > 0 ? scale : ROUNDING
}
