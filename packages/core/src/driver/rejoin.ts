import type { ArrivalEnvelope } from './arrival-envelope.ts'
import type { Step } from './step-watch.ts'

/** Decided after so long where the number is clear by then, and after so long in any case, ms. */
const SOON = 300
const LATEST = 900
/** Arrivals before it is decided. */
const LEAST = 4
/** Smallest delays that are kept: how far they are apart tells how far the edge below them is. */
const LOWEST = 8
/** Of the distance between the lowest and the last of them: the lowest from the edge, on average. */
const ABOVE = 0.4
/** How fast a crystal may change while nobody looks, per ms of it. */
const DRIFT = 2e-6

/**
 * Counts what is missing after an interruption: how much later scans come than the line of before says, by the smallest
 * delays of the first second.
 *
 * @internal
 */
export class Rejoin {
  readonly #period: number
  /** Delays above the line, smallest first, ms. */
  readonly #lowest = new Float64Array(LOWEST).fill(Number.POSITIVE_INFINITY)
  #count = 0
  #since = Number.NaN

  /** @param period - of a scan, ms */
  constructor(period: number) {
    this.#period = period
  }

  /** An arrival. @param excess - delay above the line, ms */
  add(excess: number, at: number): void {
    if (this.#count === 0) this.#since = at
    this.#count += 1
    const lowest = this.#lowest
    if (excess >= (lowest[LOWEST - 1] as number)) return
    let i = LOWEST - 1
    for (; i > 0 && (lowest[i - 1] as number) > excess; i -= 1) lowest[i] = lowest[i - 1] as number
    lowest[i] = excess
  }

  /**
   * What is missing, once it is clear, or late enough.
   *
   * @param x - nominal time of the last arrival, ms
   * @param inStep - whether packets are in step with the scans: then they may slip by one
   */
  find(x: number, at: number, envelope: ArrivalEnvelope, inStep: boolean): Step | undefined {
    const lasted = at - this.#since
    if (this.#count < LEAST || lasted < Math.max(SOON, 3 * this.#period)) return undefined
    const step = this.decide(x, envelope, inStep)
    return step && (step.within === 0 || lasted >= LATEST) ? step : undefined
  }

  /** The same with what there is; undefined when nothing came. */
  decide(x: number, envelope: ArrivalEnvelope, inStep: boolean): Step | undefined {
    if (this.#count === 0) return undefined
    const period = this.#period * (1 + envelope.slope)
    const lowest = this.#lowest[0] as number
    const most = Math.min(LOWEST, (1 + this.#count) >> 1)
    const reach = (this.#lowest[most - 1] as number) - lowest
    const above = ABOVE * reach
    const scans = Math.round((lowest - above + envelope.lag(this.#period)) / period)
    const deviation = envelope.deviation(x + Math.max(0, lowest))
    const unknown =
      (inStep || this.#count < LEAST ? period : 0) + 1.5 * above + 4 * deviation + DRIFT * Math.abs(lowest)
    const within = Math.floor(unknown / period + 0.5)
    return scans < 0 ? { scans: 0, within: Number.POSITIVE_INFINITY, after: x } : { scans, within, after: x }
  }
}
