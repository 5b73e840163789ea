import { Quality, timeOf } from '@messwerk/core/model'
import { afterEach, describe, expect, it } from 'vitest'
import { custom } from '../payload/custom-payload.ts'
import { json } from '../payload/json-payload.ts'
import { number } from '../payload/number-payload.ts'
import { connectionClosed, FakeKafka, kafkaFailure } from './fixtures/fake-kafka.ts'
import { Member, until } from './fixtures/member.ts'
import { kafkaSource } from './kafka-source.ts'
import type { KafkaSourceOptions } from './kafka-source-options.ts'

const payload = json({ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'ms' } })
const open: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close().catch(() => {})
})

function kafkaWith(partitions = 1): FakeKafka {
  const kafka = new FakeKafka()
  kafka.topic('t', partitions)
  return kafka
}

const sourceOn = (kafka: FakeKafka, options: Partial<KafkaSourceOptions<'t'>> = {}) =>
  kafkaSource({ url: 'kafka://h:9092', group: 'g', topics: 't', payload, open: kafka.openReader, ...options })

function memberOf(source: ReturnType<typeof sourceOn>, options: ConstructorParameters<typeof Member>[1] = {}): Member {
  const member = new Member(source, options)
  open.push(() => member.stop())
  return member
}

const scan = (t: number, more: object = {}) => ({ ts: 1000 + t, t, ...more })
const upTo = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => from + i)
const fill = (kafka: FakeKafka, split: string, from: number, to: number) =>
  kafka.append(split, ...upTo(to, from).map((t) => scan(t)))

describe('records become blocks', () => {
  it('a stream a key, with the tags of the pattern, the time of the payload and the offset of each scan', async () => {
    const kafka = new FakeKafka()
    kafka.topic('line.m1.temp')
    kafka.topic('other')
    for (const [i, key] of ['a', 'b', 'a'].entries()) kafka.put('line.m1.temp/0', { key, value: scan(i) })
    const member = memberOf(sourceOn(kafka, { topics: /line\.(?<machine>[^.]+)\.temp/ }))
    await until(() => member.values.length === 3, '3 values')
    const [a, b] = member.blocks
    expect(a).toMatchObject({
      stream: { id: 'a', tags: { machine: 'm1' } },
      origin: { split: 'line.m1.temp/0', position: 2 }
    })
    expect(Array.from(a?.origin.positions ?? [])).toEqual([0, 2])
    expect(a && [timeOf(a, 0), timeOf(a, 1), a.time.clock]).toEqual([1000, 1002, 'source'])
    expect(b?.stream.id).toBe('b')
    expect(member.batches[0]).toMatchObject({ split: 'line.m1.temp/0', position: 2 })
  })

  it('without a key the topic is the stream', async () => {
    const kafka = kafkaWith()
    kafka.append('t/0', scan(1))
    const member = memberOf(sourceOn(kafka))
    await until(() => member.values.length === 1, 'a value')
    expect(member.blocks[0]?.stream.id).toBe('t')
  })

  it('functions of one own make stream and tags of key and headers', async () => {
    const kafka = kafkaWith()
    kafka.put('t/0', { key: 'p', headers: { plant: Buffer.from('B'), line: ['1', '2'] }, value: scan(1) })
    const member = memberOf(
      sourceOn(kafka, {
        stream: ({ key, headers }) => `${headers.plant}-${key}`,
        tags: ({ headers, topic, offset }) => ({ line: String(headers.line), from: `${topic}@${offset}` })
      })
    )
    await until(() => member.values.length === 1, 'a value')
    expect(member.blocks[0]?.stream).toMatchObject({ id: 'B-p', tags: { line: '1,2', from: 't@0' } })
  })

  it('a decoder of one own sees the headers', async () => {
    const kafka = kafkaWith()
    kafka.put('t/0', { headers: { scale: Buffer.from('10') }, value: '4' })
    const read = (bytes: Uint8Array, _topic: string, headers: { scale?: string } = {}) => ({
      values: { t: Number(Buffer.from(bytes).toString()) * Number(headers.scale) }
    })
    const member = memberOf(sourceOn(kafka, { payload: custom({ channels: { t: 'Cel' }, read }) }))
    await until(() => member.values.length === 1, 'a value')
    expect(member.values).toEqual([40])
  })

  it.each([
    [false, 'source'],
    [true, 'broker']
  ] as const)(
    'without a time in the payload that of the record counts (set by the broker: %s)',
    async (isAppendTime, clock) => {
      const kafka = kafkaWith()
      kafka.isAppendTime = isAppendTime
      kafka.put('t/0', { value: '21.5', timestamp: 1_700_000_000_123 })
      const member = memberOf(sourceOn(kafka, { payload: number({ t: 'Cel' }) }))
      await until(() => member.values.length === 1, 'a value')
      const [block] = member.blocks
      expect(block && [timeOf(block), block.time.clock, block.time.uncertainty]).toEqual([
        1_700_000_000_123,
        clock,
        1e6
      ])
    }
  )

  it('a record without any time has that of its arrival', async () => {
    const kafka = kafkaWith()
    for (const value of ['1', '2']) kafka.put('t/0', { value, timestamp: -1 })
    const member = memberOf(sourceOn(kafka, { payload: number({ t: 'Cel' }) }))
    await until(() => member.values.length === 2, '2 values')
    expect(member.blocks[0]?.time).toMatchObject({ clock: 'arrival' })
  })

  it('a deletion of a compacted topic is passed over, and committed', async () => {
    const kafka = kafkaWith()
    kafka.append('t/0', scan(1), null, scan(2), null)
    const member = memberOf(sourceOn(kafka))
    await until(() => kafka.committed.get('t/0') === 4, 'the commit')
    expect(member.values).toEqual([1, 2])
    expect(member.rejected).toEqual([])
  })

  it('large answers are cut into batches, each of which can be committed', async () => {
    const kafka = kafkaWith()
    kafka.append('t/0', ...upTo(60).map((t) => scan(t, { text: 'x'.repeat(200) })))
    const member = memberOf(sourceOn(kafka, { fetch: '2KiB' }))
    await until(() => member.values.length === 60, '60 values')
    expect(member.values).toEqual(upTo(60))
    expect(member.batches.length).toBeGreaterThan(5)
    expect(kafka.commits.length).toBe(member.batches.length)
  })
})

describe('bad records', () => {
  it('cost themselves alone, with offset and reason, and leave a hole', async () => {
    const kafka = kafkaWith()
    kafka.append('t/0', scan(0), '{"ts":', scan(1), { ts: 5, t: 'hot' }, scan(2))
    const member = memberOf(sourceOn(kafka))
    await until(() => member.values.length === 3, '3 values')
    expect(member.rejected[0]).toMatch(/^t\/0, offset 1: is not JSON: /)
    expect(member.rejected[1]).toBe(`t/0, offset 3: channel 't' must be a number, got "hot"`)
    const [first] = member.batches
    expect(first?.rejected?.map(({ position, stream, scans }) => [position, stream, scans])).toEqual([
      [1, 't', 1],
      [3, 't', 1]
    ])
    expect(first?.blocks.map(({ origin }) => origin.position)).toEqual([0, 2, 4])
    expect(kafka.committed.get('t/0')).toBe(5)
  })

  it('too large, of no stream, or late', async () => {
    const kafka = kafkaWith()
    kafka.append('t/0', scan(5), scan(6, { text: 'x'.repeat(2000) }), scan(3), scan(9, { bad: true }), scan(10))
    const stream = ({ offset }: { offset: number }) => {
      if (offset === 3) throw new Error('no machine')
      return 's'
    }
    const member = memberOf(sourceOn(kafka, { maxPayload: '1KiB', stream }))
    await until(() => member.values.length === 2, '2 values')
    expect(member.rejected).toEqual([
      expect.stringMatching(/offset 1: is too large: \d+ B, maxPayload is 1024 B/),
      "t/0, offset 2: its time lies before the last one of stream 's'",
      't/0, offset 3: stream: no machine'
    ])
    expect(member.batches[0]?.rejected?.map(({ cause }) => cause)).toEqual(['rejected', 'late', undefined])
  })

  it('missing values are missing, skipped numbers are a gap', async () => {
    const kafka = kafkaWith()
    const counted = json({ channels: { t: 'Cel', p: 'bar' }, time: { at: 'ts', unit: 'ms' }, sequence: 'n' })
    kafka.append('t/0', { ts: 1, t: 1, p: 1, n: 1 }, { ts: 2, t: 2, n: 5 })
    const source = kafkaSource({ url: 'kafka://h', group: 'g', topics: 't', payload: counted, open: kafka.openReader })
    const member = new Member(source)
    open.push(() => member.stop())
    await until(() => member.blocks.length === 2, '2 blocks')
    expect(member.blocks[1]).toMatchObject({ gap: { scans: 3, cause: 'sequence' } })
    expect(Array.from(member.blocks[1]?.quality ?? [])).toEqual([Quality.good, Quality.missing])
    expect(Array.from(member.batches[0]?.sequences ?? [])).toEqual([1, 1, 5, 5])
  })
})

describe('where it begins', () => {
  const begun = async (options: Partial<KafkaSourceOptions<'t'>>, from = {}, committed?: number) => {
    const kafka = kafkaWith()
    for (const t of upTo(10)) kafka.put('t/0', { value: scan(t), timestamp: 5000 + t })
    if (committed !== undefined) kafka.committed.set('t/0', committed)
    const member = memberOf(sourceOn(kafka, options), { from })
    await until(() => member.isRunning, 'running')
    kafka.append('t/0', scan(10))
    await until(() => member.values.includes(10), 'the new one')
    return member.values
  }

  it.each([
    ['nothing known', {}, {}, undefined, 0],
    ['what the group has committed', {}, {}, 4, 4],
    ['behind the position of the checkpoint, whatever is committed', {}, { 't/0': 6 }, 4, 7],
    ['earliest, whatever is committed', { start: 'earliest' }, {}, 4, 0],
    ['latest', { start: 'latest' }, {}, 4, 10],
    ['a time', { start: new Date(5007) }, {}, 4, 7],
    ['a time that is not there yet', { start: new Date(9000) }, {}, undefined, 10],
    ['latest with a checkpoint', { start: 'latest' }, { 't/0': 2 }, undefined, 3]
  ] as const)('%s', async (_, options, from, committed, first) => {
    expect(await begun(options, from, committed)).toEqual(upTo(11, first))
  })

  it('latest counts once: after a rebalance it goes on where it has committed', async () => {
    const kafka = kafkaWith()
    const source = sourceOn(kafka, { start: 'latest', session: '1s' })
    const first = memberOf(source)
    await until(() => first.isRunning, 'running')
    fill(kafka, 't/0', 0, 3)
    await until(() => kafka.committed.get('t/0') === 3, 'the commit')
    kafka.expel(kafka.members[0] as string)
    await until(() => first.moves.length === 3, 'it is back')
    fill(kafka, 't/0', 3, 5)
    await until(() => first.values.length === 5, 'the rest')
    expect(first.values).toEqual(upTo(5))
  })

  it('records that were deleted before they were read are a declared gap', async () => {
    const kafka = kafkaWith()
    fill(kafka, 't/0', 0, 10)
    kafka.deleteBefore('t/0', 7)
    const member = memberOf(sourceOn(kafka), { from: { 't/0': 2 } })
    await until(() => member.values.length === 3, '3 values')
    expect(member.values).toEqual([7, 8, 9])
    expect(member.blocks[0]?.gap).toEqual({ scans: 'unknown', cause: 'lost' })
    expect(member.reports.some(({ why }) => why?.includes("4 records of 't/0' were deleted before"))).toBe(true)
  })

  it('a topic that was made anew under the same name is an error', async () => {
    const kafka = kafkaWith()
    fill(kafka, 't/0', 0, 3)
    const member = new Member(sourceOn(kafka), { from: { 't/0': 99 } })
    await member.ended
    expect(member.error).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    expect(String(member.error)).toContain('the topic was made anew')
  })
})

describe('credit', () => {
  it('asks for each partition first in turn: an answer may be full before it comes to the last', async () => {
    const kafka = kafkaWith(3)
    const asked: number[][] = []
    const openReader = async () => {
      const reader = await kafka.openReader()
      const fetch = reader.fetch.bind(reader)
      reader.fetch = (leader, wanted, limits) => {
        asked.push(wanted.map(({ partition }) => partition))
        return fetch(leader, wanted, limits)
      }
      return reader
    }
    const member = memberOf(sourceOn(kafka, { open: openReader, fetch: '1KiB' }))
    for (const partition of upTo(3)) fill(kafka, `t/${partition}`, 1000 * partition, 1000 * partition + 300)
    await until(() => member.values.length === 900, 'all')
    expect(asked.slice(0, 4)).toEqual([
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [0, 1, 2]
    ])
  })

  it('nothing more is fetched while the pipeline does not ask', async () => {
    const kafka = kafkaWith(2)
    const member = memberOf(sourceOn(kafka, { buffer: '4KiB', fetch: '1KiB' }))
    member.pause()
    fill(kafka, 't/0', 0, 2000)
    fill(kafka, 't/1', 2000, 4000)
    await until(() => member.batches.length > 0, 'a batch')
    await new Promise((resolve) => setTimeout(resolve, 30))
    const { fetches } = kafka
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(kafka.fetches).toBe(fetches)
    expect(fetches).toBeLessThan(5)
    member.resume()
    await until(() => member.values.length === 4000, 'all')
    expect(member.sorted).toEqual(upTo(4000))
  })

  it('tells its lag', async () => {
    const kafka = kafkaWith()
    fill(kafka, 't/0', 0, 100)
    const source = sourceOn(kafka, { fetch: '1KiB' })
    const member = memberOf(source)
    member.pause()
    await until(() => member.batches.length === 1, 'a batch')
    expect(source.lag()).toEqual({ 't/0': 99 - (member.batches[0]?.position as number) })
    member.resume()
    await until(() => member.values.length === 100, 'all')
    expect(source.lag()).toEqual({ 't/0': 0 })
  })
})

describe('failures', () => {
  it('a fetch that fails is repeated, the leaders looked up anew', async () => {
    const kafka = kafkaWith()
    kafka.failures = [kafkaFailure('NOT_LEADER_FOR_PARTITION'), connectionClosed()]
    fill(kafka, 't/0', 0, 3)
    const member = memberOf(sourceOn(kafka))
    await until(() => member.values.length === 3, '3 values')
    expect(member.reports.map(({ state }) => state)).toEqual(['connecting', 'degraded', 'degraded', 'running'])
  })

  it('a cluster that is away is an error that may be retried, and the same member goes on', async () => {
    const kafka = kafkaWith()
    fill(kafka, 't/0', 0, 3)
    const source = sourceOn(kafka)
    const first = new Member(source)
    await until(() => first.values.length === 3, '3 values')
    kafka.cut()
    await first.ended
    expect(first.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    await expect(source.commit?.({ 't/0': 1 })).rejects.toMatchObject({ retryable: true })
    kafka.isCut = false
    fill(kafka, 't/0', 3, 5)
    const second = memberOf(source, { from: { 't/0': 2 } })
    await until(() => second.values.length === 2, 'the rest')
    expect(second.values).toEqual([3, 4])
    expect(kafka.members).toEqual(['member-1'])
  })

  it.each([
    [
      'TOPIC_AUTHORIZATION_FAILED',
      'AUTH_REFUSED',
      'kafka://h:9092 refused the credentials: fetching: no permission on a topic'
    ],
    ['UNSUPPORTED_COMPRESSION_TYPE', 'PROTOCOL_VIOLATION', 'kafka://h:9092: fetching: ']
  ])('%s ends it', async (type, code, message) => {
    const kafka = kafkaWith()
    kafka.failures = [kafkaFailure(type, false)]
    const member = new Member(sourceOn(kafka))
    await member.ended
    expect(member.error).toMatchObject({ code, retryable: false })
    expect(String(member.error)).toContain(message)
  })

  it('a topic that does not exist is waited for', async () => {
    const member = new Member(sourceOn(new FakeKafka()))
    await member.ended
    expect(member.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
  })

  it('lets go of everything at a stop: leaves the group after the last commit', async () => {
    const kafka = kafkaWith()
    fill(kafka, 't/0', 0, 3)
    const source = sourceOn(kafka)
    const member = new Member(source, { commits: false })
    await until(() => member.values.length === 3, '3 values')
    await member.stop()
    expect(kafka.members.length).toBe(1)
    await source.commit?.({ 't/0': 2 })
    await until(() => kafka.members.length === 0 && kafka.open === 0, 'the goodbye')
    expect(kafka.committed.get('t/0')).toBe(3)
  })
})
