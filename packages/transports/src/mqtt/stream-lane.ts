import { type Block, type Clock, type Gap, joinGaps, Quality, type Stream } from '@messwerk/core/model'
import type { ScanBuffer } from './scan-buffer.ts'

// that are told apart, of one instant: an id has 48 bits, a safe integer 53
const SCANS_A_MESSAGE = 32
const FIRST_CAPACITY = 16
const MOST_SCANS = 1024

/** What a lane is told about its scans. @internal */
export interface LaneOptions {
  readonly split: string
  readonly clock: Clock
  readonly uncertainty: number
}

/**
 * Collects the scans of one stream into blocks, with the time, position and quality of each. It knows the stream's last
 * time and sequence number, so that nothing goes back in time and what was skipped is declared.
 *
 * @internal
 */
export class StreamLane {
  readonly stream: Stream
  /** Whether it stands in the list of those to be taken. */
  isListed = false
  readonly #options: LaneOptions
  readonly #width: number
  #capacity = FIRST_CAPACITY
  #columns: Float64Array<ArrayBuffer>
  #offsets = new Float64Array(FIRST_CAPACITY)
  #positions = new Float64Array(FIRST_CAPACITY)
  #length = 0
  #hasMissing = false
  #startMs = 0
  #startNs = 0
  #lastMs = Number.NEGATIVE_INFINITY
  #lastNs = 0
  #lastSequence = Number.NaN
  #firstSequence = Number.NaN
  #lastOfBlock = Number.NaN
  /** Before the block that is being collected. */
  #blockGap: Gap | undefined
  /** Before the next scan. */
  #gap: Gap | undefined
  #done: Block[] = []
  /** First and last sequence number of each block in `#done`. */
  #doneSequences: number[] = []

  constructor(stream: Stream, options: LaneOptions) {
    this.stream = stream
    this.#options = options
    this.#width = stream.channels.length
    this.#columns = new Float64Array(this.#width * FIRST_CAPACITY)
  }

  /** Declares a hole before the next scan. */
  declare(gap: Gap): void {
    this.#close()
    this.#gap = joinGaps(this.#gap, gap)
  }

  /** The session is gone at the broker: what it sent meanwhile is not known, unless sequence numbers tell. */
  tear(): void {
    if (Number.isNaN(this.#lastSequence)) this.declare({ scans: 'unknown', cause: 'reconnect' })
  }

  /** Whether a message lies before what has been taken of this stream. */
  isLate(scans: ScanBuffer): boolean {
    let lastMs = this.#lastMs
    let lastNs = this.#lastNs
    for (let i = 0; i < scans.length; i += 1) {
      const ms = scans.ms[i] as number
      const ns = scans.ns[i] as number
      if (ms < lastMs || (ms === lastMs && ns < lastNs)) return true
      lastMs = ms
      lastNs = ns
    }
    return false
  }

  /** Gives the scans the time of arrival, which strictly increases. */
  stampArrival(scans: ScanBuffer, now: number): void {
    let ms = Math.floor(now)
    let ns = Math.floor((now - ms) * 1e6)
    for (let i = 0; i < scans.length; i += 1) {
      if (ms < this.#lastMs || (ms === this.#lastMs && ns <= this.#lastNs)) {
        ms = this.#lastMs
        ns = this.#lastNs + 1
        if (ns === 1e6) {
          ms += 1
          ns = 0
        }
      }
      scans.ms[i] = this.#lastMs = ms
      scans.ns[i] = this.#lastNs = ns
    }
  }

  /**
   * Adds the scans of a message. Returns what its sequence numbers say: undefined = as expected.
   *
   * @param mayRepeat - a redelivery: numbers that were there before mean nothing
   * @param id - tells rows of one instant apart, in the place of the position: a redelivery has another position, and must
   *   make the same rows
   */
  add(scans: ScanBuffer, position: number, mayRepeat: boolean, id?: number): 'restarted' | undefined {
    let verdict: 'restarted' | undefined
    for (let i = 0; i < scans.length; i += 1) {
      if (this.#follow(scans.sequence[i] as number, mayRepeat)) verdict = 'restarted'
      this.#put(scans, i, id === undefined ? position : id * SCANS_A_MESSAGE + (i % SCANS_A_MESSAGE))
    }
    return verdict
  }

  /** The collected blocks; starts anew. First and last sequence number of each are added to `sequences`. */
  take(sequences: number[] = []): readonly Block[] {
    this.#close()
    const done = this.#done
    if (done.length === 0) return done
    for (const sequence of this.#doneSequences) sequences.push(sequence)
    this.#doneSequences.length = 0
    this.#done = []
    return done
  }

  /** With a number before it, a number says exactly what is missing, whatever was declared meanwhile. */
  #follow(sequence: number, mayRepeat: boolean): boolean {
    if (Number.isNaN(sequence)) return false
    const last = this.#lastSequence
    const isBack = sequence <= last
    if (isBack && mayRepeat) return false
    this.#lastSequence = sequence
    if (Number.isNaN(last)) return false
    const declared = this.#gap
    this.#gap = undefined
    if (sequence === last + 1) return false
    const scans = isBack ? 'unknown' : sequence - last - 1
    this.declare({ scans, cause: declared?.scans === scans ? declared.cause : 'sequence' })
    return isBack
  }

  #put(scans: ScanBuffer, i: number, position: number): void {
    const at = this.#length
    if (at === this.#capacity) this.#grow()
    const ms = scans.ms[i] as number
    const ns = scans.ns[i] as number
    if (at === 0) {
      this.#firstSequence = scans.sequence[i] as number
      this.#blockGap = this.#gap
      this.#gap = undefined
      this.#startMs = ms
      this.#startNs = ns
    }
    this.#lastOfBlock = scans.sequence[i] as number
    const from = i * this.#width
    for (let c = 0; c < this.#width; c += 1) {
      const value = scans.values[from + c] as number
      if (Number.isNaN(value)) this.#hasMissing = true
      this.#columns[c * this.#capacity + at] = value
    }
    this.#offsets[at] = (ms - this.#startMs) * 1e6 + (ns - this.#startNs)
    this.#positions[at] = position
    if (ms > this.#lastMs || (ms === this.#lastMs && ns > this.#lastNs)) {
      this.#lastMs = ms
      this.#lastNs = ns
    }
    this.#length = at + 1
    if (this.#length === MOST_SCANS) this.#close()
  }

  #grow(): void {
    const before = this.#capacity
    const capacity = before * 4
    const columns = new Float64Array(this.#width * capacity)
    for (let c = 0; c < this.#width; c += 1) {
      columns.set(this.#columns.subarray(c * before, (c + 1) * before), c * capacity)
    }
    const larger = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(capacity)
      to.set(from)
      return to
    }
    this.#columns = columns
    this.#offsets = larger(this.#offsets)
    this.#positions = larger(this.#positions)
    this.#capacity = capacity
  }

  #close(): void {
    const length = this.#length
    if (length === 0) return
    const { split, clock, uncertainty } = this.#options
    const values = new Float64Array(this.#width * length)
    for (let c = 0; c < this.#width; c += 1) {
      const from = c * this.#capacity
      values.set(this.#columns.subarray(from, from + length), c * length)
    }
    const positions = this.#positions.slice(0, length)
    const start = BigInt(this.#startMs) * 1_000_000n + BigInt(this.#startNs)
    this.#done.push({
      stream: this.stream,
      length,
      values,
      time: { start, clock, uncertainty, offsets: this.#offsets.slice(0, length) },
      quality: this.#hasMissing ? qualityOf(values) : undefined,
      gap: this.#blockGap,
      origin: { split, position: positions[length - 1] as number, positions }
    })
    this.#doneSequences.push(this.#firstSequence, this.#lastOfBlock)
    this.#hasMissing = false
    this.#length = 0
  }
}

function qualityOf(values: Float64Array): Uint8Array {
  const quality = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i += 1) if (Number.isNaN(values[i])) quality[i] = Quality.missing
  return quality
}
