/** Crystals are this far off on average; arrivals that say otherwise are believed. */
const USUAL_SLOPE = 1e-4
/** Largest slope that is believed: a rate that is 5 % off. */
const STEEPEST = 0.05
/** How many of the lowest points tell how dense points are above the line. */
const LOWEST = 12
/** Arrival times are not better than this, ms. */
const FINEST = 1e-3
/** Points of the posterior at which its moments are taken, and the drop of the log density down to which. */
const GRID = 48
const DEPTH = 12

/**
 * The line below points that lie above it by chance: its mean and how far it may be off.
 *
 * Near the line points are about evenly dense, so a line below all of them is as probable as `exp(density * area)` of
 * the empty strip that it leaves is small; and crystals are rarely more than 100 ppm off. Under a given slope the
 * highest line is held up by the lower convex hull, and its log density is concave in the slope: moments are sums over
 * a grid around its peak. Nothing is allocated after the constructor.
 *
 * @internal
 */
export class LowerLine {
  /** Mean nominal time of the points; the level is the line's there. Unit: ms. */
  middle = 0
  level = Number.NaN
  slope = 0
  varLevel = 1
  varSlope = USUAL_SLOPE ** 2
  covariance = 0
  /** Points per ms above the line. */
  density = 1
  /** From the lowest point to the twelfth, above the line: how far points near it are apart. */
  reach = 0
  readonly #hullX: Float64Array
  readonly #hullY: Float64Array
  readonly #lowest = new Float64Array(LOWEST)
  #hull = 0

  /** @param most - points that are fitted at most */
  constructor(most: number) {
    this.#hullX = new Float64Array(most)
    this.#hullY = new Float64Array(most)
  }

  /** The line at `x`. */
  at(x: number): number {
    return this.level + this.slope * (x - this.middle)
  }

  /** Standard deviation of the line at `x`. */
  deviation(x: number): number {
    const lever = x - this.middle
    return Math.sqrt(Math.max(0, this.varLevel + lever * (2 * this.covariance + lever * this.varSlope)))
  }

  /** A line through one point; the slope stays. */
  begin(x: number, y: number): void {
    this.middle = x
    this.level = y
    this.density = 1
    this.reach = 0
    this.varLevel = 1
    this.covariance = 0
  }

  /** Fits to the points from number `from` to before `to`; at least three. */
  fit(x: Float64Array, y: Float64Array, from: number, to: number): void {
    this.#wrap(x, y, from, to)
    let v = 1
    while (v < this.#hull - 1 && (this.#hullX[v] as number) < this.middle) v += 1
    this.#measureDensity(x, y, from, to, this.#edge(v))
    const best = this.#likeliest()
    const peak = this.#logDensity(best)
    this.#average(this.#reach(best, peak, -1), this.#reach(best, peak, 1), peak)
  }

  /** Lower convex hull of the points, and their middle. */
  #wrap(x: Float64Array, y: Float64Array, from: number, to: number): void {
    const [hx, hy] = [this.#hullX, this.#hullY]
    let n = 0
    let sum = 0
    for (let i = from; i < to; i += 1) {
      const xi = x[i] as number
      const yi = y[i] as number
      sum += xi - (x[from] as number)
      while (n > 1) {
        const ax = hx[n - 2] as number
        const ay = hy[n - 2] as number
        if (((hx[n - 1] as number) - ax) * (yi - ay) - ((hy[n - 1] as number) - ay) * (xi - ax) > 0) break
        n -= 1
      }
      hx[n] = xi
      hy[n] = yi
      n += 1
    }
    this.#hull = n
    this.middle = (x[from] as number) + sum / (to - from)
  }

  /** Slope of the edge of the hull that ends at vertex `v`. */
  #edge(v: number): number {
    const dx = (this.#hullX[v] as number) - (this.#hullX[v - 1] as number)
    return ((this.#hullY[v] as number) - (this.#hullY[v - 1] as number)) / dx
  }

  /** Level of the highest line of that slope below all points. */
  #height(slope: number): number {
    let height = Number.POSITIVE_INFINITY
    for (let v = 0; v < this.#hull; v += 1) {
      height = Math.min(height, (this.#hullY[v] as number) - slope * ((this.#hullX[v] as number) - this.middle))
    }
    return height
  }

  #logDensity(slope: number): number {
    return this.density * this.#height(slope) - Math.abs(slope) / USUAL_SLOPE
  }

  /** How many points there are per ms, by the lowest ones above the highest line of that slope. */
  #measureDensity(x: Float64Array, y: Float64Array, from: number, to: number, slope: number): void {
    const lowest = this.#lowest
    const k = Math.max(3, Math.min(LOWEST, (to - from) >> 2))
    lowest.fill(Number.POSITIVE_INFINITY)
    for (let i = from; i < to; i += 1) {
      const rest = (y[i] as number) - slope * ((x[i] as number) - this.middle)
      if (rest >= (lowest[k - 1] as number)) continue
      let j = k - 1
      for (; j > 0 && (lowest[j - 1] as number) > rest; j -= 1) lowest[j] = lowest[j - 1] as number
      lowest[j] = rest
    }
    // two of them hold the line up
    this.reach = (lowest[k - 1] as number) - (lowest[0] as number)
    this.density = (k - 2) / Math.max(FINEST, this.reach)
  }

  #likeliest(): number {
    let best = 0
    let highest = this.#logDensity(0)
    for (let v = 1; v < this.#hull; v += 1) {
      const slope = Math.max(-STEEPEST, Math.min(STEEPEST, this.#edge(v)))
      const density = this.#logDensity(slope)
      if (density <= highest) continue
      highest = density
      best = slope
    }
    return best
  }

  /** The slope on one side of the peak at which the log density has dropped far enough. */
  #reach(best: number, peak: number, side: number): number {
    let near = 0
    let far = 1e-7
    while (far < 2 * STEEPEST && this.#logDensity(best + side * far) > peak - DEPTH) {
      near = far
      far *= 4
    }
    for (let i = 0; i < 6; i += 1) {
      const half = (near + far) / 2
      if (this.#logDensity(best + side * half) > peak - DEPTH) near = half
      else far = half
    }
    return best + side * far
  }

  /** Moments of the posterior between two slopes. */
  #average(from: number, to: number, peak: number): void {
    const step = (to - from) / GRID
    const centre = (from + to) / 2
    const ground = this.#height(centre)
    let [weight, b, h, bb, hh, bh] = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i <= GRID; i += 1) {
      const slope = from + i * step
      const height = this.#height(slope) - ground
      const w = Math.exp(this.density * (height + ground) - Math.abs(slope) / USUAL_SLOPE - peak)
      weight += w
      b += w * (slope - centre)
      h += w * height
      bb += w * (slope - centre) ** 2
      hh += w * height ** 2
      bh += w * height * (slope - centre)
    }
    b /= weight
    h /= weight
    this.slope = centre + b
    // below the highest line, by as much as points are apart
    this.level = ground + h - 1 / this.density
    this.varSlope = bb / weight - b * b
    this.varLevel = hh / weight - h * h + 1 / this.density ** 2
    this.covariance = bh / weight - b * h
  }
}
