import { ProtocolError } from '@messwerk/core/model'
import type { KafkaReader, Part } from '../kafka-client.ts'
import { kafkaError } from '../kafka-errors.ts'
import { kafkajsClient } from '../kafkajs-client.ts'
import { openKafkajsReader } from '../kafkajs-reader.ts'
import type { CheckpointsPlan } from './kafka-checkpoints-options.ts'
import { layoutOf } from './state-layout.ts'
import { readLog } from './state-log.ts'
import { prefixOf, type SplitId } from './state-records.ts'

const COMPACTED = 'compact'
const TOPIC_RESOURCE = 2

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
  readonly #count: number

  private constructor(plan: CheckpointsPlan, reader: KafkaReader, count: number) {
    this.#plan = plan
    this.#reader = reader
    this.#count = count
  }

  static async open(plan: CheckpointsPlan): Promise<StateTopic> {
    const reader = await openKafkajsReader(plan.connection, new AbortController().signal)
    reader.unref()
    try {
      await reader.watch([plan.topic])
      return new StateTopic(plan, reader, await layoutOf(plan, reader))
    } catch (error) {
      await reader.close()
      throw kafkaError(error, plan.connection, `reading topic '${plan.topic}'`)
    }
  }

  /** The partition with the state of a split: its own number where it has one, so that the partitions of a topic do not meet. */
  partOf({ pipeline, source, split }: SplitId): Part {
    const { topic } = this.#plan
    const numbered = /\/(\d{1,9})$/.exec(split)
    const number = numbered ? Number(numbered[1]) : hashOf(JSON.stringify([pipeline, source, split]))
    return { topic, partition: number % this.#count }
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
    const prefix = prefixOf(id)
    const values = new Map<string, Uint8Array>()
    const take = (key: string, value: Uint8Array | undefined): boolean => {
      if (key.startsWith(prefix)) value ? values.set(key, value) : values.delete(key)
      return false
    }
    await readLog(this.#reader, this.partOf(id), take, progress)
    return values
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
