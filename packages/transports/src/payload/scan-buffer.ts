import type { Gap } from '@messwerk/core/model'

/**
 * The scans of one message, row by row, used again for each message: nothing is allocated once it has grown.
 *
 * @internal
 */
export class ScanBuffer {
  readonly width: number
  /** Row-major: the value of channel `c` of scan `i` is `values[i * width + c]`. NaN = no value. */
  values: Float64Array<ArrayBuffer>
  /** Whole ms since the Unix epoch; NaN = the payload has no time. */
  ms = new Float64Array(1)
  /** The rest of one ms, 0 <= ns < 1e6. */
  ns = new Float64Array(1)
  /** Sequence number; NaN = none. */
  sequence = new Float64Array(1)
  length = 0
  /** How many scans the payload holds, also when it is rejected; undefined = not known. */
  held: number | undefined
  /** Declared by the payload before its first scan. */
  gap: Gap | undefined

  constructor(width: number) {
    this.width = width
    this.values = new Float64Array(width)
  }

  clear(): void {
    this.length = 0
    this.held = undefined
    this.gap = undefined
  }

  /** Begins a scan without values, time and sequence; returns its number. */
  begin(): number {
    const at = this.length
    if (at === this.ms.length) this.#grow()
    // a few values: a call of `fill` takes longer
    for (let i = at * this.width, end = i + this.width; i < end; i += 1) this.values[i] = Number.NaN
    this.ms[at] = Number.NaN
    this.ns[at] = 0
    this.sequence[at] = Number.NaN
    this.length = at + 1
    return at
  }

  #grow(): void {
    const capacity = this.ms.length * 4
    const larger = (from: Float64Array, size: number): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(size)
      to.set(from)
      return to
    }
    this.values = larger(this.values, capacity * this.width)
    this.ms = larger(this.ms, capacity)
    this.ns = larger(this.ns, capacity)
    this.sequence = larger(this.sequence, capacity)
  }
}
