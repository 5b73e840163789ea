// A real Apache Kafka keeps the states.
import { type Checkpoint, type CheckpointClaim, defineStream, type TakenSplit } from '@messwerk/core/model'
import { sharedCheckpointSuite } from '@messwerk/core/testing'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest'
import { type KafkaServer, startKafka } from '../../../../../test/servers/kafka.ts'
import { kafkaCheckpoints } from './kafka-checkpoints.ts'

let server: KafkaServer | string
let topics = 0
const open: CheckpointClaim[] = []

beforeAll(async () => {
  server = await startKafka()
})

afterEach(async () => {
  for (const claim of open.splice(0)) await claim.close?.()
})

afterAll(async () => {
  if (typeof server === 'object') await server.stop()
})

function urlOf(test: TestContext): string {
  return typeof server === 'string' ? test.skip(server) : server.url
}

function fresh(): string {
  topics += 1
  return `state-${topics}`
}

/** As another process claims. */
async function claim(url: string, topic: string): Promise<CheckpointClaim> {
  const claimed = await kafkaCheckpoints({ url, topic, partitions: 2 }).claim('p')
  open.push(claimed)
  return claimed
}

async function take(from: CheckpointClaim, split: string): Promise<TakenSplit> {
  return from.take!('line', split, { progress: () => {}, fenced: () => {} })
}

const channels = [{ name: 'a', unit: 'V' }]
const streams = ['s', 't'].map((id) => defineStream({ id, channels }))
const bits = Float64Array.from({ length: 40 }, (_, i) => [Number.NaN, -0, 5e-324, 0.1][i % 4]!)

function checkpoint(number: number, splits: Readonly<Record<string, readonly unknown[]>>): Checkpoint {
  const states = Object.entries(splits).map(([split, lanes]) => ({
    source: 'line',
    split,
    at: 100 + number,
    seen: undefined,
    gaps: undefined,
    lanes: lanes.map((state, i) => {
      const stream = streams[i]!
      return { stream, sequence: undefined, steps: [{ step: '0 sum', version: 1, state, stream }] }
    })
  }))
  return { number, takenAt: 1.5, steps: ['0 sum'], splits: states }
}

const states = ({ checkpoint }: TakenSplit): unknown => checkpoint?.splits[0]?.lanes.map(({ steps }) => steps[0]?.state)

/** Tests are declared before the broker runs; without one they are skipped with the reason. */
const at = (test: string | undefined, body: () => unknown, ended?: number): void =>
  void it(
    test ?? '',
    async (context) => {
      urlOf(context)
      await body()
    },
    ended
  )
sharedCheckpointSuite(
  'kafkaCheckpoints',
  {
    place: async () => {
      const [url, topic] = [(server as KafkaServer).url, fresh()]
      return () => kafkaCheckpoints({ url, topic, partitions: 2 })
    }
  },
  { describe, it: Object.assign(at, { skip: it.skip }) }
)

it('only what has changed is written', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const first = await claim(url, topic)
  await take(first, 'line/0')
  const whole = await first.save(checkpoint(1, { 'line/0': [{ bits }, { bits }] }))
  const one = await first.save(checkpoint(2, { 'line/0': [{ bits }, 5] }))
  expect(one).toBeLessThan(whole / 2)
  expect(states(await take(await claim(url, topic), 'line/0'))).toEqual([{ bits }, 5])
})

it('a large state is written in parts, all of it or none', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const many = Array.from({ length: 2 }, (_, k) => new Float64Array(90_000).fill(k))
  const first = await claim(url, topic)
  await take(first, 'line/0')
  await first.save(checkpoint(1, { 'line/0': many }))
  expect(states(await take(await claim(url, topic), 'line/0'))).toEqual(many)
})

it('a state that no message can hold is refused by name, and the one before stays', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const first = await claim(url, topic)
  await take(first, 'line/0')
  await first.save(checkpoint(1, { 'line/0': [1] }))
  const error = await first.save(checkpoint(2, { 'line/0': [new Float64Array(200_000)] })).catch((why: unknown) => why)
  expect(error).toMatchObject({ retryable: false })
  expect(String(error)).toContain('TOO_LARGE')
  expect(states(await take(await claim(url, topic), 'line/0'))).toEqual([1])
})

it('a topic that deletes is refused', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const admin = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  await admin.disconnect()
  await expect(kafkaCheckpoints({ url, topic }).claim('p')).rejects.toThrow(
    `topic '${topic}' has cleanup.policy 'delete', which deletes states`
  )
})

it('states are found when somebody has given the topic more partitions', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const splits = ['line/3', 'line/b', 'line/c', 'line/d']
  const first = await claim(url, topic)
  for (const split of splits) await take(first, split)
  await first.save(checkpoint(1, Object.fromEntries(splits.map((split) => [split, [split]]))))
  const admin = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createPartitions({ topicPartitions: [{ topic, count: 7 }] })
  const count = async (): Promise<number | undefined> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.length
  }
  await vi.waitUntil(async () => (await count()) === 7, { timeout: 30_000, interval: 100 })
  await admin.disconnect()
  const second = await claim(url, topic)
  for (const split of splits) expect(states(await take(second, split))).toEqual([split])
  await second.save(checkpoint(2, Object.fromEntries(splits.map((split) => [split, [2]]))))
  const third = await claim(url, topic)
  for (const split of splits) expect(states(await take(third, split))).toEqual([2])
})

it('a topic that is a copy with fewer partitions is refused', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const kafka = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })]
  await Promise.all([admin.connect(), producer.connect()])
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }], waitForLeaders: true })
  await producer.send({ topic, messages: [{ key: '["partitions"]', value: '8', partition: 0 }] })
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await expect(claim(url, topic)).rejects.toThrow('has 2 partitions and states that are shared out by 8')
})

it('goes on where the brokers have given up its transaction and nobody has taken the split', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const first = await claim(url, topic)
  let isFenced = false
  const fenced = (): void => {
    isFenced = true
  }
  await first.take!('line', 'line/0', { progress: () => {}, fenced })
  await first.save(checkpoint(1, { 'line/0': [1] }))
  // what a transaction that took too long does at the broker: a higher epoch for the same id
  const transactionalId = JSON.stringify(['p', 'line', 'line/0', 'owner'])
  const kafka = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const other = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await other.connect()
  await (await other.transaction()).abort()
  await other.disconnect()
  const error = await first.save(checkpoint(2, { 'line/0': [2] })).catch((why: unknown) => why)
  expect(error).toMatchObject({ retryable: true })
  expect(isFenced).toBe(false)
  expect(await first.save(checkpoint(2, { 'line/0': [2] }))).toBeGreaterThan(0)
  expect(states(await take(await claim(url, topic), 'line/0'))).toEqual([2])
})

it('survives a kill of the broker', async (test) => {
  const [url, topic] = [urlOf(test), fresh()]
  const broker = server as KafkaServer
  const first = await claim(url, topic)
  await take(first, 'line/0')
  await first.save(checkpoint(1, { 'line/0': [1] }))
  await broker.kill()
  const error = await first.save(checkpoint(2, { 'line/0': [2] })).catch((why: unknown) => why)
  expect(error).toMatchObject({ retryable: true })
  await broker.restart()
  let saved = 0
  // how long a broker takes to serve transactions again is the machine's
  for (const end = performance.now() + 60_000; saved === 0 && performance.now() < end; )
    saved = await first.save(checkpoint(2, { 'line/0': [2] })).catch(() => 0)
  expect(saved).toBeGreaterThan(0)
  expect(states(await take(await claim(url, topic), 'line/0'))).toEqual([2])
})
