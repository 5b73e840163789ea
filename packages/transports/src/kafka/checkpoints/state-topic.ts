import { ProtocolError, TimeoutError } from '@messwerk/core/model'
import type { KafkaReader, Part } from '../kafka-client.ts'
import { kafkaError } from '../kafka-errors.ts'
import { kafkajsClient } from '../kafkajs-client.ts'
import { openKafkajsReader } from '../kafkajs-reader.ts'
import type { CheckpointsPlan } from './kafka-checkpoints-options.ts'
import { prefixOf, type SplitId } from './state-records.ts'

const COMPACTED = 'compact'
const TOPIC_RESOURCE = 2
const LIMITS = { bytes: 4 * 1024 * 1024, bytesPerPartition: 4 * 1024 * 1024, waitMs: 100 }
/** Answers without anything new; a transaction that nobody ends blocks reading until the brokers give it up. */
const PATIENCE_MS = 30_000

/** Makes the topic where there is none. @throws SdkError; ProtocolError where it would lose states @internal */
export async function prepareTopic(plan: CheckpointsPlan): Promise<void> {
  const { topic, partitions, replication, connection } = plan
  const { kafka, sockets } = await kafkajsClient(connection)
  const admin = kafka.admin()
  try {
    await admin.connect()
    // not to ask for what is there: that would need a permission that only making it needs
    if (!(await admin.listTopics()).includes(topic)) {
      const configEntries = [{ name: 'cleanup.policy', value: COMPACTED }]
      const wanted = { topic, numPartitions: partitions, replicationFactor: replication, configEntries }
      if (await admin.createTopics({ topics: [wanted], waitForLeaders: true })) return
    }
    const asked = { type: TOPIC_RESOURCE, name: topic, configNames: ['cleanup.policy'] }
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [asked] })
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue
    if (policy === COMPACTED) return
    throw new ProtocolError(
      `kafkaCheckpoints: topic '${topic}' has cleanup.policy '${policy}', which deletes states: set it to '${COMPACTED}', or name another topic`
    )
  } catch (error) {
    throw kafkaError(error, connection, `topic '${topic}'`)
  } finally {
    await admin.disconnect().catch(() => {})
    sockets.destroy()
  }
}

/** Reads states. @internal */
export class StateTopic {
  readonly #plan: CheckpointsPlan
  readonly #reader: KafkaReader

  private constructor(plan: CheckpointsPlan, reader: KafkaReader) {
    this.#plan = plan
    this.#reader = reader
  }

  static async open(plan: CheckpointsPlan): Promise<StateTopic> {
    const reader = await openKafkajsReader(plan.connection, new AbortController().signal)
    reader.unref()
    try {
      await reader.watch([plan.topic])
      return new StateTopic(plan, reader)
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  /** The partition with the state of a split: its own number where it has one, so that the partitions of a topic do not meet. */
  partOf({ pipeline, source, split }: SplitId): Part {
    const { topic } = this.#plan
    const count = this.#reader.parts(topic).length
    const numbered = /\/(\d{1,9})$/.exec(split)
    const number = numbered ? Number(numbered[1]) : hashOf(JSON.stringify([pipeline, source, split]))
    return { topic, partition: number % count }
  }

  /** The newest value of each key of a split, of all that was committed before. @throws SdkError */
  async read(id: SplitId, progress: (share: number) => void): Promise<Map<string, Uint8Array>> {
    const { connection, topic } = this.#plan
    try {
      return await this.#read(id, progress)
    } catch (error) {
      // the partition may be led by another broker by now
      await this.#reader.refresh().catch(() => {})
      throw kafkaError(error, connection, `reading topic '${topic}'`)
    }
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }

  async #read(id: SplitId, progress: (share: number) => void): Promise<Map<string, Uint8Array>> {
    const part = this.partOf(id)
    const prefix = prefixOf(id)
    const values = new Map<string, Uint8Array>()
    const [first = 0] = await this.#reader.offsets([part], 'earliest')
    const [end = 0] = await this.#reader.offsets([part], 'latest')
    let next = first
    let heard = performance.now()
    while (next < end) {
      const { records, next: after } = await this.#fetch(part, next)
      for (const { key, value } of records) {
        const name = key?.toString() ?? ''
        if (!name.startsWith(prefix)) continue
        if (value) values.set(name, value)
        else values.delete(name)
      }
      if (after > next) heard = performance.now()
      else if (performance.now() - heard > PATIENCE_MS)
        throw new TimeoutError(`a transaction in '${part.topic}/${part.partition}' that nobody ends`, PATIENCE_MS)
      next = after
      progress(Math.min(1, (next - first) / (end - first)))
    }
    return values
  }

  async #fetch(part: Part, offset: number) {
    const [leader] = this.#reader.leaders([part]).keys()
    if (leader === undefined) {
      await this.#reader.refresh()
      return { records: [], next: offset }
    }
    const [fetched] = await this.#reader.fetch(
      leader,
      [{ topic: part.topic, partition: part.partition, offset }],
      LIMITS
    )
    return fetched ?? { records: [], next: offset }
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
