// Longer than 200 lines: the sums of products and the rings that they are made of move together, scan by scan.
/** Each sum of products is summed anew once in so many scans, so that rounding does not add up. */
const REFRESH = 1024
/** Larger values count as this one: their products are numbers still. */
const LARGEST = 1e150
/** Subsequences with a smaller deviation are constant, squared distances below the other are none; as STUMPY has it. */
const FLAT = 1e-7
const NOTHING = 1e-14

/** @internal */
export interface ProfileSizes {
  /** Scans of a subsequence. */
  readonly window: number
  /** Learned scans kept. */
  readonly history: number
}

/** Subsequences that end at most this many scans before are the same one, shifted. @internal */
export function exclusionOf(window: number): number {
  return Math.ceil(window / 4)
}

/** Which of the learned scans count, by place: 0 = the oldest kept. @internal */
export interface Reachable {
  /** Learned scans kept. */
  readonly count: number
  /** Whether the oldest one has left since the scan before, so that each is now one place nearer. */
  readonly hasMoved: boolean
  /** The last place whose subsequence is far enough back. */
  readonly last: number
  /** Which of the sums are summed anew. */
  readonly turn: number
}

/**
 * Distances of the newest subsequence of one channel to those that were learned, z-normalised.
 *
 * For each learned place the sum of products of its subsequence and the newest one is kept, and moved on with each scan by the product
 * that comes in and the one that goes out. Values are kept less an offset, so that little cancels.
 *
 * @internal
 */
export class ChannelProfile {
  readonly #window: number
  readonly #history: number
  readonly #flat: number
  #offset = Number.NaN
  /** Learned values, and means and 1 / deviations (0 = constant, NaN = not to be compared with) of the subsequences that end there; twice. */
  readonly #values: Float64Array
  readonly #means: Float64Array
  readonly #inverses: Float64Array
  /** Where the oldest learned one is. */
  #first = 0
  /** Sum of products by place. */
  readonly #products: Float64Array
  /** The newest scans, one more than the window, each written twice, and where the next goes. */
  readonly #newest: Float64Array
  #next = 0
  /** Of the newest subsequence. */
  #mean = 0
  #inverse = 0

  constructor({ window, history }: ProfileSizes, floor: number) {
    this.#window = window
    this.#history = history
    this.#flat = Math.max(FLAT, floor)
    this.#values = new Float64Array(2 * history)
    this.#means = new Float64Array(2 * history)
    this.#inverses = new Float64Array(2 * history)
    this.#products = new Float64Array(history)
    this.#newest = new Float64Array(2 * (window + 1))
  }

  /** Forgets everything. @param offset - near the values that come; NaN = the first of them */
  clear(offset: number): void {
    this.#offset = offset
    this.#first = 0
    this.#next = 0
    this.#newest.fill(0)
  }

  /** The next scan. @param isWhole - whether a subsequence without a hole ends with it */
  push(x: number, isWhole: boolean): void {
    if (Number.isNaN(this.#offset)) this.#offset = x
    const size = this.#window + 1
    const value = Math.max(-LARGEST, Math.min(LARGEST, x - this.#offset))
    this.#newest[this.#next] = value
    this.#newest[this.#next + size] = value
    this.#next = this.#next + 1 === size ? 0 : this.#next + 1
    if (isWhole) this.#describe()
  }

  /** Learns the newest scan. @param isWhole - whether its subsequence may be compared with @param count - scans kept before */
  learn(isWhole: boolean, count: number): void {
    const slot = (this.#first + count) % this.#history
    if (count === this.#history) this.#first = this.#first + 1 === this.#history ? 0 : this.#first + 1
    for (const at of [slot, slot + this.#history]) {
      this.#values[at] = this.#newest[this.#next + this.#window]!
      this.#means[at] = this.#mean
      this.#inverses[at] = isWhole ? this.#inverse : Number.NaN
    }
  }

  isConstant(place: number): boolean {
    return this.#inverses[this.#first + place] === 0
  }

  /**
   * Distance of the newest subsequence from the nearest learned one; infinite where there is none.
   *
   * @param hasConstant - whether a constant one is within reach
   */
  distance(reach: Reachable, hasConstant: boolean): number {
    const best = this.#moveOn(reach)
    if (this.#inverse === 0) {
      if (hasConstant) return 0
      return best > Number.NEGATIVE_INFINITY ? Math.sqrt(this.#window) : Number.POSITIVE_INFINITY
    }
    const found = (best * this.#inverse) / this.#window
    // A constant one is as far away as one that goes its own way in half of the variance.
    const correlation = hasConstant ? Math.max(found, 0.5) : found
    if (correlation === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY
    const squared = 2 * this.#window * (1 - Math.max(-1, Math.min(1, correlation)))
    return squared < NOTHING ? 0 : Math.sqrt(squared)
  }

  /** Moves the sums on without an answer. */
  pass(reach: Reachable): void {
    this.#moveOn(reach)
  }

  /** Sums all products anew. */
  sumUpAll(count: number): void {
    for (let place = this.#window - 1; place < count; place += 1) this.#sumUp(place)
  }

  /** Learned values and the newest, oldest first, less the offset, and the sums of products. */
  state(
    count: number
  ): Record<'values' | 'means' | 'inverses' | 'products' | 'newest', Float64Array> & { offset: number } {
    const [from, to] = [this.#first, this.#first + count]
    return {
      offset: this.#offset,
      values: this.#values.slice(from, to),
      means: this.#means.slice(from, to),
      inverses: this.#inverses.slice(from, to),
      products: this.#products.slice(0, count),
      newest: this.#newest.slice(this.#next, this.#next + this.#window + 1)
    }
  }

  restore(state: ReturnType<ChannelProfile['state']>): void {
    this.#offset = state.offset
    this.#first = 0
    this.#next = 0
    for (const at of [0, this.#history]) {
      this.#values.set(state.values, at)
      this.#means.set(state.means, at)
      this.#inverses.set(state.inverses, at)
    }
    this.#products.set(state.products)
    for (const at of [0, this.#window + 1]) this.#newest.set(state.newest, at)
    this.#describe()
  }

  /** Remembers what looking ahead changes; the answer goes back there. */
  mark(): () => void {
    const [products, newest] = [this.#products.slice(), this.#newest.slice()]
    const [offset, next, mean, inverse] = [this.#offset, this.#next, this.#mean, this.#inverse]
    return () => {
      this.#products.set(products)
      this.#newest.set(newest)
      this.#offset = offset
      this.#next = next
      this.#mean = mean
      this.#inverse = inverse
    }
  }

  /** Moves the sums on to the newest scan; the largest covariance / deviation within reach, minus infinity where there is none. */
  #moveOn({ count, hasMoved, last, turn }: Reachable): number {
    const [values, means, inverses, products] = [this.#values, this.#means, this.#inverses, this.#products]
    const [window, first] = [this.#window, this.#first]
    const incoming = this.#newest[this.#next + window]!
    const outgoing = this.#newest[this.#next]!
    const from = hasMoved ? 0 : -1
    // From the newest place down, as each takes the sum of the place before.
    for (let place = count - 1; place > last && place >= window; place -= 1)
      products[place] =
        products[place + from]! + incoming * values[first + place]! - outgoing * values[first + place - window]!
    const weight = window * this.#mean
    let best = Number.NEGATIVE_INFINITY
    for (let place = Math.min(last, count - 1); place >= window; place -= 1) {
      const at = first + place
      const product = products[place + from]! + incoming * values[at]! - outgoing * values[at - window]!
      products[place] = product
      const aligned = (product - weight * means[at]!) * inverses[at]!
      if (aligned > best) best = aligned
    }
    if (count < window) return best
    this.#sumUp(window - 1)
    for (let place = window + turn; place < count; place += REFRESH) this.#sumUp(place)
    if (last < window - 1) return best
    const aligned = (products[window - 1]! - weight * means[first + window - 1]!) * inverses[first + window - 1]!
    if (aligned > best) best = aligned
    return best
  }

  #sumUp(place: number): void {
    const [newest, values] = [this.#newest, this.#values]
    const [from, to] = [this.#next + 1, this.#first + place - this.#window + 1]
    let sum = 0
    for (let j = 0; j < this.#window; j += 1) sum += newest[from + j]! * values[to + j]!
    this.#products[place] = sum
  }

  /** Mean and deviation of the newest subsequence. */
  #describe(): void {
    const [newest, window] = [this.#newest, this.#window]
    const from = this.#next + 1
    let sum = 0
    for (let j = from; j < from + window; j += 1) sum += newest[j]!
    const mean = sum / window
    let squares = 0
    for (let j = from; j < from + window; j += 1) squares += (newest[j]! - mean) * (newest[j]! - mean)
    const deviation = Math.sqrt(squares / window)
    this.#mean = mean
    this.#inverse = deviation < this.#flat ? 0 : 1 / deviation
  }
}

/** Turns after which each sum has been summed anew. @internal */
export const PROFILE_TURNS = REFRESH
