const FRACTION_BITS = 32n
const FRACTIONS = 4294967296
const HALF = 1n << 31n

/** Where a block of the grid begins, for its time axis. */
interface GridStart {
  readonly start: bigint
  readonly phase: number
}

/**
 * Instants `k / rate` since the Unix epoch, at the full ns, where a period counts to 2^-32 ns as on every time axis.
 *
 * @internal
 */
export class AlignGrid {
  /** ns from one instant to the next. */
  readonly period: number
  /** The same in parts of 2^-32 ns. */
  readonly #parts: bigint

  constructor(rate: number) {
    this.period = 1e9 / rate
    const whole = Math.floor(this.period)
    this.#parts = (BigInt(whole) << FRACTION_BITS) + BigInt(Math.round((this.period - whole) * FRACTIONS))
  }

  /** Instant `k` as the first of an axis. */
  startAt(k: number): GridStart {
    const parts = BigInt(k) * this.#parts
    return { start: parts >> FRACTION_BITS, phase: Number(BigInt.asUintN(32, parts)) / FRACTIONS }
  }

  /** ns since the Unix epoch of instant `k`. */
  nsOf(k: number): bigint {
    return (BigInt(k) * this.#parts + HALF) >> FRACTION_BITS
  }

  /** The first instant that is not before a time. */
  firstFrom(ns: bigint): number {
    let k = Number((ns << FRACTION_BITS) / this.#parts) - 2
    while (this.nsOf(k) < ns) k += 1
    return k
  }
}
