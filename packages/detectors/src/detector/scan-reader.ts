import type { Samples } from '@messwerk/core/model'
import type { LearnedScans } from './learned-scans.ts'

/** Larger values are scored but not learned: their squares would overflow, and one such reading would blind the channel. */
const LEARNABLE = 1e150

/**
 * Reads the used columns of samples scan by scan, and counts the time that passes.
 *
 * @internal
 */
export class ScanReader {
  /** The scan read last: one value a used column. */
  readonly row: Float64Array
  /** Seconds of the scan read last: since an origin where the samples carry times, else since the first scan seen. */
  seconds: number
  readonly #used: Int32Array

  constructor(used: Int32Array, seconds = 0) {
    this.#used = used
    this.row = new Float64Array(used.length)
    this.seconds = seconds
  }

  /** Moves the clock on to a scan: once for each scan seen. */
  tick({ seconds }: Samples, scan: number): void {
    this.seconds = typeof seconds === 'number' ? this.seconds + seconds : seconds[scan]!
  }

  /** Leaves the scan in `row`; false where a value is not finite. */
  read({ values, length }: Samples, scan: number): boolean {
    let sum = 0
    for (let u = 0; u < this.#used.length; u += 1) {
      // + 0 makes -0 to 0: which of the two a median is would depend on the order of the rows.
      const x = values[this.#used[u]! * length + scan]! + 0
      sum += x - x
      this.row[u] = x
    }
    return sum === 0
  }

  /** Whether the scan in `row` can be learned. */
  get isLearnable(): boolean {
    for (let u = 0; u < this.row.length; u += 1)
      if (!(this.row[u]! <= LEARNABLE && this.row[u]! >= -LEARNABLE)) return false
    return true
  }

  /** Makes NaN of what cannot be learned; false where that is all. */
  #leaveOut(): boolean {
    let rest = 0
    for (let u = 0; u < this.row.length; u += 1) {
      if (this.row[u]! <= LEARNABLE && this.row[u]! >= -LEARNABLE) rest += 1
      else this.row[u] = Number.NaN
    }
    return rest > 0
  }

  /** All scans that can be learned, with `partial` in part; the clock starts at 0 and stands at the last scan behind it. */
  learnable(samples: Samples, partial = false): LearnedScans {
    const width = this.row.length
    const rows = new Float64Array(width * samples.length)
    const seconds = new Float64Array(samples.length)
    let length = 0
    this.seconds = 0
    for (let i = 0; i < samples.length; i += 1) {
      this.tick(samples, i)
      this.read(samples, i)
      if (!(partial ? this.#leaveOut() : this.isLearnable)) continue
      rows.set(this.row, length * width)
      seconds[length] = this.seconds
      length += 1
    }
    return { length, rows: rows.subarray(0, length * width), seconds: seconds.subarray(0, length) }
  }
}
