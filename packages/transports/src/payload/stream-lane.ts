import { type Block, type Clock, type Gap, type GapCause, joinGaps, type Stream } from '@messwerk/core/model'
import type { ScanBuffer } from './scan-buffer.ts'
import { ScanColumns } from './scan-columns.ts'

// that are told apart, of one instant: an id has 48 bits, a safe integer 53
const SCANS_A_MESSAGE = 32
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
  readonly #columns: ScanColumns
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
    this.#columns = new ScanColumns(stream, options)
  }

  /** Declares a hole before the next scan. */
  declare(gap: Gap): void {
    this.#close()
    this.#gap = joinGaps(this.#gap, gap)
  }

  /**
   * A message was rejected. Returns whether the pipeline has to declare the hole; where the publisher counts, its next
   * number tells what is missing, also over a restart.
   */
  refuse(gap: Gap): boolean {
    this.#close()
    if (Number.isNaN(this.#lastSequence)) return true
    this.#gap = joinGaps(this.#gap, gap)
    return false
  }

  /** The broker has lost what it had for us: how much that was is not known, unless sequence numbers tell. */
  tear(cause: GapCause = 'reconnect'): void {
    if (Number.isNaN(this.#lastSequence)) this.declare({ scans: 'unknown', cause })
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
    this.declare({ scans, cause: explains(declared, scans) ? declared.cause : 'sequence' })
    return isBack
  }

  #put(scans: ScanBuffer, i: number, position: number): void {
    const sequence = scans.sequence[i] as number
    if (this.#columns.length === 0) {
      this.#firstSequence = sequence
      this.#blockGap = this.#gap
      this.#gap = undefined
    }
    this.#lastOfBlock = sequence
    this.#columns.add(scans, i, position)
    const ms = scans.ms[i] as number
    const ns = scans.ns[i] as number
    if (ms > this.#lastMs || (ms === this.#lastMs && ns > this.#lastNs)) {
      this.#lastMs = ms
      this.#lastNs = ns
    }
    if (this.#columns.length === MOST_SCANS) this.#close()
  }

  #close(): void {
    if (this.#columns.length === 0) return
    this.#done.push(this.#columns.cut(this.#blockGap))
    this.#doneSequences.push(this.#firstSequence, this.#lastOfBlock)
  }
}

/** Whether what was declared before a number is what the number says is missing. */
function explains(declared: Gap | undefined, scans: Gap['scans']): declared is Gap {
  if (declared === undefined) return false
  return declared.scans === scans || (declared.scans === 'unknown' && declared.cause === 'rejected')
}
