import type { ArrivalEnvelope } from './arrival-envelope.ts'

/** A step within the usual delays is believed when chance would make it less often than this. */
const FALSE_STEP = Math.log(1e-9)
/** A step far above them: what imitates it is not chance. */
const FALSE_LEAP = Math.log(1e-5)
/** Entries kept; in practice there are about ten. */
const DEEPEST = 256
/** Entries older than this cannot tell anything any more, ms. */
const OLDEST = 30_000
const BINS = 128
/** Delays that differ by less are equal: rounding, ms. */
const EQUAL = 1e-6
/** How fast a slope may change unseen, per second of a step's duration: crystals that warm up. */
const DRIFT = 1e-6
/** A step is looked for this often, ms. */
const LOOK = 10

/**
 * What a {@link StepWatch} found: scans that are missing, how far that number may be off, and the nominal time before
 * which nothing has stepped.
 *
 * @internal
 */
export interface Step {
  readonly scans: number
  readonly within: number
  readonly after: number
}

/**
 * Tells a lasting step of the smallest delay from passing delays.
 *
 * It keeps the smallest delay of every stretch that ends now (a stack whose delays rise), and how often delays of each
 * size happen. A step is a stretch whose smallest delay is so large that chance would hardly ever make it.
 *
 * @internal
 */
export class StepWatch {
  readonly #period: number
  readonly #settle: number
  readonly #longest: number
  readonly #leap: number
  /** Stack, oldest and smallest first: nominal time, delay, arrival, arrival of the next, number of arrivals before. */
  readonly #x = new Float64Array(DEEPEST)
  readonly #y = new Float64Array(DEEPEST)
  readonly #at = new Float64Array(DEEPEST)
  readonly #next = new Float64Array(DEEPEST)
  readonly #number = new Float64Array(DEEPEST)
  #depth = 0
  #looked = Number.NEGATIVE_INFINITY
  readonly #bins = new Float64Array(BINS)
  #total = 0
  #arrivals = 0
  #last = 0

  /** All in ms: of a scan; least and longest duration of a step before it is declared; a step far above usual delays. */
  constructor(period: number, settle: number, longest: number, leap: number) {
    this.#period = period
    this.#settle = settle
    this.#longest = longest
    this.#leap = leap
  }

  /** Counts an arrival. @param excess - delay above the envelope, ms */
  add(x: number, y: number, at: number, excess: number, slope: number): void {
    this.#bins[binOf(excess)] = (this.#bins[binOf(excess)] as number) + 1
    this.#total += 1
    if (this.#total > 4000) this.#halve()
    const level = y - slope * x
    let top = this.#depth - 1
    if (top >= 0 && Number.isNaN(this.#next[top])) this.#next[top] = at
    while (top >= 0 && this.#level(top, slope) > level + EQUAL) top -= 1
    this.#arrivals += 1
    // Of equal delays the first arrival stays: it tells since when they are so.
    const isEqual = top >= 0 && this.#level(top, slope) >= level - EQUAL
    const since = isEqual ? (this.#at[top] as number) : at
    this.#depth = isEqual ? top : top + 1
    if (this.#depth === DEEPEST) this.#dropOldest()
    this.#x[this.#depth] = x
    this.#y[this.#depth] = y
    this.#at[this.#depth] = since
    this.#next[this.#depth] = Number.NaN
    this.#number[this.#depth] = this.#arrivals - 1
    this.#depth += 1
    if (x - (this.#x[0] as number) > OLDEST) this.#dropOldest()
  }

  /**
   * The step that has happened, if any is certain by now.
   *
   * @param inStep - whether packets are in step with the scans: then they slip by one scan now and then, which is no loss
   */
  find(now: number, envelope: ArrivalEnvelope, inStep: boolean): Step | undefined {
    if (now - this.#looked < LOOK && now >= this.#looked) return undefined
    this.#looked = now
    return this.settle(now, envelope, inStep)
  }

  /** The same, whenever it was looked for last. */
  settle(now: number, envelope: ArrivalEnvelope, inStep: boolean): Step | undefined {
    let end = now
    this.#last = this.#arrivals - 1
    for (let j = this.#depth - 2; j >= 0; j -= 1) {
      const lasted = end - (this.#next[j] as number)
      if (lasted >= this.#settle && !this.#isSmall(j, lasted, envelope) && this.#certain(j, end, lasted, envelope)) {
        const step = this.#step(j, lasted, envelope)
        if (step.scans > 1 || !inStep) return step
      }
      // What lies behind a leap that is still open says nothing about what was before it.
      if (this.#level(j + 1, envelope.slope) - this.#level(j, envelope.slope) < this.#leap) continue
      end = this.#next[j] as number
      this.#last = this.#number[j] as number
    }
    return undefined
  }

  /** Begins anew after a step was taken into account: what came before is history. */
  clear(): void {
    this.#depth = 0
  }

  /**
   * Share of arrivals with an excess below this, from 0 to 1, never quite either. A few of the latest do not count, so
   * that a step is believed before there are many more arrivals before it than after it.
   */
  #below(excess: number, latest: number): number {
    let count = 0
    for (let bin = 0; bin < binOf(excess); bin += 1) count += this.#bins[bin] as number
    return (count + 0.5) / (Math.max(count, this.#total - Math.min(latest, 6)) + 1)
  }

  /** An excess that the share `q` of arrivals stays below, ms. */
  quantile(q: number): number {
    let count = 0
    for (let bin = 0; bin < BINS; bin += 1) {
      count += this.#bins[bin] as number
      if (count >= q * this.#total) return edgeOf(bin + 1)
    }
    return edgeOf(BINS)
  }

  /** Smallest delay since entry `j` above the line, ms. */
  #excess(j: number, envelope: ArrivalEnvelope): number {
    return (this.#y[j + 1] as number) - envelope.at(this.#x[j + 1] as number)
  }

  #isSmall(j: number, lasted: number, envelope: ArrivalEnvelope): boolean {
    const unknown = 4 * envelope.deviation(this.#x[j + 1] as number) + DRIFT * lasted
    return this.#excess(j, envelope) < 0.6 * this.#period + unknown
  }

  /**
   * Scans in the step after entry `j`, by the line under what came before. The smallest delay is above the true step by
   * chance, never below: the less is known of how far, the more is rounded down.
   */
  #step(j: number, lasted: number, envelope: ArrivalEnvelope): Step {
    const at = this.#x[j + 1] as number
    const line = envelope.until(this.#x[j] as number)
    const period = this.#period * (1 + line.slope)
    const late = (this.#y[j + 1] as number) - line.at(at)
    const excess = late / period
    const deviation = line.deviation(at + late) / period
    const above = envelope.clearance(lasted) / period
    const scans = Math.floor(excess + Math.max(Math.min(2.5 * deviation, 0.5), 0.5 - 2 * above))
    return {
      scans: Math.max(1, scans),
      within: Math.floor(3 * above + 4 * deviation + 0.1),
      after: this.#x[j] as number
    }
  }

  #certain(j: number, now: number, lasted: number, envelope: ArrivalEnvelope): boolean {
    const arrivals = this.#after(j)
    // A backlog that drains makes new smallest delays all the time; one that grows has only old ones.
    const draining = now - (this.#at[j + 1] as number) < this.#settle / 2
    if (arrivals < 5 || draining || this.#grows(j, now, lasted, envelope.slope)) return false
    const excess = this.#excess(j, envelope)
    const chance = excess > this.#leap ? FALSE_LEAP : FALSE_STEP
    if (arrivals * Math.log1p(-this.#below(excess, arrivals)) > chance) return false
    const isLeap = excess > this.#leap
    if (this.#step(j, lasted, envelope).within > 0 && lasted < (isLeap ? 1 : 4) * this.#longest) return false
    const after = this.#x[j] as number
    // A slope that changed rises before and after; a step does neither.
    if (this.#riseBefore(j, lasted, envelope) > 0.3 * excess) return false
    if (!isLeap && envelope.growth(after + this.#period / 2) * lasted > 0.5 * excess) return false
    return excess > envelope.highest(lasted, after) + 0.5 * this.#period
  }

  /** Smallest delay above the line in the stretch up to entry `j`, ms. */
  #riseBefore(j: number, lasted: number, envelope: ArrivalEnvelope): number {
    const since = (this.#at[j] as number) - Math.max(2000, lasted)
    let b = j
    while (b > 0 && (this.#at[b - 1] as number) >= since) b -= 1
    return (this.#y[b] as number) - envelope.at(this.#x[b] as number)
  }

  /** Whether the smallest delay of the later half is clearly larger than that of the whole since entry `j`. */
  #grows(j: number, now: number, lasted: number, slope: number): boolean {
    let half = j + 1
    while (half < this.#depth - 1 && (this.#at[half] as number) < now - lasted / 2) half += 1
    const spread = this.quantile(Math.min(1, 6 / this.#after(j)))
    return this.#level(half, slope) - this.#level(j + 1, slope) > 0.25 * this.#period + spread
  }

  /** Arrivals since entry `j`, up to the last that counts. */
  #after(j: number): number {
    return this.#last - (this.#number[j] as number)
  }

  #level(i: number, slope: number): number {
    return (this.#y[i] as number) - slope * (this.#x[i] as number)
  }

  #dropOldest(): void {
    this.#depth -= 1
    this.#x.copyWithin(0, 1)
    this.#y.copyWithin(0, 1)
    this.#at.copyWithin(0, 1)
    this.#next.copyWithin(0, 1)
    this.#number.copyWithin(0, 1)
  }

  #halve(): void {
    for (let bin = 0; bin < BINS; bin += 1) this.#bins[bin] = (this.#bins[bin] as number) / 2
    this.#total /= 2
  }
}

/** Four bins for each doubling from 1 microsecond on. */
function binOf(ms: number): number {
  return ms <= 1e-3 ? 0 : Math.min(BINS - 1, 1 + Math.floor(4 * Math.log2(ms * 1e3)))
}

/** Lower edge of a bin, ms. */
function edgeOf(bin: number): number {
  return bin === 0 ? 0 : 1e-3 * 2 ** ((bin - 1) / 4)
}
