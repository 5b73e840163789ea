import { createRequire } from 'node:module'
import kafkajs, { type Producer } from 'kafkajs'
import { expect, it } from 'vitest'
import { planConnection } from './connection-options.ts'
import { openKafkajsWriter } from './kafkajs-writer.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'

const producerOf = createRequire(import.meta.url)('kafkajs/src/producer') as (with_: object) => Producer
const logger = { namespace: () => logger, debug() {}, info() {}, warn() {}, error() {} }

interface Sent {
  readonly topicData: readonly {
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly { value: string }[] }[]
  }[]
}

/** Two brokers, each the leader of one partition of `t`, until `produce` moves one. */
class Brokers {
  readonly leaders = [1, 2]
  readonly logs: string[][] = [[], []]
  readonly produce: (node: number, brokers: Brokers) => void
  readonly #brokers = [1, 2].map((node) => ({
    nodeId: String(node),
    produce: async ({ topicData }: Sent) => this.#take(node, topicData)
  }))

  constructor(produce: (node: number, brokers: Brokers) => void) {
    this.produce = produce
  }

  #take(node: number, topicData: Sent['topicData']) {
    this.produce(node, this)
    const partitions = topicData.flatMap((topic) => topic.partitions)
    for (const { partition, messages } of partitions)
      for (const { value } of messages) this.logs[partition]?.push(value)
    return {
      topics: [{ topicName: 't', partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0 })) }]
    }
  }

  /** kafkajs with its own producer, and these behind it. */
  get lib(): KafkaLibrary {
    const nothing = async (): Promise<void> => {}
    const cluster = {
      connect: nothing,
      disconnect: nothing,
      addMultipleTargetTopics: nothing,
      refreshMetadataIfNecessary: nothing,
      refreshMetadata: nothing,
      isConnected: () => true,
      findTopicPartitionMetadata: () => this.leaders.map((leader, partitionId) => ({ partitionId, leader })),
      findLeaderForPartitions: (_: string, wanted: readonly string[]) => {
        const led: Record<string, number[]> = {}
        for (const partition of wanted.map(Number)) {
          const leader = String(this.leaders[partition])
          led[leader] = (led[leader] ?? []).concat(partition)
        }
        return led
      },
      findBroker: async ({ nodeId }: { readonly nodeId: string }) => this.#brokers[Number(nodeId) - 1]
    }
    class Kafka {
      producer(options: object): Producer {
        return producerOf({ cluster, logger, ...options })
      }
    }
    return { ...kafkajs, Kafka: Kafka as never }
  }
}

const outgoing = (values: readonly string[], key: string | null = null) =>
  values.map((value) => ({ key, value, timestamp: 0 }))
const values = Array.from({ length: 20 }, (_, i) => `value-${i}`)
const notLeader = (): Error =>
  Object.assign(new Error('moved'), {
    name: 'KafkaJSProtocolError',
    type: 'NOT_LEADER_FOR_PARTITION',
    retriable: true
  })

async function writerTo(brokers: Brokers, acks: -1 | 0 = -1) {
  const plan = planConnection({ url: 'kafka://127.0.0.1:9092', lib: brokers.lib }, 'x')
  return openKafkajsWriter({ plan, acks, isIdempotent: false, compression: 0 })
}

it('sends what has moved to a broker that had answered already: kafkajs alone would leave it out', async () => {
  let first = true
  const brokers = new Brokers((node, { leaders }) => {
    if (node !== 2 || !first) return
    first = false
    leaders[1] = 1 // the other one takes over
    throw notLeader()
  })
  const writer = await writerTo(brokers)
  await writer.send('t', outgoing(values))
  expect(brokers.logs.flat().sort()).toEqual(values.slice().sort())
  expect(brokers.logs.map((log) => log.length)).toEqual([10, 10])
  await writer.close()
})

it('a message without a key keeps its partition when the library asks again', async () => {
  const refused = [1, 2]
  const brokers = new Brokers((node) => {
    if (refused[0] !== node) return
    refused.shift()
    throw notLeader()
  })
  const writer = await writerTo(brokers)
  await writer.send('t', outgoing(values))
  expect(new Set(brokers.logs.flat())).toEqual(new Set(values))
  expect(brokers.logs[0]?.some((value) => brokers.logs[1]?.includes(value))).toBe(false)
  await writer.close()
})

it('nobody answers where no answer is asked for', async () => {
  const brokers = new Brokers(() => {})
  const writer = await writerTo(brokers, 0)
  await writer.send('t', outgoing(values))
  expect(brokers.logs.flat().length).toBe(values.length)
  await writer.close()
})
