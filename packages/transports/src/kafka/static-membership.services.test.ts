// Static members of a group at a real Apache Kafka.
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, it, type TestContext, vi } from 'vitest'
import { type KafkaServer, startKafka } from '../../../../test/servers/kafka.ts'
import { number } from '../payload/number-payload.ts'
import { Member, until } from './fixtures/member.ts'
import { kafkaSource } from './kafka-source.ts'
import type { KafkaSourceOptions } from './kafka-source-options.ts'

const payload = number({ t: 'Cel' })
let server: KafkaServer | string
let admin: Admin
let producer: Producer
let topics = 0
const open: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await startKafka()
  if (typeof server === 'string') return
  const client = new Kafka({ brokers: [server.url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  admin = client.admin()
  producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
})

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close().catch(() => {})
})

afterAll(async () => {
  if (typeof server !== 'object') return
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await server.stop()
})

function kafka(test: TestContext): KafkaServer {
  return typeof server === 'string' ? test.skip(server) : server
}

async function topic(partitions: number): Promise<string> {
  topics += 1
  const name = `static-${topics}`
  await admin.createTopics({ topics: [{ topic: name, numPartitions: partitions }], waitForLeaders: true })
  return name
}

async function partitionsOf(name: string): Promise<number | undefined> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [name] })
  return found[0]?.partitions.length
}

/** Of the group of the same name. */
async function committedOf(name: string): Promise<string[]> {
  const [found] = await admin.fetchOffsets({ groupId: name, topics: [name] })
  return found?.partitions.map(({ offset }) => offset) ?? []
}

/** Joins as soon as the broker has its topic of groups. */
async function join(url: string, name: string, options: Partial<KafkaSourceOptions<'t'>>): Promise<Member> {
  for (;;) {
    const source = kafkaSource({ url, group: name, topics: name, payload, session: '30s', ...options })
    const member = new Member(source)
    await until(() => member.isRunning || member.error !== undefined, 'an answer')
    if (member.error !== undefined && (member.error as { retryable?: boolean }).retryable) continue
    open.push(() => member.stop())
    return member
  }
}

const send = (name: string, partitions: number, value: number) =>
  producer.send({
    topic: name,
    messages: Array.from({ length: partitions }, (_, partition) => ({ partition, value: `${value + partition}` }))
  })

/** What it has now. */
function splitsOf({ moves }: Member): string[] {
  const splits = new Set<string>()
  for (const move of moves) {
    if (move.startsWith('+')) splits.add(move.slice(1))
    else splits.delete(move.slice(1))
  }
  return Array.from(splits).sort()
}

async function both(url: string, name: string, options: Partial<KafkaSourceOptions<'t'>> = {}) {
  const a = await join(url, name, { ...options, instanceId: 'a' })
  const b = await join(url, name, { ...options, instanceId: 'b' })
  await until(() => splitsOf(a).length === 2 && splitsOf(b).length === 2, 'two partitions each')
  return { a, b }
}

it('one that is started again has the same partitions, and the other does not rebalance', async (test) => {
  const { url } = kafka(test)
  const name = await topic(4)
  const { a, b } = await both(url, name)
  await send(name, 4, 0)
  await until(() => a.values.length + b.values.length === 4, 'all')
  const [before, moves] = [splitsOf(a), b.moves.length]
  await a.stop()
  await send(name, 4, 10)
  await until(() => b.values.length === 4, 'the other reads on')
  const again = await join(url, name, { instanceId: 'a' })
  await until(() => again.values.length === 2, 'what came meanwhile')
  expect(splitsOf(again)).toEqual(before)
  await send(name, 4, 20)
  await until(() => again.values.length === 4 && b.values.length === 6, 'more')
  expect(b.moves.length).toBe(moves)
  const values = [a, b, again].flatMap((member) => member.values).sort((x, y) => x - y)
  expect(values).toEqual([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23])
})

it('one that stays away longer than its session is replaced', async (test) => {
  const { url } = kafka(test)
  const name = await topic(4)
  const { a, b } = await both(url, name, { session: '2s' })
  await a.stop()
  await until(() => splitsOf(b).length === 4, 'all of them')
})

it('of two processes with one name the older one ends with an error that says so', async (test) => {
  const { url } = kafka(test)
  const name = await topic(2)
  const older = await join(url, name, { instanceId: 'a' })
  await send(name, 2, 0)
  await until(() => older.values.length === 2, 'both')
  await vi.waitUntil(async () => (await committedOf(name)).every((offset) => offset === '1'), { timeout: 30_000 })
  const newer = await join(url, name, { instanceId: 'a' })
  await older.ended
  expect(older.error).toMatchObject({ name: 'FencedError', code: 'FENCED', retryable: false })
  expect(String(older.error)).toContain('another process is the member with this instanceId now')
  await expect(older.source.commit?.({ [`${name}/0`]: 0 })).rejects.toMatchObject({ code: 'FENCED' })
  await send(name, 2, 10)
  await until(() => newer.values.length === 2, 'the newer goes on')
  expect(newer.values.sort()).toEqual([10, 11])
})

it.for(['a', 'b'] as const)('partitions that are made while %s is away are read when it is back', async (who, test) => {
  const { url } = kafka(test)
  const name = await topic(4)
  const members = await both(url, name)
  await members[who].stop()
  await admin.createPartitions({ topicPartitions: [{ topic: name, count: 6 }] })
  await vi.waitUntil(async () => (await partitionsOf(name)) === 6, { timeout: 30_000, interval: 100 })
  const back = await join(url, name, { instanceId: who })
  const stayed = members[who === 'a' ? 'b' : 'a']
  await until(() => splitsOf(back).length + splitsOf(stayed).length === 6, 'all six')
  await send(name, 6, 0)
  await until(() => back.values.length + stayed.values.length === 6, 'their records')
})

it('a topic that is made while the only member is away is read when it is back', async (test) => {
  const { url } = kafka(test)
  const name = await topic(1)
  const topicsOf = new RegExp(`${name}(?:-more)?`)
  const first = await join(url, name, { topics: topicsOf, instanceId: 'a' })
  await first.stop()
  await admin.createTopics({ topics: [{ topic: `${name}-more`, numPartitions: 1 }], waitForLeaders: true })
  const back = await join(url, name, { topics: topicsOf, instanceId: 'a' })
  await until(() => splitsOf(back).length === 2, 'both topics')
})
