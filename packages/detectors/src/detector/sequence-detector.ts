import type { Detector, Samples, Snapshot } from '@messwerk/core/model'
import { bandOf } from './band-of.ts'
import { type ChannelPlan, checkSamples, checkScan, outFor, planState, spread } from './channel-plan.ts'
import { ScanReader } from './scan-reader.ts'
import type { SequenceModel } from './sequence-model.ts'
import type { SnapshotReader } from './snapshot-reader.ts'
import { spreadDeviations } from './spread-deviations.ts'

/** @internal */
export interface SequenceDetectorParts {
  /** As in messages. */
  readonly factory: string
  readonly plan: ChannelPlan
  readonly model: SequenceModel
  /** Seconds passed, from a snapshot. */
  readonly clock?: number
  /** Makes the snapshot from the state of channels, clock and model. */
  readonly snapshot: (state: Record<string, unknown>) => Snapshot
  /** Reads such a snapshot. @throws SnapshotIncompatibleError when it is of another kind, version or setting */
  readonly reader: (snapshot: Snapshot) => SnapshotReader
}

/**
 * The detector contract around a model whose score depends on the scans before. `score` and `explain` look ahead from where it stands
 * and go back; `process` and `update` move it along.
 *
 * @internal
 */
export class SequenceDetector implements Detector {
  readonly sequential = true
  readonly #factory: string
  readonly #plan: ChannelPlan
  readonly #model: SequenceModel
  readonly #snapshot: (state: Record<string, unknown>) => Snapshot
  readonly #reader: ScanReader
  readonly #shares: Float64Array
  /** The scan that `process` stands at, while it asks whether to learn it, and its score. */
  #asked: Samples | undefined
  #askedScan = 0
  #askedScore = Number.NaN
  readonly band?: (limit: number, out?: Float64Array) => Float64Array
  readonly deviations?: (samples: Samples, scan: number, out?: Float64Array) => Float64Array
  readonly place?: () => Snapshot
  readonly goTo?: (place: Snapshot) => void

  constructor({ factory, plan, model, clock = 0, snapshot, reader }: SequenceDetectorParts) {
    this.#factory = factory
    this.#plan = plan
    this.#model = model
    this.#snapshot = snapshot
    this.#reader = new ScanReader(plan.used, clock)
    this.#shares = new Float64Array(plan.used.length)
    if (model.band) this.band = (limit, out) => bandOf(factory, plan, model, limit, out)
    if (model.deviations) this.deviations = (samples, scan, out) => this.#told(samples, scan, out, this.#deviationsOf)
    if (model.place && model.goTo) {
      this.place = () => this.#snapshot(Object.assign(model.place!(), { clock: this.#reader.seconds }))
      this.goTo = (place) => this.#goTo(reader(place))
    }
  }

  get ready(): boolean {
    return this.#model.ready
  }

  gap(): void {
    this.#model.gap()
  }

  fit(samples: Samples): void {
    checkSamples(this.#factory, this.#plan.names, samples)
    this.#model.fit(this.#reader.learnable(samples, this.#model.fitsPartial))
  }

  update(samples: Samples): void {
    this.process(samples)
  }

  score(samples: Samples, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    const scores = outFor(this.#factory, samples.length, out)
    this.#ahead(() => {
      for (let i = 0; i < samples.length; i += 1) scores[i] = this.#advance(samples, i)
    })
    return scores
  }

  process(samples: Samples, admit?: (score: number, scan: number) => boolean, out?: Float64Array): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    const scores = outFor(this.#factory, samples.length, out)
    for (let i = 0; i < samples.length; i += 1) {
      const score = this.#advance(samples, i)
      scores[i] = score
      if (admit !== undefined && !this.#ask(admit, samples, i, score)) continue
      if (this.#reader.read(samples, i) && this.#reader.isLearnable)
        this.#model.learn(this.#reader.row, this.#reader.seconds)
    }
    return scores
  }

  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    return this.#told(samples, scan, out, this.#sharesOf)
  }

  snapshot(): Snapshot {
    return this.#snapshot(Object.assign(this.#model.state(), planState(this.#plan), { clock: this.#reader.seconds }))
  }

  #goTo(place: SnapshotReader): void {
    const seconds = place.number('clock')
    this.#model.goTo!(place)
    this.#reader.seconds = seconds
  }

  #ahead(look: () => void): void {
    const { seconds } = this.#reader
    this.#model.mark()
    try {
      look()
    } finally {
      this.#model.back()
      this.#reader.seconds = seconds
    }
  }

  /** What `tell` makes of a scan: where `process` stands at it, as it stands, elsewhere looking ahead. */
  #told(
    samples: Samples,
    scan: number,
    out: Float64Array | undefined,
    tell: (score: number, to: Float64Array) => Float64Array
  ): Float64Array {
    checkSamples(this.#factory, this.#plan.names, samples)
    checkScan(this.#factory, samples, scan)
    const to = outFor(this.#factory, this.#plan.names.length, out)
    if (this.#asked === samples && this.#askedScan === scan) return tell(this.#askedScore, to)
    this.#ahead(() => {
      let score = Number.NaN
      for (let i = 0; i <= scan; i += 1) score = this.#advance(samples, i)
      tell(score, to)
    })
    return to
  }

  #ask(admit: (score: number, scan: number) => boolean, samples: Samples, scan: number, score: number): boolean {
    this.#asked = samples
    this.#askedScan = scan
    this.#askedScore = score
    try {
      return admit(score, scan)
    } finally {
      this.#asked = undefined
    }
  }

  #advance(samples: Samples, scan: number): number {
    this.#reader.tick(samples, scan)
    const { row, seconds } = this.#reader
    if (this.#reader.read(samples, scan)) {
      const score = this.#model.advance(row, seconds)
      // biome-ignore lint/complexity/useMathMinMax: the bits of the NaN that Math.min returns differ from run to run
      return score > Number.MAX_VALUE ? Number.MAX_VALUE : score
    }
    this.#model.skip(seconds)
    return Number.NaN
  }

  readonly #sharesOf = (score: number, shares: Float64Array): Float64Array => {
    shares.fill(Number.isNaN(score) ? score : 0, 0, this.#plan.names.length)
    if (Number.isNaN(score)) return shares
    this.#model.explain(score, this.#shares)
    return spread(this.#shares, this.#plan.used, shares)
  }

  readonly #deviationsOf = (score: number, deviations: Float64Array): Float64Array => {
    const width = this.#plan.names.length
    if (Number.isNaN(score)) return deviations.fill(score, 0, width)
    this.#model.deviations!(this.#shares)
    return spreadDeviations(this.#shares, this.#plan.used, width, deviations)
  }
}
