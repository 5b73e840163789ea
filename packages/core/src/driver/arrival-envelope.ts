import { LowerLine } from './lower-line.ts'

/** Points older than this do not count, ms. */
const WINDOW = 60_000
/** The latest part of the window, by which it is seen whether the line still holds, ms. */
const RECENT = 20_000
/** Points are thinned to the lowest of each bucket, ms. */
const BUCKET = 100
const MOST = WINDOW / BUCKET + 2
/** A contradiction smaller than this is none, ms. */
const SLACK = 5e-3
/** Of the distance from the lowest point to the twelfth: the line's from the edge, where points become denser evenly. */
const LAG = 0.24

/**
 * The line under all points of (nominal time, delay) of the last minute: delays only ever add to it.
 *
 * Where the latest 20 s contradict it (a crystal that warms up, a host clock that is slewed), what is older is
 * forgotten. Cost: one fit of at most 602 points in 100 ms; nothing is allocated.
 *
 * @internal
 */
export class ArrivalEnvelope {
  readonly #x = new Float64Array(MOST)
  readonly #y = new Float64Array(MOST)
  readonly #line = new LowerLine(MOST)
  readonly #recent = new LowerLine(MOST)
  #length = 0
  #bucket = Number.NaN
  #checked = Number.NEGATIVE_INFINITY
  #apart = 0

  /** Whether there is a line. */
  get known(): boolean {
    return !Number.isNaN(this.#line.level)
  }

  /** Delay per nominal time: how much longer the true period is than the nominal one. */
  get slope(): number {
    return this.#line.slope
  }

  /** Nominal time that the points span, ms. */
  get span(): number {
    return this.#length < 2 ? 0 : (this.#x[this.#length - 1] as number) - (this.#x[0] as number)
  }

  /** The line at nominal time `x`, ms. */
  at(x: number): number {
    return this.#line.at(x)
  }

  /** Standard deviation of the line at nominal time `x`, ms. */
  deviation(x: number): number {
    return this.#line.deviation(x)
  }

  /**
   * How much later than on the fastest way the line is, on average, ms: a packet leaves when its last scan is up to one
   * `period` old, so that hardly any point is at the very edge.
   */
  lag(period: number): number {
    return Math.min(period / 2, LAG * this.#line.reach)
  }

  /** How far the latest 20 s alone lead away from the line, ms. */
  get bend(): number {
    return this.#apart
  }

  /**
   * By how much the line under the points from nominal time `from` on may rise faster than the line under all, with 97 %
   * certainty; NaN when there are too few.
   */
  growth(from: number): number {
    let first = this.#length
    while (first > 0 && (this.#x[first - 1] as number) >= from) first -= 1
    if (this.#length - first < 3) return Number.NaN
    this.#recent.fit(this.#x, this.#y, first, this.#length)
    return this.#recent.slope - this.slope + 2 * Math.sqrt(this.#recent.varSlope)
  }

  /** The line under the points up to nominal time `last` only; valid until the next call of any other method. */
  until(last: number): LowerLine {
    let end = this.#length
    while (end > 0 && (this.#x[end - 1] as number) > last) end -= 1
    if (end < 3) return this.#line
    this.#recent.fit(this.#x, this.#y, 0, end)
    return this.#recent
  }

  /** How far the lowest point of a stretch of `ms` lies above the line on average, ms. */
  clearance(ms: number): number {
    return Math.max(this.span, BUCKET) / (this.#line.density * Math.max(ms, 1))
  }

  /** Adds a point; the line is not above it afterwards. Unit: ms. */
  add(x: number, y: number): void {
    const bucket = Math.floor(x / BUCKET)
    const last = this.#length - 1
    if (bucket === this.#bucket) {
      if (y - (this.#y[last] as number) < this.slope * (x - (this.#x[last] as number))) {
        this.#x[last] = x
        this.#y[last] = y
      }
    } else {
      this.#refit(x)
      this.#bucket = bucket
      this.#x[this.#length] = x
      this.#y[this.#length] = y
      this.#length += 1
      if (this.#length === 1) this.#line.begin(x, y)
    }
    const above = this.at(x) - y
    if (above > 0) this.#line.level -= above
  }

  /** Moves the points from nominal time `from` on by `by`: scans before them turned out to be missing. */
  shift(from: number, by: number): void {
    for (let i = 0; i < this.#length; i += 1) {
      if ((this.#x[i] as number) < from) continue
      this.#x[i] = (this.#x[i] as number) + by
      this.#y[i] = (this.#y[i] as number) - by
    }
    this.#bucket = Number.NaN
  }

  /** At most `count` of its points, the lowest above the line, in their order: x and y. */
  lowest(count: number): readonly (readonly [x: number, y: number])[] {
    const points = Array.from({ length: this.#length }, (_, i) => [this.#x[i] as number, this.#y[i] as number] as const)
    const above = ([x, y]: readonly [number, number]): number => y - this.at(x)
    points.sort((a, b) => above(a) - above(b))
    return points.slice(0, count).sort((a, b) => a[0] - b[0])
  }

  /** Begins with points of an earlier one, in their order. */
  recall(points: readonly (readonly [x: number, y: number])[]): void {
    this.clear()
    for (const [x, y] of points.slice(0, MOST - 2)) {
      this.#x[this.#length] = x
      this.#y[this.#length] = y
      this.#length += 1
    }
    if (this.#length > 0) this.#line.begin(this.#x[0] as number, this.#y[0] as number)
    if (this.#length > 2) this.#line.fit(this.#x, this.#y, 0, this.#length)
  }

  /** Forgets the points and keeps the slope: what comes now has another origin. */
  clear(): void {
    this.#length = 0
    this.#bucket = Number.NaN
  }

  /** How far the lowest point of a stretch of `ms` that ended before `until` was above the line, at most, ms. */
  highest(ms: number, until: number): number {
    let highest = 0
    for (let end = 1; end < this.#length && (this.#x[end] as number) < until; end += 1) {
      const since = (this.#x[end] as number) - ms
      if (since >= (this.#x[0] as number)) highest = Math.max(highest, this.#lowestOf(since, end, highest))
    }
    return highest
  }

  /** Lowest point above the line from `since` to number `end`; 0 as soon as it is not above `least`. */
  #lowestOf(since: number, end: number, least: number): number {
    let lowest = Number.POSITIVE_INFINITY
    for (let i = end; i >= 0 && (this.#x[i] as number) >= since; i -= 1) {
      lowest = Math.min(lowest, (this.#y[i] as number) - this.at(this.#x[i] as number))
      if (lowest <= least) return 0
    }
    return lowest
  }

  #refit(now: number): void {
    this.#forget(now - WINDOW)
    if (this.#length < 3) return
    this.#line.fit(this.#x, this.#y, 0, this.#length)
    if (now - this.#checked < 1000 || this.span < 1.5 * RECENT) return
    this.#checked = now
    if (!this.#contradicts(now)) return
    this.#forget(now - RECENT)
    this.#line.fit(this.#x, this.#y, 0, this.#length)
  }

  #contradicts(now: number): boolean {
    let from = this.#length
    while (from > 0 && now - (this.#x[from - 1] as number) <= RECENT) from -= 1
    if (this.#length - from < 8) return false
    this.#recent.fit(this.#x, this.#y, from, this.#length)
    this.#apart = Math.abs(this.at(now) - this.#recent.at(now))
    return this.#apart > SLACK + 5 * (this.deviation(now) + this.#recent.deviation(now))
  }

  #forget(before: number): void {
    let old = Math.max(0, this.#length - MOST + 1)
    while (old < this.#length && (this.#x[old] as number) < before) old += 1
    if (old === 0) return
    this.#x.copyWithin(0, old, this.#length)
    this.#y.copyWithin(0, old, this.#length)
    this.#length -= old
  }
}
