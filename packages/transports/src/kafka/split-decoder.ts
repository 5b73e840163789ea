import { Buffer } from 'node:buffer'
import { type Batch, DecodeError, type GapCause, type Rejected } from '@messwerk/core/model'
import { LaneList } from '../payload/lane-list.ts'
import { ScanBuffer } from '../payload/scan-buffer.ts'
import type { StreamLane } from '../payload/stream-lane.ts'
import { type Fetched, type KafkaRecords, type Part, splitOf } from './kafka-client.ts'
import type { SourcePlan } from './kafka-source-options.ts'
import { StreamLanes } from './stream-lanes.ts'

/** What a decoder is told of its source. @internal */
export interface DecoderOptions {
  readonly plan: SourcePlan
  readonly now: () => number
  /** Told when a publisher counts anew. */
  readonly restarted: (stream: string) => void
}

const KEPT_OF_REJECTED = 64 * 1024

/**
 * One partition that is read: how far, and its streams, each with its last time and sequence number. What was fetched
 * becomes batches when the pipeline asks for them.
 *
 * @internal
 */
export class SplitDecoder {
  readonly split: string
  readonly part: Part
  /** Offset that is to be fetched next. */
  wanted: number
  /** Behind what was handed over. */
  next: number
  /** Where `next` stood when it was assigned. */
  begun: number
  /** Offset that the next record of the partition will get, as far as is known. */
  end: number
  readonly #options: DecoderOptions
  readonly #scans: ScanBuffer
  readonly #lanes: StreamLanes
  readonly #listed = new LaneList()
  #rejected: Rejected[] = []

  constructor(part: Part, next: number, options: DecoderOptions) {
    this.part = part
    this.split = splitOf(part)
    this.wanted = this.next = this.begun = this.end = next
    this.#options = options
    this.#lanes = new StreamLanes(part, options.plan)
    this.#scans = new ScanBuffer(Object.keys(options.plan.payload.channels).length)
  }

  /** Records that lie behind what was handed over. */
  get lag(): number {
    return Math.max(0, this.end - this.next)
  }

  /** Records were deleted before they were read: every stream has a hole. */
  skipTo(offset: number): void {
    this.wanted = offset
    this.#lanes.tear()
  }

  /** Fetches what decoding these records needs; undefined where all of it is there. @throws SdkError */
  prepared({ records }: Fetched): Promise<void> | undefined {
    const { payload, maxPayload } = this.#options.plan
    if (!payload.prepare) return undefined
    const missing: Promise<void>[] = []
    for (let i = 0; i < records.length; i += 1) {
      const length = records.valueLength(i)
      const wait = length < 0 || length > maxPayload ? undefined : payload.prepare(records.value(i))
      if (wait) missing.push(wait)
    }
    return missing.length > 0 ? Promise.all(missing).then(() => {}) : undefined
  }

  /** A batch of the records `from` to `to`. */
  batch({ records, next, isAppendTime }: Fetched, from: number, to: number): Batch {
    const isLast = to === records.length
    for (let i = from; i < to; i += 1) this.#decode(records, i, isAppendTime)
    const position = isLast ? next - 1 : records.offset(to - 1)
    const { blocks, sequences } = this.#listed.take()
    const rejected = this.#rejected.length > 0 ? this.#rejected : undefined
    this.#rejected = []
    this.next = position + 1
    return { split: this.split, position, blocks, sequences, rejected }
  }

  #decode(records: KafkaRecords, i: number, isAppendTime: boolean): void {
    const length = records.valueLength(i)
    if (length < 0) return // a deletion in a compacted topic
    const { payload, maxPayload } = this.#options.plan
    const lane = this.#lanes.of(records, i, isAppendTime)
    if (typeof lane === 'string') return this.#reject(records, i, lane)
    const scans = this.#scans
    scans.clear()
    const rule =
      length > maxPayload
        ? `is too large: ${length} B, maxPayload is ${maxPayload} B`
        : this.#decodeValue(records, i, length)
    if (rule !== undefined) return this.#refuse(records, i, rule, lane, 'rejected')
    if (!payload.hasTime) this.#stamp(records.timestamp(i), lane)
    if (lane.isLate(scans)) {
      return this.#refuse(records, i, `its time lies before the last one of stream '${lane.stream.id}'`, lane, 'late')
    }
    this.#listed.add(lane)
    if (scans.gap) lane.declare(scans.gap)
    if (lane.add(scans, records.offset(i), false) === 'restarted') this.#options.restarted(lane.stream.id)
  }

  #decodeValue(records: KafkaRecords, i: number, length: number): string | undefined {
    const { payload } = this.#options.plan
    if (!payload.decodeAt) return payload.decode(records.value(i), this.part.topic, this.#scans, records.headers(i))
    const at = records.valueAt(i)
    return payload.decodeAt(records.source(i), at, at + length, this.#scans)
  }

  /** The payload has no time: that of the record counts, in whole ms. */
  #stamp(ms: number, lane: StreamLane): void {
    if (ms < 0) return lane.stampArrival(this.#scans, this.#options.now())
    this.#scans.ms.fill(ms, 0, this.#scans.length)
    this.#scans.ns.fill(0, 0, this.#scans.length)
  }

  /** Rejects a record of a stream, and declares its scans as missing. */
  #refuse(records: KafkaRecords, i: number, why: string, lane: StreamLane, cause: GapCause): void {
    const { held } = this.#scans
    const isUntold = held !== 0 && lane.refuse({ scans: held ?? 'unknown', cause })
    // what was collected before it is a block of its own
    this.#listed.add(lane)
    this.#reject(records, i, why, isUntold ? { stream: lane.stream.id, scans: held, cause } : undefined)
  }

  #reject(records: KafkaRecords, i: number, why: string, hole?: Pick<Rejected, 'stream' | 'scans' | 'cause'>): void {
    const position = records.offset(i)
    const error = new DecodeError(`${this.split}, offset ${position}`, why)
    // a view would keep the whole answer of the broker alive
    const payload = Buffer.from(records.value(i).subarray(0, KEPT_OF_REJECTED))
    this.#rejected.push({ error, payload, from: this.split, position, ...hole })
  }
}
