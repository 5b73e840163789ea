import type { Buffer } from 'node:buffer'
import type { UserProperties } from '../payload/payload.ts'

/** One partition of a topic. @internal */
export interface Part {
  readonly topic: string
  readonly partition: number
}

/** Name of the split of a partition. @internal */
export function splitOf({ topic, partition }: Part): string {
  return `${topic}/${partition}`
}

/**
 * Records of one partition, in the order of their offsets, each asked for by its number: there is no object for each.
 *
 * @internal
 */
export interface KafkaRecords {
  readonly length: number
  /** What it takes of the memory. */
  readonly bytes: number
  offset(i: number): number
  /** ms since the Unix epoch; below 0 = none. */
  timestamp(i: number): number
  /** Length of the key; below 0 = null. */
  keyLength(i: number): number
  /** As text; undefined where it is null. */
  key(i: number): string | undefined
  /** Length of the value; below 0 = null. */
  valueLength(i: number): number
  /** Of no bytes where it is null. Bytes of the answer: to be copied where they are kept. */
  value(i: number): Buffer
  /** The bytes that key and value are part of, and where they begin in them: to read them without a text or a view. */
  source(i: number): Buffer
  keyAt(i: number): number
  valueAt(i: number): number
  /** As texts; undefined where there are none. */
  headers(i: number): UserProperties | undefined
}

/** What is wanted of a partition. @internal */
export interface Wanted extends Part {
  /** Offset of the first record. */
  readonly offset: number
}

/** What came of a partition. @internal */
export interface Fetched extends Part {
  /** Those of committed transactions, from the wanted offset on. */
  readonly records: KafkaRecords
  /** Where to go on: behind the records, and behind what is none (control records, aborted transactions, records that were compacted away). */
  readonly next: number
  /** Offset that the next record will get: what lies between is the lag. */
  readonly end: number
  /** Whether the broker set the timestamps (LogAppendTime), not the producer. */
  readonly isAppendTime: boolean
}

/** @internal */
export interface FetchLimits {
  /** Of one answer; a larger record batch comes whole all the same. */
  readonly bytes: number
  readonly bytesPerPartition: number
  /** How long the broker may wait for records where it has none. */
  readonly waitMs: number
}

/** @internal */
export interface GroupOptions {
  readonly group: string
  /** Known from a connection before: this member goes on, nobody waits until it is missed. */
  readonly member: string
  /** Of a static member: it may be away for `sessionMs` and keeps what it reads. */
  readonly instance?: string | undefined
  readonly sessionMs: number
  /** How long the others wait for a member that hands over. */
  readonly rebalanceMs: number
}

/**
 * One member of a consumer group. Every rule of hand-over is the reading's: it stops, settles and commits between a
 * `heartbeat` that says `rebalancing` and the next `join`.
 *
 * @internal
 */
export interface KafkaGroup {
  /** Id that the group gave to this member; empty before the first `join`. */
  readonly member: string
  /** Joins, or joins again, and resolves with what this member is to read. */
  join(topics: readonly string[]): Promise<readonly Part[]>
  /**
   * `expelled`: the group goes on without this member, what it read is someone else's. As of every request, an error of type
   * `FENCED_INSTANCE_ID` says that another process goes by the same `instance` now.
   */
  heartbeat(): Promise<'steady' | 'rebalancing' | 'expelled'>
  /** The offset to go on from, where something has been committed. */
  committed(parts: readonly Part[]): Promise<readonly (number | undefined)[]>
  /** Commits under the generation of the last `join`: a broker refuses those of an older one. */
  commit(offsets: readonly Wanted[]): Promise<'committed' | 'expelled'>
  leave(): Promise<void>
}

/** A message that goes out. @internal */
export interface KafkaOutgoing {
  readonly key: string | Buffer | null
  readonly value: string | Buffer
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** ms since the Unix epoch. */
  readonly timestamp: number
}

/**
 * Everything that a source asks of a client library. Another library takes the place of this one by these few methods.
 *
 * @internal
 */
export interface KafkaReader {
  /** Names of all topics that these credentials may see. */
  topics(): Promise<readonly string[]>
  /** Looks the topics up. @throws NotConnectedError where one does not exist */
  watch(topics: readonly string[]): Promise<void>
  /** Partitions of a watched topic. */
  parts(topic: string): readonly Part[]
  /** Looks the leaders up anew. */
  refresh(): Promise<void>
  /** By leader, those partitions that have one. */
  leaders(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]>
  offsets(parts: readonly Part[], at: 'earliest' | 'latest' | number): Promise<readonly number[]>
  /** One request to a leader. Not to call it is how a partition is paused. @throws OutOfRange */
  fetch(leader: string, wanted: readonly Wanted[], limits: FetchLimits): Promise<readonly Fetched[]>
  group(options: GroupOptions): KafkaGroup
  /** Lets the process end although it is connected. */
  unref(): void
  close(): Promise<void>
}

/** @internal */
export interface KafkaWriter {
  /** Resolves when the brokers have confirmed all of them. */
  send(topic: string, messages: readonly KafkaOutgoing[]): Promise<void>
  close(): Promise<void>
}

/** A wanted offset is not in the log any more, or not yet. @internal */
export class OutOfRange extends Error {
  override readonly name = 'OutOfRange'
  readonly part: Part | undefined

  constructor(part: Part | undefined, options?: ErrorOptions) {
    super('the offset is out of range', options)
    this.part = part
  }
}
