import { Buffer } from 'node:buffer'
import {
  type Batch,
  type Clock,
  DecodeError,
  defineStream,
  type Gap,
  type GapCause,
  type Rejected
} from '@messwerk/core/model'
import { LaneList } from '../payload/lane-list.ts'
import { ScanBuffer } from '../payload/scan-buffer.ts'
import { StreamLane } from '../payload/stream-lane.ts'
import { type Fetched, type KafkaRecord, type Part, splitOf } from './kafka-client.ts'
import { headersOf, messageOf } from './kafka-message.ts'
import type { SourcePlan } from './kafka-source-options.ts'

/** What a decoder is told of its source. @internal */
export interface DecoderOptions {
  readonly plan: SourcePlan
  readonly now: () => number
  /** Told when a publisher counts anew. */
  readonly restarted: (stream: string) => void
}

const KEPT_OF_REJECTED = 64 * 1024
const MOST_LANES = 100_000
const MS = 1e6

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
  readonly #lanes = new Map<string, StreamLane>()
  readonly #listed = new LaneList()
  #newLaneGap: Gap | undefined
  #rejected: Rejected[] = []

  constructor(part: Part, next: number, options: DecoderOptions) {
    this.part = part
    this.split = splitOf(part)
    this.wanted = this.next = this.begun = this.end = next
    this.#options = options
    this.#scans = new ScanBuffer(Object.keys(options.plan.payload.channels).length)
  }

  /** Records that lie behind what was handed over. */
  get lag(): number {
    return Math.max(0, this.end - this.next)
  }

  /** Records were deleted before they were read: every stream has a hole. */
  skipTo(offset: number): void {
    this.wanted = offset
    for (const lane of this.#lanes.values()) lane.tear('lost')
    this.#newLaneGap = { scans: 'unknown', cause: 'lost' }
  }

  /** Fetches what decoding these records needs; undefined where all of it is there. @throws SdkError */
  prepared({ records }: Fetched): Promise<void> | undefined {
    const { payload, maxPayload } = this.#options.plan
    if (!payload.prepare) return undefined
    const missing: Promise<void>[] = []
    for (let i = 0; i < records.length; i += 1) {
      const { value } = records[i] as KafkaRecord
      const wait = value === null || value.length > maxPayload ? undefined : payload.prepare(value)
      if (wait) missing.push(wait)
    }
    return missing.length > 0 ? Promise.all(missing).then(() => {}) : undefined
  }

  /** A batch of the records `from` to `to`. */
  batch({ records, next, isAppendTime }: Fetched, from: number, to: number): Batch {
    const isLast = to === records.length
    for (let i = from; i < to; i += 1) this.#decode(records[i] as KafkaRecord, isAppendTime)
    const position = isLast ? next - 1 : Number((records[to - 1] as KafkaRecord).offset)
    const { blocks, sequences } = this.#listed.take()
    const rejected = this.#rejected.length > 0 ? this.#rejected : undefined
    this.#rejected = []
    this.next = position + 1
    return { split: this.split, position, blocks, sequences, rejected }
  }

  #decode(record: KafkaRecord, isAppendTime: boolean): void {
    const { value, headers } = record
    if (value === null) return // a deletion in a compacted topic
    const { payload, maxPayload } = this.#options.plan
    const lane = this.#laneOf(record, isAppendTime)
    if (typeof lane === 'string') return this.#reject(record, lane)
    const scans = this.#scans
    scans.clear()
    const rule =
      value.length > maxPayload
        ? `is too large: ${value.length} B, maxPayload is ${maxPayload} B`
        : payload.decode(value, this.part.topic, scans, headersOf(headers))
    if (rule !== undefined) return this.#refuse(record, rule, lane, 'rejected')
    if (!payload.hasTime) this.#stamp(record, lane)
    if (lane.isLate(scans)) {
      return this.#refuse(record, `its time lies before the last one of stream '${lane.stream.id}'`, lane, 'late')
    }
    this.#listed.add(lane)
    if (scans.gap) lane.declare(scans.gap)
    if (lane.add(scans, Number(record.offset), false) === 'restarted') this.#options.restarted(lane.stream.id)
  }

  /** The payload has no time: that of the record counts, in whole ms. */
  #stamp({ timestamp }: KafkaRecord, lane: StreamLane): void {
    const ms = Number(timestamp)
    if (ms < 0) return lane.stampArrival(this.#scans, this.#options.now())
    this.#scans.ms.fill(ms, 0, this.#scans.length)
    this.#scans.ns.fill(0, 0, this.#scans.length)
  }

  /** Rejects a record of a stream, and declares its scans as missing. */
  #refuse(record: KafkaRecord, why: string, lane: StreamLane, cause: GapCause): void {
    const { held } = this.#scans
    const isUntold = held !== 0 && lane.refuse({ scans: held ?? 'unknown', cause })
    // what was collected before it is a block of its own
    this.#listed.add(lane)
    this.#reject(record, why, isUntold ? { stream: lane.stream.id, scans: held, cause } : undefined)
  }

  #reject(record: KafkaRecord, why: string, hole?: Pick<Rejected, 'stream' | 'scans' | 'cause'>): void {
    const position = Number(record.offset)
    const error = new DecodeError(`${this.split}, offset ${position}`, why)
    // a view would keep the whole answer of the broker alive
    const payload = Buffer.from((record.value as Buffer).subarray(0, KEPT_OF_REJECTED))
    this.#rejected.push({ error, payload, from: this.split, position, ...hole })
  }

  /** The stream of a record, or why there is none. */
  #laneOf(record: KafkaRecord, isAppendTime: boolean): StreamLane | string {
    const { plan } = this.#options
    const { topic } = this.part
    if (!plan.stream) {
      const id = record.key === null || record.key.length === 0 ? topic : record.key.toString()
      return this.#lanes.get(id) ?? this.#open(id, record, isAppendTime)
    }
    try {
      const id = plan.stream(messageOf(this.part, record))
      if (typeof id === 'string' && id !== '') return this.#lanes.get(id) ?? this.#open(id, record, isAppendTime)
      return `stream gave ${JSON.stringify(id)} where an id was expected`
    } catch (error) {
      return `stream: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  #open(id: string, record: KafkaRecord, isAppendTime: boolean): StreamLane | string {
    const { payload, tags, topics } = this.#options.plan
    const { topic } = this.part
    try {
      const named = tags ? tags(messageOf(this.part, record)) : topics.map((one) => one.match(topic)).find(Boolean)
      const channels = Object.entries(payload.channels).map(([name, unit]) => ({ name, unit }))
      const stream = defineStream({ id, channels, tags: named ?? {} })
      const clock: Clock = payload.hasTime ? 'source' : clockOf(record, isAppendTime)
      const uncertainty = payload.hasTime ? payload.uncertainty : MS
      const lane = new StreamLane(stream, { split: this.split, clock, uncertainty })
      if (this.#newLaneGap) lane.declare(this.#newLaneGap)
      if (this.#lanes.size >= MOST_LANES) this.#lanes.delete(this.#lanes.keys().next().value as string)
      this.#lanes.set(id, lane)
      return lane
    } catch (error) {
      return `tags: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

function clockOf({ timestamp }: KafkaRecord, isAppendTime: boolean): Clock {
  if (Number(timestamp) < 0) return 'arrival'
  return isAppendTime ? 'broker' : 'source'
}
