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

/** What a {@link StepWatch} found: the step, and the nominal time before which nothing has stepped. @internal */
export interface Step {
  readonly ms: number
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
  readonly #x: number[] = []
  readonly #y: number[] = []
  readonly #at: number[] = []
  readonly #next: number[] = []
  readonly #number: number[] = []
  readonly #bins = new Float64Array(BINS)
  #total = 0
  #arrivals = 0

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
    let top = this.#x.length - 1
    if (top >= 0 && Number.isNaN(this.#next[top])) this.#next[top] = at
    while (top >= 0 && this.#level(top, slope) > level + EQUAL) {
      this.#pop()
      top -= 1
    }
    this.#arrivals += 1
    // Of equal delays the first arrival stays: it tells since when they are so.
    const isEqual = top >= 0 && this.#level(top, slope) >= level - EQUAL
    const since = isEqual ? (this.#at[top] as number) : at
    if (isEqual) this.#pop()
    this.#x.push(x)
    this.#y.push(y)
    this.#at.push(since)
    this.#next.push(Number.NaN)
    this.#number.push(this.#arrivals - 1)
    if (this.#x.length > DEEPEST || x - (this.#x[0] as number) > OLDEST) this.#shiftOldest()
  }

  /**
   * The step that has happened, if any is certain by now.
   *
   * @param drift - how far the slope may be wrong
   */
  find(now: number, slope: number, drift: number): Step | undefined {
    for (let j = this.#x.length - 2; j >= 0; j -= 1) {
      const lasted = now - (this.#next[j] as number)
      if (lasted < this.#settle) continue
      const step = this.#stepAfter(j, slope, lasted)
      const least = 0.6 * this.#period + drift * (lasted + Math.max(2000, lasted))
      if (step < least || !this.#certain(j, step, now, lasted, slope)) continue
      return { ms: step, after: this.#x[j] as number }
    }
    return undefined
  }

  /** The step as it looks now, when no more will come to make it certain. */
  guess(slope: number): Step | undefined {
    let best: Step | undefined
    for (let j = 0; j < this.#x.length - 1; j += 1) {
      const ms = this.#stepAfter(j, slope, 0)
      const rise = this.#level(j + 1, slope) - this.#level(j, slope)
      if (ms > 0.6 * this.#period && rise > 0.6 * this.#period) best = { ms, after: this.#x[j] as number }
    }
    return best
  }

  /** Begins anew after a step was taken into account: what came before is history. */
  clear(): void {
    for (const list of [this.#x, this.#y, this.#at, this.#next, this.#number]) list.length = 0
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

  /**
   * Smallest delay since entry `j` less the smallest of at least 2 s up to it, each less what the smallest of so many
   * arrivals is above the true one.
   */
  #stepAfter(j: number, slope: number, lasted: number): number {
    const since = (this.#at[j] as number) - Math.max(2000, lasted)
    let b = j
    while (b > 0 && (this.#at[b - 1] as number) >= since) b -= 1
    const before = 1 + (this.#number[j] as number) - (this.#number[b] as number)
    const raised = this.quantile(0.7 / Math.max(1, this.#after(j))) - this.quantile(0.7 / before)
    return this.#level(j + 1, slope) - this.#level(b, slope) - Math.max(0, raised)
  }

  #certain(j: number, step: number, now: number, lasted: number, slope: number): boolean {
    const arrivals = this.#after(j)
    // A backlog that drains makes new smallest delays all the time; one that grows has only old ones.
    const draining = now - (this.#at[j + 1] as number) < this.#settle / 2
    if (arrivals < 5 || draining || this.#grows(j, now, lasted, slope)) return false
    if (arrivals * Math.log1p(-this.#below(step, arrivals)) > (step > this.#leap ? FALSE_LEAP : FALSE_STEP))
      return false
    const scans = step / this.#period
    const vague = this.quantile(5 / arrivals) > 0.4 * this.#period || Math.abs(scans - Math.round(scans)) > 0.3
    return !vague || lasted >= this.#longest
  }

  /** Whether the smallest delay of the later half is clearly larger than that of the whole since entry `j`. */
  #grows(j: number, now: number, lasted: number, slope: number): boolean {
    let half = j + 1
    while (half < this.#x.length - 1 && (this.#at[half] as number) < now - lasted / 2) half += 1
    const spread = this.quantile(Math.min(1, 6 / this.#after(j)))
    return this.#level(half, slope) - this.#level(j + 1, slope) > 0.25 * this.#period + spread
  }

  /** Arrivals since entry `j`. */
  #after(j: number): number {
    return this.#arrivals - 1 - (this.#number[j] as number)
  }

  #level(i: number, slope: number): number {
    return (this.#y[i] as number) - slope * (this.#x[i] as number)
  }

  #pop(): void {
    for (const list of [this.#x, this.#y, this.#at, this.#next, this.#number]) list.pop()
  }

  #shiftOldest(): void {
    for (const list of [this.#x, this.#y, this.#at, this.#next, this.#number]) list.shift()
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
