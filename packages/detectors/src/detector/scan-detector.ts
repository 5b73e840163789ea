import type { Detector, Samples, Snapshot } from '@messwerk/core/model'
import { bandOf } from './band-of.ts'
import { type ChannelPlan, checkSamples, checkScan, outFor, planState, spread } from './channel-plan.ts'
import type { ScanModel } from './scan-model.ts'
import { ScanReader } from './scan-reader.ts'
import { spreadDeviations } from './spread-deviations.ts'

/** @internal */
export interface ScanDetectorParts {
  /** As in messages. */
  readonly factory: string
  readonly plan: ChannelPlan
  readonly model: ScanModel
  /** Seconds passed, from a snapshot. */
  readonly clock?: number
  /** Makes the snapshot from the state of channels, clock and model. */
  readonly snapshot: (state: Record<string, unknown>) => Snapshot
}

/**
 * The detector contract around a model that looks at one scan at a time: columns, values that are not finite, order of scoring and
 * learning, shares, snapshot.
 *
 * @internal
 */
export class ScanDetector implements Detector {
  readonly #factory: string
  readonly #plan: ChannelPlan
  readonly #model: ScanModel
  readonly #snapshot: (state: Record<string, unknown>) => Snapshot
  readonly #reader: ScanReader
  readonly #shares: Float64Array
  readonly band?: (limit: number, out?: Float64Array) => Float64Array
  readonly deviations?: (samples: Samples, scan: number, out?: Float64Array) => Float64Array

  constructor({ factory, plan, model, clock = 0, snapshot }: ScanDetectorParts) {
    this.#factory = factory
    this.#plan = plan
    this.#model = model
    this.#snapshot = snapshot
    this.#reader = new ScanReader(plan.used, clock)
    this.#shares = new Float64Array(plan.used.length)
    if (model.band) this.band = (limit, out) => bandOf(factory, plan, model, limit, out)
    if (model.deviations) this.deviations = (samples, scan, out) => this.#deviationsOf(samples, scan, out)
  }

  get ready(): boolean {
    return this.#model.ready
  }

  fit(samples: Samples): void {
    checkSamples(this.#factory, this.#plan.names, samples)
    this.#model.fit(this.#reader.learnable(samples, this.#model.fitsPartial))
  }

  update(samples: Samples): void {
    checkSamples(this.#factory, this.#plan.names, samples)
    for (let i = 0; i < samples.length; i += 1) {
      this.#reader.tick(samples, i)
      this.#reader.read(samples, i)
      this.#learn()
    }
  }

  score(samples: Samples, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    const scores = outFor(this.#factory, samples.length, out)
    const { length, values } = samples
    if (!this.ready) return scores.fill(Number.NaN, 0, length)
    if (this.#model.scoreAll === undefined) {
      for (let i = 0; i < length; i += 1) scores[i] = this.#scoreOf(samples, i)
      return scores
    }
    this.#model.scoreAll(values, length, this.#plan.used, scores)
    for (let i = 0; i < length; i += 1) scores[i] = Math.min(scores[i]!, Number.MAX_VALUE)
    return scores
  }

  process(samples: Samples, admit?: (score: number, scan: number) => boolean, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    const scores = outFor(this.#factory, samples.length, out)
    for (let i = 0; i < samples.length; i += 1) {
      this.#reader.tick(samples, i)
      const score = this.#scoreOf(samples, i)
      scores[i] = score
      if (admit !== undefined && !admit(score, i)) continue
      this.#reader.read(samples, i)
      this.#learn()
    }
    return scores
  }

  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    checkScan(this.#factory, samples, scan)
    const width = this.#plan.names.length
    const shares = outFor(this.#factory, width, out)
    const score = this.#scoreOf(samples, scan)
    shares.fill(Number.isNaN(score) ? score : 0, 0, width)
    if (Number.isNaN(score)) return shares
    this.#model.explain(this.#reader.row, score, this.#shares)
    return spread(this.#shares, this.#plan.used, shares)
  }

  snapshot(): Snapshot {
    return this.#snapshot(Object.assign(this.#model.state(), planState(this.#plan), { clock: this.#reader.seconds }))
  }

  #deviationsOf(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    checkScan(this.#factory, samples, scan)
    const width = this.#plan.names.length
    const deviations = outFor(this.#factory, width, out)
    if (!(this.#reader.read(samples, scan) && this.ready)) return deviations.fill(Number.NaN, 0, width)
    this.#model.deviations!(this.#reader.row, this.#shares)
    return spreadDeviations(this.#shares, this.#plan.used, width, deviations)
  }

  /** Leaves the scan in the row of the reader. */
  #scoreOf(samples: Samples, scan: number): number {
    if (!(this.#reader.read(samples, scan) && this.ready)) return Number.NaN
    return Math.min(this.#model.score(this.#reader.row), Number.MAX_VALUE)
  }

  #learn(): void {
    if (this.#reader.isLearnable) this.#model.learn(this.#reader.row, this.#reader.seconds)
  }
}
