import { FencedError } from '@messwerk/core/model'
import { afterEach, expect, it } from 'vitest'
import { number } from '../payload/number-payload.ts'
import { connectionClosed, FakeKafka, kafkaFailure } from './fixtures/fake-kafka.ts'
import { Member, until } from './fixtures/member.ts'
import type { KafkaGroup, KafkaReader } from './kafka-client.ts'
import { kafkaSource } from './kafka-source.ts'
import type { KafkaSourceOptions } from './kafka-source-options.ts'

const payload = number({ t: 'Cel' })
const open: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close().catch(() => {})
})

const upTo = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => from + i)

function kafkaWith(partitions: number): FakeKafka {
  const kafka = new FakeKafka()
  kafka.topic('t', partitions)
  return kafka
}

const sourceOn = (kafka: FakeKafka, options: Partial<KafkaSourceOptions<'t'>> = {}) =>
  kafkaSource({
    ...{ url: 'kafka://h', group: 'g', topics: 't', payload, session: '1s' },
    ...{ open: kafka.openReader },
    ...options
  })

function memberOf(kafka: FakeKafka, options: ConstructorParameters<typeof Member>[1] = {}): Member {
  const member = new Member(sourceOn(kafka), options)
  open.push(() => member.stop())
  return member
}

const fill = (kafka: FakeKafka, from: number, to: number) => {
  for (const t of upTo(to, from)) kafka.put(`t/${t % 2}`, { value: String(t), timestamp: t })
}

it('a second member takes over one of two partitions, behind what the first has committed: all of it once', async () => {
  const kafka = kafkaWith(2)
  const first = memberOf(kafka, { commits: false })
  fill(kafka, 0, 100)
  await until(() => first.values.length === 100, '100 values')
  const second = memberOf(kafka, { commits: false })
  await until(() => second.isRunning && first.moves.length === 5, 'both')
  expect(first.moves.slice(0, 4).sort()).toEqual(['+t/0', '+t/1', '-t/0', '-t/1'])
  fill(kafka, 100, 200)
  await until(() => first.values.length + second.values.length === 200, 'all')
  expect([...first.values, ...second.values].sort((a, b) => a - b)).toEqual(upTo(200))
  expect(second.values.length).toBe(50)
})

it('joins again only when what was read is settled and committed', async () => {
  const kafka = kafkaWith(2)
  const first = memberOf(kafka, { commits: false })
  fill(kafka, 0, 10)
  await until(() => first.values.length === 10, '10 values')
  let handOver = (): void => {}
  const asked: string[] = []
  const gate = new Promise<void>((resolve) => {
    handOver = resolve
  })
  const commit = first.handsOver
  first.handsOver = async (split) => {
    asked.push(split)
    await gate
    await commit(split)
  }
  const second = memberOf(kafka)
  await until(() => asked.length === 2, 'the question')
  fill(kafka, 10, 20)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(first.values.length).toBe(10)
  expect(second.moves).toEqual([])
  handOver()
  await until(() => first.values.length + second.values.length === 20, 'all')
  expect(kafka.commits.slice(0, 2).sort()).toEqual(['t/0@5 member-1', 't/1@5 member-1'])
})

it('of what was handed over nothing is committed any more', async () => {
  const kafka = kafkaWith(2)
  const source = sourceOn(kafka)
  const first = new Member(source, { commits: false })
  open.push(() => first.stop())
  fill(kafka, 0, 20)
  await until(() => first.values.length === 20, '20 values')
  first.handsOver = async () => {} // the deadline has passed
  const second = memberOf(kafka)
  await until(() => second.values.length === 10, 'the second has read it again')
  const gone = second.moves[0]?.slice(1) as string
  const before = kafka.commits.length
  await source.commit?.({ [gone]: 9 })
  expect(kafka.commits.length).toBe(before)
})

it('a member that the group has given up loses all, commits nothing of it, and comes back', async () => {
  const kafka = kafkaWith(2)
  const first = memberOf(kafka, { commits: false })
  fill(kafka, 0, 10)
  await until(() => first.values.length === 10, '10 values')
  kafka.expel('member-1')
  await first.source.commit?.({ 't/0': 4 })
  expect(kafka.commits).toEqual([])
  await until(() => first.moves.length === 6, 'back again')
  expect(first.moves.slice(0, 4).sort()).toEqual(['!t/0', '!t/1', '+t/0', '+t/1'])
  await until(() => first.values.length === 20, 'all of it again')
  expect(first.reports.some(({ why }) => why?.includes('did not hear from us'))).toBe(true)
})

it('a member for which no partition is left runs, and gets one when another leaves', async () => {
  const kafka = kafkaWith(1)
  const first = memberOf(kafka)
  await until(() => first.isRunning, 'the first')
  const second = memberOf(kafka)
  await until(() => second.isRunning, 'the second')
  const [idle, busy] = second.moves.length === 0 ? [second, first] : [first, second]
  expect(idle.reports.at(-1)?.why).toContain('no partition is left')
  await busy.stop()
  await until(() => idle.moves.at(-1) === '+t/0', 'the partition')
})

it('what it had before a lost connection and has not got again is lost', async () => {
  const kafka = kafkaWith(2)
  const source = sourceOn(kafka)
  const first = new Member(source)
  fill(kafka, 0, 10)
  await until(() => first.values.length === 10, '10 values')
  kafka.cut()
  await first.ended
  kafka.isCut = false
  kafka.expel('member-1')
  const other = memberOf(kafka)
  await until(() => other.isRunning, 'the other')
  const again = new Member(source)
  open.push(() => again.stop())
  await until(() => again.isRunning, 'again')
  expect(again.moves.length).toBe(2)
  expect(again.moves[0]).toMatch(/^!/)
  expect(again.moves[1]).toMatch(/^\+/)
})

it('ends when another process has taken the pipeline over', async () => {
  const kafka = kafkaWith(1)
  const error = new FencedError('state', 'generation 2 has taken over')
  const splits = { assigned: () => Promise.reject(error), revoked: async () => {}, lost: () => {} }
  const signal = new AbortController().signal
  const iterator = sourceOn(kafka).read({ signal, from: {}, splits })[Symbol.asyncIterator]()
  await expect(iterator.next()).rejects.toBe(error)
})

/** The group of a fake, with something else in place of some of its methods. */
function openWith(kafka: FakeKafka, given: string[], methods: Partial<KafkaGroup>): () => Promise<KafkaReader> {
  return async () => {
    const reader = await kafka.openReader()
    const group = reader.group.bind(reader)
    reader.group = (options) => {
      given.push(String(options.instance))
      return Object.assign(group(options), methods)
    }
    return reader
  }
}

it('a static member names itself, commits, and does not leave at a stop', async () => {
  const kafka = kafkaWith(1)
  const given: string[] = []
  const leave = async (): Promise<void> => void given.push('left')
  const member = new Member(sourceOn(kafka, { instanceId: 'press-1', open: openWith(kafka, given, { leave }) }))
  kafka.append('t/0', '1')
  await until(() => member.values.length === 1, 'a value')
  await member.stop()
  expect(kafka.commits).toEqual(['t/0@1 member-1'])
  expect(given).toEqual(['press-1'])
  expect(kafka.open).toBe(0)
})

it('ends where another process has the same instanceId', async () => {
  const kafka = kafkaWith(1)
  const heartbeat = () => Promise.reject(kafkaFailure('FENCED_INSTANCE_ID', false))
  const member = new Member(sourceOn(kafka, { instanceId: 'press-1', open: openWith(kafka, [], { heartbeat }) }))
  await member.ended
  expect(member.error).toBeInstanceOf(FencedError)
  expect(String(member.error)).toContain("group 'g': another process is the member with this instanceId now")
})

it('goes on under the id that a join has got before it failed', async () => {
  const kafka = kafkaWith(1)
  const ids: string[] = []
  let joins = 0
  const openReader = async (): Promise<KafkaReader> => {
    const reader = await kafka.openReader()
    const groupOf = reader.group.bind(reader)
    reader.group = (options) => {
      ids.push(options.member)
      const group = groupOf(options)
      const join = group.join.bind(group)
      group.join = async (topics) => {
        const parts = await join(topics)
        joins += 1
        if (joins === 2) throw connectionClosed()
        return parts
      }
      return group
    }
    return reader
  }
  const source = sourceOn(kafka, { instanceId: 'press-1', open: openReader })
  const first = new Member(source)
  await until(() => first.isRunning, 'running')
  kafka.expel('member-1')
  await first.ended
  expect(first.error).toMatchObject({ retryable: true })
  const again = new Member(source)
  open.push(() => again.stop())
  kafka.append('t/0', '1')
  await until(() => again.values.length === 1, 'it goes on')
  expect(ids).toEqual(['', 'member-2'])
  expect(kafka.members).toEqual(['member-2'])
})

it('a stop while it waits for the other members ends at once', async () => {
  const kafka = kafkaWith(1)
  const first = memberOf(kafka)
  await until(() => first.isRunning, 'the first')
  first.handsOver = () => new Promise(() => {})
  kafka.append('t/0', '1')
  await until(() => first.values.length === 1, 'a value')
  const second = new Member(sourceOn(kafka))
  await until(() => kafka.members.length === 2, 'the second waits')
  await second.stop()
  expect(second.moves).toEqual([])
})
