import type { Block } from '../model/block.ts'
import type { Detector } from '../model/detector.ts'
import type { Samples } from '../model/samples.ts'
import type { Threshold } from '../model/threshold.ts'
import { DetectCalibration } from './detect-calibration.ts'
import type { DetectClock } from './detect-clock.ts'
import type { DetectFloor } from './detect-floor.ts'
import type { DetectPage } from './detect-page.ts'
import type { DetectRules } from './detect-plan.ts'
import type { JudgeState } from './detect-state.ts'

/** @internal */
export interface DetectJudgeParts {
  readonly plan: DetectRules
  readonly page: DetectPage
  readonly clock: DetectClock
  readonly floor: DetectFloor | undefined
  /** How many channels the detector uses. */
  readonly width: number
  readonly hasBand: boolean
}

/** Decides on scores, explains them, and writes both down. @internal */
export class DetectJudge {
  readonly #rules: DetectRules
  readonly #page: DetectPage
  readonly #clock: DetectClock
  readonly #floor: DetectFloor | undefined
  readonly #shares: Float64Array
  readonly #band: Float64Array
  readonly #deviations: Float64Array
  readonly #explainsRaised: boolean
  readonly #explainsAll: boolean
  /** Whether bands may differ from one scan to the next. */
  readonly #adapts: boolean
  threshold: Threshold | undefined
  /** Scans whose shares are still to be asked for, of a detector that answers later. */
  readonly unexplained: number[] = []
  #calibration: DetectCalibration | undefined
  #detector: Detector | undefined
  #block: Block | undefined
  #samples: Samples | undefined
  /** Scan of the block at which `#samples` begin. */
  #from = 0
  /** Limit that `#band` was last asked for, while the detector learns nothing; NaN = none. */
  #bandLimit = Number.NaN

  constructor({ plan, page, clock, floor, width, hasBand }: DetectJudgeParts) {
    this.#rules = plan
    this.#page = page
    this.#clock = clock
    this.#floor = floor
    this.#explainsRaised = plan.explain !== 'never'
    this.#explainsAll = plan.explain === 'all'
    this.#adapts = plan.adapts
    this.#shares = new Float64Array(width)
    this.#band = new Float64Array(hasBand ? 2 * width : 0)
    this.#deviations = new Float64Array(plan.deviations ? width : 0)
    this.start()
  }

  /** With a threshold in its first state. */
  start(): void {
    const { threshold, calibration } = this.#rules
    this.threshold = threshold?.create()
    this.#calibration = calibration && new DetectCalibration(calibration)
    this.forget()
  }

  /** Scans are missing before the next one. */
  gap(): void {
    this.threshold?.gap?.()
    this.#calibration?.gap()
  }

  /** The scores that follow are of these scans, which begin at scan `from` of the block. */
  meet(block: Block, detector: Detector | undefined, samples: Samples, from: number): void {
    this.#block = block
    this.#detector = detector
    this.#samples = samples
    this.#from = from
  }

  /** The detector is another one, or has learned something. */
  forget(): void {
    this.#bandLimit = Number.NaN
    this.#floor?.forget()
  }

  /** The verdict on a scan; 0 without a threshold. */
  judge(score: number, scan: number): number {
    const verdict = this.threshold === undefined ? 0 : this.#decide(this.threshold, score, scan)
    if (this.#calibration !== undefined) this.#calibrate(this.#calibration, score, scan)
    if (Number.isNaN(score)) return verdict
    if (verdict > 0 ? this.#explainsRaised : this.#explainsAll) this.#explain(scan)
    if (this.#deviations.length > 0) this.#deviate(scan)
    return verdict
  }

  /** What it has to say of itself. */
  progress(): string {
    if (this.#calibration !== undefined) return this.#calibration.progress()
    const summary = this.threshold?.summary
    return summary === undefined ? 'live' : `live, ${summary}`
  }

  snapshot(): JudgeState {
    return { threshold: this.threshold?.snapshot(), calibration: this.#calibration?.snapshot() }
  }

  /**
   * Goes on with verdicts that may be of another model: limits stay, with a raised verdict; what was calibrated on the scores of
   * another one does not.
   */
  restore({ threshold, calibration }: JudgeState, isOther: boolean): void {
    const { threshold: spec, calibration: span } = this.#rules
    this.start()
    if (isOther && !(spec?.kind === 'limits' && threshold?.kind === 'limits')) return
    if (threshold && spec) this.threshold = spec.restore(threshold)
    // k of n, and delays that run, count scores of one model
    if (isOther) this.threshold?.gap?.()
    if (span === undefined || isOther) return
    if (calibration === undefined) this.#calibration = undefined
    else this.#calibration?.restore(calibration)
  }

  #calibrate(calibration: DetectCalibration, score: number, scan: number): void {
    if (calibration.take(score, this.#block!, scan, this.#clock, this.threshold!)) this.#calibration = undefined
  }

  #decide(threshold: Threshold, score: number, scan: number): number {
    const { values, limit, flag } = this.#page
    values[limit + scan] = threshold.limit
    const verdict = threshold.decide(this.#floored(score, scan), this.#clock.seconds(scan))
    values[flag + scan] = verdict
    return verdict
  }

  /** What too small a change causes is as good as no score. */
  #floored(score: number, scan: number): number {
    if (this.#floor === undefined || !(score > 0)) return score
    if (this.#adapts || this.#detector!.sequential) this.#floor.forget()
    return this.#floor.isReached(this.#detector!, this.#samples!, scan - this.#from) ? score : 0
  }

  #deviate(scan: number): void {
    const deviations = this.#detector!.deviations!(this.#samples!, scan - this.#from, this.#deviations)
    this.#page.writeDeviations(scan, deviations)
  }

  #explain(scan: number): void {
    if (this.#detector === undefined) {
      this.unexplained.push(scan)
      return
    }
    const page = this.#page
    const detector = this.#detector!
    page.writeShares(scan, detector.explain(this.#samples!, scan - this.#from, this.#shares))
    if (this.#band.length === 0) return
    const limit = page.values[page.limit + scan]!
    if (this.#adapts || detector.sequential || limit !== this.#bandLimit) detector.band!(limit, this.#band)
    this.#bandLimit = limit
    page.writeBand(scan, this.#band)
  }
}
