import type { Block } from '../model/block.ts'
import type { Detector } from '../model/detector.ts'
import { SnapshotIncompatibleError } from '../model/errors.ts'
import type { Kernel } from '../model/kernel.ts'
import type { Samples } from '../model/samples.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Stream } from '../model/stream.ts'
import type { Threshold } from '../model/threshold.ts'
import { DetectChannels } from './detect-channels.ts'
import { DetectClock } from './detect-clock.ts'
import { DetectLearning } from './detect-learning.ts'
import { DetectPage } from './detect-page.ts'
import { type DetectPlan, learnedTooLittle, notReady } from './detect-plan.ts'

interface DetectState {
  readonly version: 1
  readonly channels: readonly string[]
  readonly origin: string | undefined
  readonly learning: unknown
  readonly detector: Snapshot | undefined
  readonly threshold: Snapshot | undefined
}

/** Learning, scoring and deciding for one stream. @internal */
export class DetectKernel implements Kernel {
  readonly output: Stream
  readonly #plan: DetectPlan
  readonly #channels: DetectChannels
  readonly #page: DetectPage
  readonly #shares: Float64Array
  readonly #band: Float64Array
  readonly #clock = new DetectClock()
  readonly #explainsRaised: boolean
  readonly #explainsAll: boolean
  #detector: Detector
  #threshold: Threshold | undefined
  #learning: DetectLearning | undefined
  #block: Block | undefined
  #samples: Samples | undefined
  /** Scan of the block at which `#samples` begin. */
  #from = 0
  /** Next scan to be judged. */
  #next = 0
  /** Limit that `#band` was last asked for, while the detector learns nothing; NaN = none. */
  #bandLimit = Number.NaN

  constructor(plan: DetectPlan, stream: Stream) {
    this.#plan = plan
    this.#channels = new DetectChannels(stream, plan.spec.channels)
    const used = this.#channels.channels
    this.#detector = plan.spec.create(used)
    this.#threshold = plan.threshold?.create()
    this.#learning = this.#startLearning()
    const hasLimit = plan.threshold !== undefined
    const hasShares = plan.explain !== 'never'
    this.#explainsRaised = hasShares
    this.#explainsAll = plan.explain === 'all'
    const hasBand = hasLimit && hasShares && this.#detector.band !== undefined
    this.#page = new DetectPage({ stream, as: plan.as, used, hasLimit, hasShares, hasBand })
    this.#shares = new Float64Array(used.length)
    this.#band = new Float64Array(hasBand ? 2 * used.length : 0)
    this.output = this.#page.output
  }

  process(block: Block): Block {
    if (this.#plan.learn === 'never' && !this.#detector.ready) throw notReady(this.#plan.spec)
    if (block.gap !== undefined) {
      this.#learning?.gap()
      this.#threshold?.gap?.()
    }
    this.#clock.meet(block)
    this.#page.open(block)
    this.#block = block
    this.#next = 0
    const learned = this.#learning === undefined ? 0 : this.#learn(block)
    if (learned < block.length) this.#scoreFrom(learned, block)
    this.#block = this.#samples = undefined
    return this.#page.close(block)
  }

  relearn(): void {
    if (this.#plan.learn === 'never') return
    this.#detector = this.#plan.spec.create(this.#channels.channels)
    this.#threshold = this.#plan.threshold?.create()
    this.#learning = this.#startLearning()
    this.#bandLimit = Number.NaN
  }

  progress(): string {
    if (this.#learning) return this.#learning.progress()
    return this.#detector.ready ? 'live' : 'learning'
  }

  snapshot(): unknown {
    const state: DetectState = {
      version: 1,
      channels: this.#channels.names.slice(),
      origin: this.#clock.snapshot(),
      learning: this.#learning?.snapshot(),
      detector: this.#learning ? undefined : this.#detector.snapshot(),
      threshold: this.#threshold?.snapshot()
    }
    return state
  }

  restore(state: unknown): void {
    const { version, channels, origin, learning, detector, threshold } = (state ?? {}) as DetectState
    if (version !== 1) throw new SnapshotIncompatibleError('detect', `version ${String(version)}, expected 1`)
    if (channels.join() !== this.#channels.names.join()) {
      throw new SnapshotIncompatibleError(
        'detect',
        `it is of channels ${channels.join(', ')}, here are ${this.#channels.names.join(', ')}`
      )
    }
    this.relearn()
    this.#clock.restore(origin)
    if (detector) {
      this.#detector = this.#plan.spec.restore(detector)
      this.#learning = undefined
    } else if (learning !== undefined) this.#learning?.restore(learning)
    if (threshold && this.#plan.threshold) this.#threshold = this.#plan.threshold.restore(threshold)
    this.#bandLimit = Number.NaN
  }

  #startLearning(): DetectLearning | undefined {
    const { learn } = this.#plan
    return typeof learn === 'object' ? new DetectLearning(learn, this.#channels) : undefined
  }

  /** Returns how many scans went into learning; none of them has a score. */
  #learn(block: Block): number {
    const learning = this.#learning!
    const taken = learning.take(block, this.#clock)
    this.#page.values.fill(Number.NaN, this.#page.score, this.#page.score + taken)
    this.#skipTo(taken)
    if (!learning.isFull) return taken
    this.#detector.fit(learning.samples())
    if (!this.#plan.adapts && !this.#detector.ready) throw learnedTooLittle(this.#plan.spec, learning.scans)
    this.#learning = undefined
    return taken
  }

  #scoreFrom(from: number, block: Block): void {
    const samples = this.#channels.samples(block, from, this.#clock)
    const scores = this.#page.scores(from)
    this.#samples = samples
    this.#from = from
    if (this.#plan.adapts) {
      this.#detector.process(samples, this.#admit, scores)
      this.#skipTo(block.length)
      return
    }
    this.#detector.score(samples, scores)
    if (this.#threshold !== undefined || this.#plan.explain === 'all') this.#judgeAll(scores, from)
  }

  /** Whether an adapting detector learns a scan: it is normal, or nothing is known yet. */
  readonly #admit = (score: number, scan: number): boolean => {
    const at = this.#from + scan
    this.#skipTo(at)
    this.#next = at + 1
    const verdict = this.#judge(score, at)
    if (Number.isNaN(score)) return !this.#detector.ready && this.#channels.isGood(this.#block!, at)
    // At or over the limit is not normal, also while the delay of the threshold still runs.
    return verdict === 0 && !(this.#threshold !== undefined && score >= this.#threshold.limit)
  }

  /** Judges the scans up to `scan` (not included) that have no score. */
  #skipTo(scan: number): void {
    for (; this.#next < scan; this.#next += 1) this.#judge(Number.NaN, this.#next)
  }

  #judgeAll(scores: Float64Array, from: number): void {
    for (let i = 0; i < scores.length; i += 1) this.#judge(scores[i]!, from + i)
  }

  #judge(score: number, scan: number): number {
    const verdict = this.#threshold === undefined ? 0 : this.#decide(this.#threshold, score, scan)
    if ((verdict > 0 ? this.#explainsRaised : this.#explainsAll) && !Number.isNaN(score)) this.#explain(scan)
    return verdict
  }

  #decide(threshold: Threshold, score: number, scan: number): number {
    const { values, limit, flag } = this.#page
    values[limit + scan] = threshold.limit
    const verdict = threshold.decide(score, this.#clock.seconds(scan))
    values[flag + scan] = verdict
    return verdict
  }

  #explain(scan: number): void {
    const page = this.#page
    page.writeShares(scan, this.#detector.explain(this.#samples!, scan - this.#from, this.#shares))
    if (this.#band.length === 0) return
    const limit = page.values[page.limit + scan]!
    if (this.#plan.adapts || limit !== this.#bandLimit) this.#detector.band!(limit, this.#band)
    this.#bandLimit = limit
    page.writeBand(scan, this.#band)
  }
}
