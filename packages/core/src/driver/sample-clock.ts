// Over 200 lines: numbering, holding back and times share all of their state.
import { ArrivalEnvelope } from './arrival-envelope.ts'
import type { ClockMemory } from './clock-memory.ts'
import { Rejoin } from './rejoin.ts'
import type { SampleClockOptions } from './sample-clock-options.ts'
import type { ScanTimes } from './scan-times.ts'
import { type Step, StepWatch } from './step-watch.ts'

/** Largest change of the period by which times are led to the fit: 0.2 %. */
const SLEW = 2e-3
/** The same in the first seconds, while the earliest arrivals are still to come: 2 % for 5 s. */
const FIRST_SLEW = 2e-2
const FIRST = 5000
/** From this error on times jump (forward only), ms. */
const JUMP = 100
/** Arrivals that are earlier than expected by more than this have another origin: the host was suspended, ms. */
const EARLY = 20
/** A number of missing scans that is not certain makes times uncertain for so long, nominal ms. */
const UNCERTAIN = 20_000
/** Least that a line must have seen to be believed across an interruption, ms. */
const SEEN = 1000
/** Points by which another clock finds the line again. */
const REMEMBERED = 48
/** Delays that vary by less are a simulation's or the device's own, ms. */
const EXACT = 2e-3

/**
 * A clock for devices that put no time on their scans: the number of the scan is the truth, its time is fitted.
 *
 * Start and period are fitted to the earliest arrivals: transport only ever delays. A delay that stays is scans that
 * are missing: `missing = round(step / period)`. A delay that passes (a stall) is not. While that is open, `unsettled`
 * is true and scans are best held back, so that the gap stands before the right scan.
 *
 * The constant part of the transport's delay cannot be seen: times are those of arrival on the fastest way. Against
 * that, at 24 kHz under 16 ms of jitter, with stalls and a crystal that is 80 ppm off, they were 24 us off at p50 and 119 us
 * at p99 (a scan is 42 us) from 15 s on, in 9 of 10 runs at most 42 us at p50. A step is declared once chance would not make it in 10^9 trials and its number of scans is
 * clear or will not become clearer, after 0.5 s at the least. One that arrivals show as a delay above 20 ms (and 3 periods)
 * stands before the right scan, a smaller one up to 11 s later. Under 0.3 ms of jitter losses from 3 scans on were
 * counted exactly up to 24 kHz; `npx tsx scripts/clock-limits.ts` prints the table for other rates, jitters and losses.
 * After an `interrupt` of 5 s the number was at most 1 scan off at 12 kHz under 1 ms of jitter.
 * Not seen: single scans where packets come in step with the scans, or under jitter of many periods.
 *
 * @throws RangeError from the constructor when the rate is not a positive number
 *
 * @example
 * ```ts
 * import { SampleClock } from '@messwerk/core/driver'
 *
 * const clock = new SampleClock({ rate: 100 })
 * for (let i = 1; i <= 100; i += 1) clock.arrive(10, i * 100)          // 10 scans every 100 ms
 * for (let i = 1; i <= 20; i += 1) clock.arrive(10, 12_000 + i * 100)  // 2 s of silence, then as before
 * clock.takeMissing() // => 200
 * ```
 */
export class SampleClock {
  /** Nominal scans per second, Hz. */
  readonly rate: number
  readonly #period: number
  readonly #holdMs: number
  readonly #counted: boolean
  readonly #envelope = new ArrivalEnvelope()
  readonly #watch: StepWatch
  #index = 0
  #found = 0
  #within = 0
  /** Number of the scan from which on it is forgotten that a number of missing scans was uncertain. */
  #certainFrom = 0
  #rejoin: Rejoin | undefined
  /** Whether packets were in step with the scans in the clock that is remembered, until there is enough of one's own. */
  #wasInStep: boolean | undefined
  #beginnings = 0
  #last = 0
  #packet = 0
  /** Scans in a packet, on average, where nothing is held up. */
  #usual = 0
  /** Share of packets with as many scans as the one before. */
  #alike = 0
  #heldSince = Number.NaN
  #heldArrivals = 0
  #heldFrom = 0
  /** Smallest delay of what is held, ms. */
  #late = 0
  /** By how much times may be early from the scans held at the end on: arrivals were late, and nobody knows why. Unit: ms. */
  #doubt = 0
  /** Whether what was held up arrives, faster than it is measured; the number of the scan behind it. */
  #isBurst = false
  #behindBurst = Number.NaN
  #foundBefore = Number.NaN
  #released = false
  #nextIndex = -1
  #nextTime = 0

  constructor({ rate, settleMs = 500, holdMs = 3000, counted = false, memory }: SampleClockOptions) {
    if (!(rate > 0 && Number.isFinite(rate))) {
      throw new RangeError(`SampleClock: rate must be a positive number of scans per second (Hz), got ${rate}`)
    }
    this.rate = rate
    this.#period = 1000 / rate
    this.#holdMs = holdMs
    this.#counted = counted
    this.#watch = new StepWatch(this.#period, settleMs, 0.9 * holdMs, this.#holdAbove)
    if (memory) this.#recall(memory)
  }

  /** Number of the scan that comes next, missing ones counted. */
  get index(): number {
    return this.#index
  }

  /** Whether a delay may still turn out to be missing scans: hold back what arrives. */
  get unsettled(): boolean {
    if (this.#rejoin) return true
    return !this.#counted && !Number.isNaN(this.#heldSince) && !this.#released
  }

  /** How far the period is from the nominal one, parts per million. */
  get ppm(): number {
    return this.#envelope.slope * 1e6
  }

  /** How often its line has begun anew: what was remembered before is of no use then. */
  get beginnings(): number {
    return this.#beginnings
  }

  /** What another clock needs to go on with this line; undefined where there is none yet. */
  remember(): ClockMemory | undefined {
    const arrivals = this.#envelope.lowest(REMEMBERED).map(([x, y]) => [Math.round(x / this.#period), x + y] as const)
    if (arrivals.length === 0) return undefined
    return { next: this.#index, arrivals, isInStep: this.#wasInStep ?? this.#inStep }
  }

  /** Whether that many scans, arriving now, would come so late that some may be missing before them. */
  suspects(scans: number, at: number): boolean {
    if (this.#counted || this.#rejoin) return false
    return this.#envelope.known && this.#excess(this.#index + scans - 1, at) > this.#holdAbove
  }

  /** Number of the scan that is due at a time, ms; a fraction. By the nominal period where nothing is known yet. */
  due(at: number): number {
    if (!this.#envelope.known) return this.#index + (at - this.#last) / this.#period
    return (at - this.#envelope.at(0)) / (1 + this.#envelope.slope) / this.#period
  }

  /**
   * Nothing is received for a while, and the device measures on. What is missing then is decided within the first second
   * after it, in which `unsettled` is true; where losses are `counted`, the caller tells it.
   *
   * @returns whether enough is known to count it; else begin with another clock
   */
  interrupt(): boolean {
    this.settle()
    this.#doubt = 0
    this.#watch.clear()
    if (this.#counted) return true
    this.#rejoin = undefined
    if (!this.#envelope.known || this.#envelope.span < SEEN) return false
    this.#rejoin = new Rejoin(this.#period)
    return true
  }

  /**
   * Whether the last scans that arrived had been held up: a buffer that ran over has lost what came behind them, so begin
   * another block with the next.
   */
  get bursts(): boolean {
    return this.#isBurst
  }

  /** Scans arrived. @param at - ms */
  arrive(scans: number, at: number): void {
    if (scans <= 0) return
    const since = at - this.#last
    this.#index += scans
    this.#last = at
    this.#alike += ((scans === this.#packet ? 1 : 0) - this.#alike) / 32
    this.#packet = scans
    const x = (this.#index - 1) * this.#period
    const excess = this.#envelope.known ? at - x - this.#envelope.at(x) : 0
    if (this.#rejoin) return this.#rejoins(this.#rejoin, excess, x, at)
    if (excess < -Math.max(EARLY, 3 * this.#period)) this.#beginAnew()
    this.#hold(excess, at)
    this.#follow(scans, since)
    if (excess <= this.#holdAbove || this.#released) this.#envelope.add(x, at - x)
    if (this.#counted) return
    this.#watch.add(x, at - x, at, Math.max(0, excess), this.#envelope.slope)
    const step = this.#watch.find(at, this.#envelope, this.#inStep)
    if (step) this.#declare(step)
  }

  /** Known to be missing before the next scan, for example because its frame was damaged. */
  skip(scans: number): void {
    this.#index += scans
  }

  /**
   * Decides what is open by what is known: nothing more will come. A delay that has not lasted for long enough to be a loss is
   * none; whether it was makes the times of the scans that were held back uncertain.
   */
  settle(): void {
    if (this.#rejoin) {
      const inStep = this.#wasInStep ?? this.#inStep
      return this.#rejoined(this.#rejoin.decide((this.#index - 1) * this.#period, this.#envelope, inStep))
    }
    if (Number.isNaN(this.#heldSince)) return
    const step = this.#watch.settle(this.#last, this.#envelope, this.#inStep)
    if (step) this.#declare(step)
    else this.#doubt = this.#late
    this.#heldSince = Number.NaN
  }

  /** Scans found to be missing since the last call: before those held back, else before the next one. */
  takeMissing(): number {
    const found = this.#found
    this.#found = 0
    return found
  }

  /**
   * Number of the scan in front of which those found last were missing, without them; NaN where it is in front of all that
   * were held back.
   */
  get missingBefore(): number {
    return this.#foundBefore
  }

  /** How far the number found last may be off, ± scans; infinite where it could not be counted. */
  get missingWithin(): number {
    return this.#within
  }

  /**
   * Times of `count` scans from number `first` on; strictly later than all that were given before.
   *
   * Times follow the fit slowly, by at most 0.2 % of the period, and jump only forward.
   */
  times(first: number, count: number): ScanTimes {
    const period = this.#period * (1 + this.#envelope.slope)
    const target = first * this.#period + this.#envelope.at(first * this.#period) - this.#lag
    const goesOn = first === this.#nextIndex
    const error = goesOn ? target - this.#nextTime : 0
    const start =
      goesOn && error < JUMP ? this.#nextTime : Math.max(target, this.#nextIndex < 0 ? target : this.#nextTime)
    const most = first * this.#period < FIRST ? FIRST_SLEW : SLEW
    const slewed = period * (1 + Math.max(-most, Math.min(most, (target - start) / (count * period))))
    this.#nextIndex = first + count
    this.#nextTime = start + count * slewed
    const deviation = this.#envelope.deviation((first + count) * this.#period)
    // packets are in step with the scans or not: that may be one scan
    const miscounted = first < this.#certainFrom && Number.isFinite(this.#within) ? this.#within * this.#period : 0
    const doubt = first + count > this.#heldFrom ? this.#doubt : 0
    const uncertainty = Math.abs(target - start) + 6 * deviation + this.#envelope.bend + miscounted + this.#period
    return { start, period: slewed, uncertainty: uncertainty + doubt }
  }

  /** By how much the line is late, where packets leave at any time between two scans. */
  get #lag(): number {
    return this.#inStep ? 0 : this.#envelope.lag(this.#period)
  }

  get #holdAbove(): number {
    return Math.max(20, 3 * this.#period)
  }

  /**
   * Whether a host that collects at a fixed beat may be in step with the scans: all packets are alike. Then one scan less
   * or more is the crystal's, not a loss. Beats are faster than slow devices scan; times without any jitter are not a
   * host's.
   */
  get #inStep(): boolean {
    return this.#alike > 0.8 && (this.#packet > 1 || this.#period < 2) && this.#watch.quantile(0.5) > EXACT
  }

  #excess(index: number, at: number): number {
    const x = index * this.#period
    return at - x - this.#envelope.at(x)
  }

  #hold(excess: number, at: number): void {
    if (excess <= this.#holdAbove) {
      this.#heldSince = Number.NaN
      this.#released = false
    } else if (Number.isNaN(this.#heldSince)) {
      this.#heldSince = at
      this.#heldFrom = this.#index - this.#packet
      this.#late = excess
      this.#heldArrivals = 0
      this.#released = false
    } else {
      this.#late = Math.min(this.#late, excess)
      if (++this.#heldArrivals > 6 && at - this.#heldSince > this.#holdMs) this.#released = true
    }
  }

  #rejoins(rejoin: Rejoin, excess: number, x: number, at: number): void {
    rejoin.add(excess, at)
    const step = rejoin.find(x, at, this.#envelope, this.#wasInStep ?? this.#inStep)
    if (step) this.#rejoined(step)
  }

  #rejoined(step: Step | undefined): void {
    this.#rejoin = undefined
    this.#wasInStep = undefined
    this.#heldSince = Number.NaN
    if (!step) return
    this.#find(step)
    if (!Number.isFinite(step.within)) this.#beginAnew()
  }

  /** Keeps track of where what was held up ends. */
  #follow(scans: number, since: number): void {
    const isHeld = !Number.isNaN(this.#heldSince)
    const isFirst = isHeld && this.#heldArrivals === 0
    if (!isHeld) this.#usual += (scans - this.#usual) / 16
    const usual = isFirst ? Math.max(this.#holdAbove, 3 * this.#usual * this.#period) : 2 * (since + this.#period)
    this.#isBurst = isHeld && (isFirst || this.#isBurst) && scans * this.#period > usual
    if (this.#isBurst) this.#behindBurst = this.#index
    else if (isFirst || !isHeld) this.#behindBurst = Number.NaN
  }

  #find({ scans, within }: Step): void {
    this.#foundBefore = this.#behindBurst
    this.#behindBurst = Number.NaN
    this.#isBurst = false
    this.#index += scans
    this.#found += scans
    this.#within = within
    this.#certainFrom = this.#index + UNCERTAIN / this.#period
  }

  #declare(step: Step): void {
    const { scans, after } = step
    this.#find(step)
    this.#heldSince = Number.NaN
    this.#envelope.shift(after + this.#period / 2, scans * this.#period)
    this.#watch.clear()
  }

  #recall({ next, arrivals, isInStep }: ClockMemory): void {
    this.#index = next
    this.#last = arrivals.at(-1)?.[1] ?? 0
    this.#wasInStep = isInStep
    this.#envelope.recall(arrivals.map(([scan, at]) => [scan * this.#period, at - scan * this.#period]))
  }

  #beginAnew(): void {
    this.#beginnings += 1
    this.#envelope.clear()
    this.#watch.clear()
  }
}
