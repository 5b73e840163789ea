import type { AsyncDetector } from '../model/async-detector.ts'
import type { Block } from '../model/block.ts'
import type { Samples } from '../model/samples.ts'
import type { Stream } from '../model/stream.ts'
import { DetectChannels } from './detect-channels.ts'
import { DetectClock } from './detect-clock.ts'
import { DetectJudge } from './detect-judge.ts'
import { DetectLookBack } from './detect-look-back.ts'
import { DetectPage } from './detect-page.ts'
import type { LaterPlan } from './detect-plan.ts'
import { checkState, type DetectState, isOtherModel } from './detect-state.ts'

/** Scoring by a detector that answers later, and deciding, for one stream. One block at a time. @internal */
export class DetectLater {
  readonly output: Stream
  readonly #plan: LaterPlan
  readonly #detector: AsyncDetector
  readonly #channels: DetectChannels
  readonly #clock = new DetectClock()
  readonly #page: DetectPage
  readonly #judge: DetectJudge
  readonly #before: DetectLookBack
  readonly #secondsOf = (scan: number): number => this.#clock.seconds(scan)

  constructor(plan: LaterPlan, stream: Stream, detector: AsyncDetector) {
    this.#plan = plan
    this.#detector = detector
    this.#channels = new DetectChannels(stream, plan.spec.channels)
    const used = this.#channels.channels
    const { as, model, isSwapped } = plan
    const hasLimit = isSwapped || plan.threshold !== undefined
    const hasShares = plan.explain !== 'never'
    const layout = { stream, as, used, hasLimit, hasShares, hasBand: false, hasDeviations: false, model }
    this.#page = new DetectPage(layout)
    const parts = { plan, page: this.#page, clock: this.#clock, floor: undefined, width: used.length, hasBand: false }
    this.#judge = new DetectJudge(parts)
    this.#before = new DetectLookBack(detector.lookBack, used.length)
    this.output = this.#page.output
  }

  async process(block: Block, signal: AbortSignal): Promise<Block> {
    if (block.gap !== undefined) {
      this.#before.clear()
      this.#judge.gap()
    }
    this.#clock.meet(block)
    this.#page.open(block)
    const before = this.#before.count
    const samples = this.#before.join(this.#channels.samples(block, 0, this.#clock), this.#secondsOf)
    this.#take(await this.#detector.score(samples, signal), before, block.length)
    this.#judgeAll(block, samples)
    this.#before.keep(samples, this.#secondsOf)
    await this.#explain(samples, before, signal)
    return this.#page.close(block)
  }

  progress(): string {
    return this.#judge.progress()
  }

  snapshot(): DetectState {
    const { threshold, calibration } = this.#judge.snapshot()
    return {
      version: 1,
      channels: this.#channels.names.slice(),
      origin: this.#clock.snapshot(),
      model: this.#plan.model,
      threshold,
      calibration,
      before: this.#before.snapshot()
    }
  }

  restore(state: DetectState): void {
    const { version, channels, origin, model, before } = state
    checkState(version, channels, this.#channels.names)
    this.#clock.restore(origin)
    this.#judge.restore(state, isOtherModel(model, this.#plan.model))
    this.#before.restore(before)
  }

  #take(scores: Float64Array, before: number, length: number): void {
    if (scores.length === before + length) return this.#page.scores(0).set(scores.subarray(before))
    throw new RangeError(
      `detect: '${this.#plan.spec.kind}' must give one score a scan, ${before + length}, got ${scores.length}`
    )
  }

  #judgeAll(block: Block, samples: Samples): void {
    const { threshold, explain } = this.#plan
    if (threshold === undefined && explain !== 'all') return
    this.#judge.meet(block, undefined, samples, 0)
    const { values, score } = this.#page
    for (let i = 0; i < block.length; i += 1) this.#judge.judge(values[score + i]!, i)
  }

  /** Asks for the shares of the scans that want them. */
  async #explain(samples: Samples, before: number, signal: AbortSignal): Promise<void> {
    const scans = this.#judge.unexplained
    if (this.#detector.explain !== undefined) {
      for (const scan of scans) {
        this.#page.writeShares(scan, await this.#detector.explain(samples, before + scan, signal))
      }
    }
    scans.length = 0
  }
}
