import type { Block } from '../model/block.ts'
import { calibrationScores } from '../model/calibration-scores.ts'
import type { Detector } from '../model/detector.ts'
import type { Kernel } from '../model/kernel.ts'
import type { Samples } from '../model/samples.ts'
import type { Stream } from '../model/stream.ts'
import { DetectChannels } from './detect-channels.ts'
import { DetectClock } from './detect-clock.ts'
import { DetectFloor } from './detect-floor.ts'
import { DetectJudge } from './detect-judge.ts'
import { DetectLearning } from './detect-learning.ts'
import { DetectPage } from './detect-page.ts'
import { type DetectPlan, learnedTooLittle, noDeviations, notReady } from './detect-plan.ts'
import { DetectRebase } from './detect-rebase.ts'
import { checkState, type DetectState, isOtherModel } from './detect-state.ts'

/** Learning, scoring and deciding for one stream. @internal */
export class DetectKernel implements Kernel {
  readonly output: Stream
  readonly #plan: DetectPlan
  readonly #channels: DetectChannels
  readonly #page: DetectPage
  readonly #clock = new DetectClock()
  readonly #floor: DetectFloor | undefined
  readonly #rebase: DetectRebase | undefined
  readonly #judge: DetectJudge
  readonly #good: Pick<DetectChannels, 'isGood'> | undefined
  #detector: Detector
  #learning: DetectLearning | undefined
  #block: Block | undefined
  /** Scan of the block at which the scans begin that are being scored. */
  #from = 0
  /** Next scan to be judged. */
  #next = 0
  /** What the detector learns anew before it scores another scan. */
  #newNormal: Samples | undefined

  /** @param good - tells which scans are good to learn from at first, where other channels have a say in it */
  constructor(plan: DetectPlan, stream: Stream, good?: Pick<DetectChannels, 'isGood'>) {
    this.#plan = plan
    this.#good = good
    this.#channels = new DetectChannels(stream, plan.spec.channels)
    const used = this.#channels.channels
    this.#detector = plan.spec.create(used)
    const hasDeviations = plan.deviations
    if (hasDeviations && this.#detector.deviations === undefined) throw noDeviations(plan.spec)
    if (plan.minChange !== undefined)
      this.#floor = new DetectFloor(plan.minChange, this.#channels, plan, this.#detector)
    if (plan.rebase !== undefined) this.#rebase = new DetectRebase(plan.rebase, this.#channels)
    const { as, model, isSwapped } = plan
    const hasLimit = isSwapped || plan.threshold !== undefined
    const hasShares = plan.explain !== 'never'
    const hasBand = !isSwapped && hasLimit && hasShares && this.#detector.band !== undefined
    this.#page = new DetectPage({ stream, as, used, hasLimit, hasShares, hasBand, hasDeviations, model })
    const parts = { plan, page: this.#page, clock: this.#clock, floor: this.#floor, width: used.length, hasBand }
    this.#judge = new DetectJudge(parts)
    this.#learning = this.#startLearning()
    this.output = this.#page.output
  }

  process(block: Block): Block {
    if (this.#plan.learn === 'never' && !this.#detector.ready) throw notReady(this.#plan.spec)
    if (block.gap !== undefined) {
      this.#learning?.gap()
      this.#rebase?.gap()
      this.#detector.gap?.()
      this.#judge.gap()
    }
    this.#clock.meet(block)
    this.#page.open(block)
    this.#block = block
    this.#next = 0
    let at = this.#learning === undefined ? 0 : this.#learn(block)
    while (at < block.length) at = this.#scoreFrom(at, block)
    this.#block = undefined
    return this.#page.close(block)
  }

  relearn(): void {
    const { learn, calibration } = this.#plan
    if (learn !== 'never' || calibration !== undefined) this.#judge.start()
    if (learn === 'never') return
    this.#detector = this.#plan.spec.create(this.#channels.channels)
    this.#learning = this.#startLearning()
    this.#rebase?.clear()
  }

  progress(): string {
    if (this.#learning) return this.#learning.progress()
    if (!this.#detector.ready) return 'learning'
    return this.#judge.progress()
  }

  snapshot(): DetectState {
    const { threshold, calibration } = this.#judge.snapshot()
    const place = this.#movesOn && !this.#learns ? this.#detector.place?.() : undefined
    return {
      version: 1,
      channels: this.#channels.names.slice(),
      origin: this.#clock.snapshot(),
      model: this.#plan.model,
      learning: this.#learning?.snapshot(),
      detector: this.#movesOn && place === undefined ? this.#detector.snapshot() : undefined,
      place,
      threshold,
      calibration,
      rebase: this.#rebase?.snapshot(),
      center: this.#floor?.snapshot()
    }
  }

  /** Whether what the detector knows is not all in the file of its model. */
  get #movesOn(): boolean {
    return this.#learning === undefined && (this.#learns || this.#detector.sequential === true)
  }

  get #learns(): boolean {
    return this.#plan.model === undefined || this.#plan.adapts
  }

  restore(state: unknown): void {
    const { version, channels, origin, model, learning, detector, place, rebase, center } = (state ?? {}) as DetectState
    checkState(version, channels, this.#channels.names)
    this.relearn()
    this.#clock.restore(origin)
    const isOther = isOtherModel(model, this.#plan.model)
    this.#judge.restore(state as DetectState, isOther)
    if (isOther) return
    if (place) this.#detector.goTo?.(place)
    if (detector) {
      this.#detector = this.#plan.spec.restore(detector)
      this.#learning = undefined
    } else if (learning !== undefined) this.#learning?.restore(learning)
    this.#rebase?.restore(rebase)
    this.#floor?.restore(center)
    this.#judge.forget()
  }

  #startLearning(): DetectLearning | undefined {
    const { learn } = this.#plan
    return typeof learn === 'object' ? new DetectLearning(learn, this.#channels, this.#good) : undefined
  }

  /** Returns how many scans went into learning; none of them has a score. */
  #learn(block: Block): number {
    const learning = this.#learning!
    const taken = learning.take(block, this.#clock)
    this.#page.values.fill(Number.NaN, this.#page.score, this.#page.score + taken)
    this.#skipTo(taken)
    if (!learning.isFull) return taken
    this.#fit(learning.samples())
    if (!this.#plan.adapts && !this.#detector.ready) throw learnedTooLittle(this.#plan.spec, learning.scans)
    this.#learning = undefined
    return taken
  }

  #fit(samples: Samples): void {
    const { spec, adapts, threshold } = this.#plan
    if (threshold?.calibrates) {
      const { detector, scores, seconds } = calibrationScores(spec, this.#channels.channels, samples, { adapts })
      this.#detector = detector
      this.#judge.threshold!.calibrate?.(scores, seconds)
    } else this.#detector.fit(samples)
    this.#floor?.learn(samples)
  }

  /** Returns where to go on: behind the block, or, when the detector has learned anew, behind the scan where it did. */
  #scoreFrom(from: number, block: Block): number {
    const samples = this.#channels.samples(block, from, this.#clock)
    const scores = this.#page.scores(from)
    this.#from = from
    this.#judge.meet(block, this.#detector, samples, from)
    if (this.#plan.adapts || this.#detector.sequential) {
      this.#detector.process(samples, this.#plan.adapts ? this.#admit : this.#watch, scores)
      if (!this.#newNormal) this.#skipTo(block.length)
    } else {
      this.#detector.score(samples, scores)
      const { threshold, explain, deviations } = this.#plan
      if (threshold !== undefined || explain === 'all' || deviations) this.#judgeAll(scores, from)
      else this.#next = block.length
    }
    if (this.#newNormal) this.#moveTo(this.#newNormal)
    return this.#next
  }

  /** Whether an adapting detector learns a scan: it is normal, or nothing is known yet. */
  readonly #admit = (score: number, scan: number): boolean => {
    // What follows a new normal is scored again, by a detector that knows it.
    if (this.#newNormal) return false
    const at = this.#from + scan
    this.#skipTo(at)
    if (this.#newNormal) return false
    const verdict = this.#judgeNext(score)
    if (Number.isNaN(score)) return !this.#detector.ready && this.#channels.isGood(this.#block!, at)
    // At or over the limit is not normal, also while the delay of the threshold still runs.
    const { threshold } = this.#judge
    return verdict === 0 && !(threshold !== undefined && score >= (threshold.learnBelow ?? threshold.limit))
  }

  /** Judges a scan of a detector that moves along with the scans and no longer learns. */
  readonly #watch = (score: number, scan: number): boolean => {
    this.#admit(score, scan)
    return false
  }

  /** Judges the scans up to `scan` (not included) that have no score. */
  #skipTo(scan: number): void {
    while (this.#next < scan && !this.#newNormal) this.#judgeNext(Number.NaN)
  }

  #judgeAll(scores: Float64Array, from: number): void {
    for (let i = 0; i < scores.length && !this.#newNormal; i += 1) {
      this.#next = from + i
      this.#judgeNext(scores[i]!)
    }
  }

  #judgeNext(score: number): number {
    const scan = this.#next
    this.#next = scan + 1
    const verdict = this.#judge.judge(score, scan)
    if (this.#rebase === undefined) return verdict
    if (verdict === 2) this.#newNormal = this.#rebase.take(this.#block!, scan, this.#clock)
    else this.#rebase.clear()
    return verdict
  }

  /** A level that has lasted is normal from now on. */
  #moveTo(samples: Samples): void {
    this.#newNormal = undefined
    const detector = this.#plan.spec.create(this.#channels.channels)
    detector.fit(samples)
    if (!detector.ready) throw learnedTooLittle(this.#plan.spec, samples.length, 'rebase')
    this.#detector = detector
    this.#floor?.learn(samples)
    this.#judge.forget()
    const { threshold } = this.#plan
    if (this.#judge.threshold?.reset) this.#judge.threshold.reset()
    else if (!threshold?.calibrates) this.#judge.threshold = threshold?.create()
  }
}
