/** Points older than this do not count, ms. */
const WINDOW = 30_000
/** Points are thinned to the lowest of each bucket, ms. */
const BUCKET = 100
/** From this span on the slope is known, ms. */
const LEVER = 10_000
/** Largest slope that is believed: a clock that is 0.2 % off. */
const STEEPEST = 2e-3

/**
 * The line under all points of (nominal time, delay): delays only ever add to it.
 *
 * The line is the edge of the lower convex hull under the middle of the points: of all lines below them the one that
 * is nearest to them in sum. Cost: one hull of at most 300 points a bucket.
 *
 * @internal
 */
export class ArrivalEnvelope {
  /** Delay per nominal time: how much longer the true period is than the nominal one. */
  slope = 0
  /** Delay at nominal time 0, ms. */
  offset = Number.POSITIVE_INFINITY
  #x: number[] = []
  #y: number[] = []
  #bucket = Number.NaN

  /** Nominal time that the points span, ms. */
  get span(): number {
    return this.#x.length < 2 ? 0 : (this.#x.at(-1) as number) - (this.#x[0] as number)
  }

  /** Whether the points span enough time to tell the slope. */
  get slopeKnown(): boolean {
    return this.span >= LEVER
  }

  /** The line at nominal time `x`, ms. */
  at(x: number): number {
    return this.offset + this.slope * x
  }

  /** Adds a point; the line is below it afterwards. Unit: ms. */
  add(x: number, y: number): void {
    const bucket = Math.floor(x / BUCKET)
    const last = this.#x.length - 1
    if (bucket === this.#bucket) {
      if (y - (this.#y[last] as number) < this.slope * (x - (this.#x[last] as number))) {
        this.#x[last] = x
        this.#y[last] = y
      }
    } else {
      this.#fit(x)
      this.#bucket = bucket
      this.#x.push(x)
      this.#y.push(y)
    }
    this.offset = Math.min(this.offset, y - this.slope * x)
  }

  /** Moves the points from nominal time `from` on by `by`: scans before them turned out to be missing. */
  shift(from: number, by: number): void {
    for (let i = 0; i < this.#x.length; i += 1) {
      if ((this.#x[i] as number) < from) continue
      this.#x[i] = (this.#x[i] as number) + by
      this.#y[i] = (this.#y[i] as number) - by
    }
    this.#bucket = Number.NaN
  }

  #fit(now: number): void {
    let old = 0
    while (old < this.#x.length && now - (this.#x[old] as number) > WINDOW) old += 1
    if (old > 0) {
      this.#x.splice(0, old)
      this.#y.splice(0, old)
    }
    if (this.#x.length < 2) return
    const steep = Math.max(-STEEPEST, Math.min(STEEPEST, this.#hullSlope()))
    // A short lever says little about the slope: it counts by the square of its length.
    this.slope = steep * Math.min(1, this.span / LEVER) ** 2
    let offset = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#x.length; i += 1) {
      offset = Math.min(offset, (this.#y[i] as number) - this.slope * (this.#x[i] as number))
    }
    this.offset = offset
  }

  /** Slope of the edge of the lower convex hull under the middle of the points. */
  #hullSlope(): number {
    const x = this.#x
    const y = this.#y
    const hull: number[] = []
    let middle = 0
    for (let i = 0; i < x.length; i += 1) {
      middle += (x[i] as number) / x.length
      while (hull.length > 1 && turn(x, y, hull.at(-2) as number, hull.at(-1) as number, i) <= 0) hull.pop()
      hull.push(i)
    }
    let right = 1
    while (right < hull.length - 1 && (x[hull[right] as number] as number) < middle) right += 1
    const a = hull[right - 1] as number
    const b = hull[right] as number
    return ((y[b] as number) - (y[a] as number)) / ((x[b] as number) - (x[a] as number))
  }
}

/** Above 0 when the path through three points turns left. */
function turn(x: number[], y: number[], a: number, b: number, c: number): number {
  const dx = (x[b] as number) - (x[a] as number)
  const dy = (y[b] as number) - (y[a] as number)
  return dx * ((y[c] as number) - (y[a] as number)) - dy * ((x[c] as number) - (x[a] as number))
}
