import { type Clock, defineStream, type Gap } from '@messwerk/core/model'
import { StreamLane } from '../payload/stream-lane.ts'
import { ByteIndex } from './byte-index.ts'
import { type KafkaRecords, type Part, splitOf } from './kafka-client.ts'
import { messageOf } from './kafka-message.ts'
import type { SourcePlan } from './kafka-source-options.ts'

const MOST_LANES = 100_000
const MS = 1e6

/** The streams of one partition, found by what names them: the keys of its records, or a function of one's own. @internal */
export class StreamLanes {
  readonly #part: Part
  readonly #plan: SourcePlan
  readonly #lanes = new Map<string, StreamLane>()
  /** The same by the bytes of their keys. */
  readonly #byKey = new ByteIndex<StreamLane>()
  #newLaneGap: Gap | undefined

  constructor(part: Part, plan: SourcePlan) {
    this.#part = part
    this.#plan = plan
  }

  /** The stream of a record, or why there is none. */
  of(records: KafkaRecords, i: number, isAppendTime: boolean): StreamLane | string {
    const { stream } = this.#plan
    if (!stream) return this.#ofKey(records, i, isAppendTime)
    try {
      const id = stream(messageOf(this.#part, records, i))
      if (typeof id === 'string' && id !== '') return this.#ofId(id, records, i, isAppendTime)
      return `stream gave ${JSON.stringify(id)} where an id was expected`
    } catch (error) {
      return `stream: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  /** Records were deleted before they were read: every stream has a hole, those that are not known yet, too. */
  tear(): void {
    for (const lane of this.#lanes.values()) lane.tear('lost')
    this.#newLaneGap = { scans: 'unknown', cause: 'lost' }
  }

  #ofKey(records: KafkaRecords, i: number, isAppendTime: boolean): StreamLane | string {
    const length = records.keyLength(i)
    if (length <= 0) return this.#ofId(this.#part.topic, records, i, isAppendTime)
    const source = records.source(i)
    const at = records.keyAt(i)
    const known = this.#byKey.get(source, at, length)
    // one that had to make room is another by now
    if (known && this.#lanes.get(known.stream.id) === known) return known
    const lane = this.#ofId(records.key(i) as string, records, i, isAppendTime)
    if (typeof lane !== 'string') this.#byKey.set(source, at, length, lane)
    return lane
  }

  #ofId(id: string, records: KafkaRecords, i: number, isAppendTime: boolean): StreamLane | string {
    return this.#lanes.get(id) ?? this.#open(id, records, i, isAppendTime)
  }

  #open(id: string, records: KafkaRecords, i: number, isAppendTime: boolean): StreamLane | string {
    const { payload, tags, topics } = this.#plan
    const { topic } = this.#part
    try {
      const named = tags ? tags(messageOf(this.#part, records, i)) : topics.map((one) => one.match(topic)).find(Boolean)
      const channels = Object.entries(payload.channels).map(([name, unit]) => ({ name, unit }))
      const stream = defineStream({ id, channels, tags: named ?? {} })
      const clock: Clock = payload.hasTime ? 'source' : clockOf(records.timestamp(i), isAppendTime)
      const uncertainty = payload.hasTime ? payload.uncertainty : MS
      const lane = new StreamLane(stream, { split: splitOf(this.#part), clock, uncertainty })
      if (this.#newLaneGap) lane.declare(this.#newLaneGap)
      if (this.#lanes.size >= MOST_LANES) this.#lanes.delete(this.#lanes.keys().next().value as string)
      this.#lanes.set(id, lane)
      return lane
    } catch (error) {
      return `tags: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

function clockOf(ms: number, isAppendTime: boolean): Clock {
  if (ms < 0) return 'arrival'
  return isAppendTime ? 'broker' : 'source'
}
