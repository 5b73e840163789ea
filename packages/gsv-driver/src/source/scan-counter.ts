import { OVERLOAD } from '../codec/frame-layout.ts'
import type { DataType, ScanBuffer } from '../codec/index.ts'

/** Where the number of the scan is, and how it is scaled. @internal */
export interface ScanCounterOptions {
  /** Position in the frame, from 0. */
  readonly column: number
  readonly dataType: DataType
  /** Value = part of the nominal range * scale + offset; of integers. */
  readonly scale: number
  readonly offset: number
}

/** A jump may be so much too large for the time that has passed, ms, and periods. @internal */
const EARLY_MS = 20
const EARLY_SCANS = 3

/**
 * Counts missing scans by a channel that carries the number of the scan, modulo what its type holds: 2^16 for int16, else
 * 2^24.
 *
 * A number that neither time nor the scan behind it confirms is damage, not a jump.
 *
 * @internal
 */
export class ScanCounter {
  /** Scans that are missing before the scan that was found. */
  missing = 0
  readonly #column: number
  readonly #modulus: number
  readonly #factor: number
  readonly #add: number
  readonly #slack: number
  #last = Number.NaN
  /** Whether the number of the last scan made no sense. */
  #isOdd = false

  /** @param last - number of the scan before, where it is known */
  constructor({ column, dataType, scale, offset }: ScanCounterOptions, rate: number, last = Number.NaN) {
    this.#column = column
    this.#modulus = dataType === 'int16' ? 2 ** 16 : 2 ** 24
    this.#factor = dataType === 'float32' ? 1 : this.#modulus / 2 / (scale * OVERLOAD)
    this.#add = dataType === 'float32' ? 0 : this.#modulus / 2 - offset * this.#factor
    this.#slack = EARLY_SCANS + (EARLY_MS * rate) / 1000
    this.#last = ((last % this.#modulus) + this.#modulus) % this.#modulus
  }

  /** Number of the last scan that was looked at. */
  get last(): number {
    return this.#last
  }

  /**
   * The first scan from `from` on that others are missing before, else the end of the buffer.
   *
   * @param late - scans that would be missing by time, if the buffer's last scan had just been measured
   */
  find(scans: ScanBuffer, from: number, late: number): number {
    const { length } = scans
    for (let i = from; i < length; i += 1) {
      const number = this.#numberOf(scans, i)
      const expected = (this.#last + 1) % this.#modulus
      if (Number.isNaN(this.#last) || number === expected) {
        this.#isOdd = false
        if (!Number.isNaN(number)) this.#last = number
        continue
      }
      this.missing = this.#jump(scans, i, expected, late)
      // the scan itself is looked at again, as the next that is expected
      if (this.missing > 0) {
        this.#last = (number + this.#modulus - 1) % this.#modulus
        return i
      }
      this.#last = this.#isOdd && !Number.isNaN(number) ? number : expected
      this.#isOdd = true
    }
    return length
  }

  /** Scans that a number other than the expected one says are missing; 0 where it is not to be believed. */
  #jump(scans: ScanBuffer, i: number, expected: number, late: number): number {
    const modulus = this.#modulus
    const number = this.#numberOf(scans, i)
    if (Number.isNaN(number)) return 0
    if (i + 1 < scans.length && this.#numberOf(scans, i + 1) === (expected + 1) % modulus) return 0
    const missing = (number - expected + modulus) % modulus
    const turns = Math.max(0, Math.round((late - missing) / modulus))
    return missing <= late + this.#slack ? missing + turns * modulus : 0
  }

  #numberOf({ values, capacity }: ScanBuffer, i: number): number {
    const value = (values[this.#column * capacity + i] as number) * this.#factor + this.#add
    const number = Math.round(value)
    return Math.abs(value - number) < 0.25 && number >= 0 && number < this.#modulus ? number : Number.NaN
  }
}
