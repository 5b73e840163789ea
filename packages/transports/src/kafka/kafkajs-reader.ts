import { NotConnectedError } from '@messwerk/core/model'
import type { ConnectionPlan } from './connection-options.ts'
import {
  type Fetched,
  type FetchLimits,
  type GroupOptions,
  type KafkaGroup,
  type KafkaReader,
  OutOfRange,
  type Part,
  type Wanted
} from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import { kafkajsClient } from './kafkajs-client.ts'
import { fetchFrom } from './kafkajs-fetch.ts'
import { KafkajsGroup } from './kafkajs-group.ts'
import { byTopic, type Cluster, typeOf } from './kafkajs-protocol.ts'
import type { KafkajsSockets } from './kafkajs-sockets.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'

/** Connects. @throws SdkError @internal */
export async function openKafkajsReader(plan: ConnectionPlan, signal: AbortSignal): Promise<KafkaReader> {
  const { kafka, lib, sockets } = await kafkajsClient(plan)
  const cluster = clusterOf(kafka, lib)
  const abort = (): void => sockets.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    if (signal.aborted) throw new NotConnectedError(plan.url, 'stopped while connecting')
    await cluster.connect()
  } catch (error) {
    sockets.destroy()
    throw kafkaError(error, plan, 'connecting')
  } finally {
    signal.removeEventListener('abort', abort)
  }
  return new KafkajsReader(plan, cluster, lib, sockets)
}

/** A consumer hands its cluster to its partition assigners; it is never run. */
function clusterOf(kafka: InstanceType<KafkaLibrary['Kafka']>, lib: KafkaLibrary): Cluster {
  let cluster: Cluster | undefined
  kafka.consumer({
    groupId: 'unused',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        cluster = config.cluster as unknown as Cluster
        return lib.PartitionAssigners.roundRobin(config)
      }
    ]
  })
  return cluster as unknown as Cluster
}

/** What a source asks of Kafka, by kafkajs. */
class KafkajsReader implements KafkaReader {
  readonly #plan: ConnectionPlan
  readonly #cluster: Cluster
  readonly #lib: KafkaLibrary
  readonly #sockets: KafkajsSockets

  constructor(plan: ConnectionPlan, cluster: Cluster, lib: KafkaLibrary, sockets: KafkajsSockets) {
    this.#plan = plan
    this.#cluster = cluster
    this.#lib = lib
    this.#sockets = sockets
  }

  async topics(): Promise<readonly string[]> {
    const { topicMetadata } = await this.#cluster.metadata()
    return topicMetadata.filter(({ isInternal }) => !isInternal).map(({ topic }) => topic)
  }

  async watch(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      try {
        await this.#cluster.addMultipleTargetTopics([topic])
      } catch (error) {
        throw kafkaError(error, this.#plan, `topic '${topic}'`)
      }
    }
  }

  parts(topic: string): readonly Part[] {
    return this.#cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId }))
  }

  refresh(): Promise<void> {
    return this.#cluster.refreshMetadata()
  }

  leaders(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
    const leaders = new Map<string, Part[]>()
    for (const part of parts) {
      const known = this.#cluster.findTopicPartitionMetadata(part.topic)
      const leader = known.find(({ partitionId }) => partitionId === part.partition)?.leader ?? -1
      if (leader < 0) continue
      const of = leaders.get(String(leader))
      if (of) of.push(part)
      else leaders.set(String(leader), [part])
    }
    return leaders
  }

  async offsets(parts: readonly Part[], at: 'earliest' | 'latest' | number): Promise<readonly number[]> {
    if (parts.length === 0) return []
    const when = typeof at === 'number' ? { fromTimestamp: at } : { fromBeginning: at === 'earliest' }
    const asked = byTopic(parts, ({ partition }) => ({ partition })).map((topic) => ({ ...topic, ...when }))
    const answers = await this.#cluster.fetchTopicsOffset(asked)
    const found = parts.map(({ topic, partition }) => {
      const of = answers.find((answer) => answer.topic === topic)
      return Number(of?.partitions.find((one) => one.partition === partition)?.offset ?? -1)
    })
    // nothing is that new: what comes from now on is
    const ends = found.includes(-1) && at !== 'latest' ? await this.offsets(parts, 'latest') : found
    return found.map((offset, i) => (offset < 0 ? (ends[i] as number) : offset))
  }

  async fetch(leader: string, wanted: readonly Wanted[], limits: FetchLimits): Promise<readonly Fetched[]> {
    const broker = await this.#cluster.findBroker({ nodeId: leader })
    try {
      return await fetchFrom(broker, wanted, limits, { plan: this.#plan, lib: this.#lib })
    } catch (error) {
      if (typeOf(error) !== 'OFFSET_OUT_OF_RANGE') throw error
      const { topic, partition } = error as Partial<Part>
      const part = topic === undefined || partition === undefined ? undefined : { topic, partition: Number(partition) }
      throw new OutOfRange(part, { cause: error })
    }
  }

  group(options: GroupOptions): KafkaGroup {
    return new KafkajsGroup(options, this.#cluster, this.#lib)
  }

  unref(): void {
    this.#sockets.unref()
  }

  async close(): Promise<void> {
    this.#sockets.destroy()
    await this.#cluster.disconnect().catch(() => {})
  }
}
