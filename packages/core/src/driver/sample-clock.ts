import { ArrivalEnvelope } from './arrival-envelope.ts'
import { type Step, StepWatch } from './step-watch.ts'

/**
 * Options of a {@link SampleClock}.
 *
 * @example
 * ```ts
 * import type { SampleClockOptions } from '@messwerk/core/driver'
 *
 * const options: SampleClockOptions = { rate: 1000 }
 * options.rate // => 1000
 * ```
 */
export interface SampleClockOptions {
  /** Nominal scans per second, Hz. */
  readonly rate: number
  /** How long a step must last before it counts as lost scans, ms. @defaultValue 500 */
  readonly settleMs?: number
  /** How long scans are held back at most while it is open whether some are missing, ms. @defaultValue 3000 */
  readonly holdMs?: number
}

/**
 * The times of consecutive scans, ms on the clock of the arrivals.
 *
 * @example
 * ```ts
 * import type { ScanTimes } from '@messwerk/core/driver'
 *
 * const times: ScanTimes = { start: 12.5, period: 1, uncertainty: 0.8 }
 * times.period // => 1
 * ```
 */
export interface ScanTimes {
  /** Time of the first scan. */
  readonly start: number
  /** From one scan to the next. */
  readonly period: number
  /** How far the times may be off, ±, but for the constant part of the transport's delay, which nobody can see. */
  readonly uncertainty: number
}

/** Largest change of the period by which times are led to the fit: 0.2 %. */
const SLEW = 2e-3
/** The same in the first seconds, while the earliest arrivals are still to come: 2 % for 5 s. */
const FIRST_SLEW = 2e-2
const FIRST = 5000
/** From this error on times jump (forward only), ms. */
const JUMP = 100
/** Arrivals that are earlier than expected by more than this have another origin: the host was suspended, ms. */
const EARLY = 20
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
 * that, at 24 kHz under 16 ms of jitter, with stalls and a crystal that is 80 ppm off, they were 28 us off at p50 and 123 us
 * at p99 (a scan is 42 us). A step is declared once chance would not make it in 10^9 trials and its number of scans is
 * clear or will not become clearer, after 0.5 s at the least. One that arrivals show as a delay above 20 ms (and 3 periods)
 * stands before the right scan, a smaller one up to 11 s later. Under 0.3 ms of jitter losses from 3 scans on were
 * counted exactly up to 24 kHz; `npx tsx scripts/clock-limits.ts` prints the table for other rates, jitters and losses.
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
  readonly #period: number
  readonly #holdMs: number
  readonly #envelope = new ArrivalEnvelope()
  readonly #watch: StepWatch
  #index = 0
  #found = 0
  #within = 0
  #last = 0
  #packet = 0
  /** Share of packets with as many scans as the one before. */
  #alike = 0
  #heldSince = Number.NaN
  #heldArrivals = 0
  #released = false
  #nextIndex = -1
  #nextTime = 0

  constructor({ rate, settleMs = 500, holdMs = 3000 }: SampleClockOptions) {
    if (!(rate > 0 && Number.isFinite(rate))) {
      throw new RangeError(`SampleClock: rate must be a positive number of scans per second (Hz), got ${rate}`)
    }
    this.#period = 1000 / rate
    this.#holdMs = holdMs
    this.#watch = new StepWatch(this.#period, settleMs, 0.9 * holdMs, this.#holdAbove)
  }

  /** Number of the scan that comes next, missing ones counted. */
  get index(): number {
    return this.#index
  }

  /** Whether a delay may still turn out to be missing scans: hold back what arrives. */
  get unsettled(): boolean {
    return !Number.isNaN(this.#heldSince) && !this.#released
  }

  /** How far the period is from the nominal one, parts per million. */
  get ppm(): number {
    return this.#envelope.slope * 1e6
  }

  /** Whether that many scans, arriving now, would come so late that some may be missing before them. */
  suspects(scans: number, at: number): boolean {
    return this.#envelope.known && this.#excess(this.#index + scans - 1, at) > this.#holdAbove
  }

  /** Scans arrived. @param at - ms */
  arrive(scans: number, at: number): void {
    if (scans <= 0) return
    this.#index += scans
    this.#last = at
    this.#alike += ((scans === this.#packet ? 1 : 0) - this.#alike) / 32
    this.#packet = scans
    const x = (this.#index - 1) * this.#period
    const excess = this.#envelope.known ? at - x - this.#envelope.at(x) : 0
    if (excess < -Math.max(EARLY, 3 * this.#period)) this.#beginAnew()
    this.#hold(excess, at)
    if (excess <= this.#holdAbove || this.#released) this.#envelope.add(x, at - x)
    this.#watch.add(x, at - x, at, Math.max(0, excess), this.#envelope.slope)
    const step = this.#watch.find(at, this.#envelope, this.#inStep)
    if (step) this.#declare(step)
  }

  /** Known to be missing before the next scan, for example because its frame was damaged. */
  skip(scans: number): void {
    this.#index += scans
  }

  /** Decides what is open by what is known: nothing more will come. */
  settle(): void {
    const guess = Number.isNaN(this.#heldSince) ? undefined : this.#watch.guess(this.#last, this.#envelope)
    if (guess && (guess.scans > 1 || !this.#inStep)) this.#declare(guess)
    this.#heldSince = Number.NaN
  }

  /** Scans found to be missing since the last call: before those held back, else before the next one. */
  takeMissing(): number {
    const found = this.#found
    this.#found = 0
    return found
  }

  /** How far the number found last may be off, ± scans. */
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
    const target = first * this.#period + this.#envelope.at(first * this.#period)
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
    const uncertainty = Math.abs(target - start) + 6 * deviation + this.#envelope.bend + this.#period
    return { start, period: slewed, uncertainty }
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
      this.#heldArrivals = 0
      this.#released = false
    } else if (++this.#heldArrivals > 6 && at - this.#heldSince > this.#holdMs) this.#released = true
  }

  #declare({ scans, within, after }: Step): void {
    this.#index += scans
    this.#found += scans
    this.#within = within
    this.#heldSince = Number.NaN
    this.#envelope.shift(after + this.#period / 2, scans * this.#period)
    this.#watch.clear()
  }

  #beginAnew(): void {
    this.#envelope.clear()
    this.#watch.clear()
  }
}
