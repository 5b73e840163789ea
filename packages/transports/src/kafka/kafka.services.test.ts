// A real Apache Kafka. It is started once for most of these, or they are skipped with the reason.
import { readFileSync } from 'node:fs'
import { pipeline, type Run } from '@messwerk/core'
import type { Block, MeasurementEvent } from '@messwerk/core/model'
import { memoryCheckpoints, recordingSink, type SinkStore, sinkSuite, sourceSuite } from '@messwerk/core/testing'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  CompressionTypes,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
  ResourcePatternTypes
} from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { type KafkaServer, startKafka } from '../../../../test/servers/kafka.ts'
import { json } from '../payload/json-payload.ts'
import { ending } from './fixtures/ending.ts'
import { Member, until } from './fixtures/member.ts'
import { storedRecords } from './fixtures/stored-records.ts'
import { kafkaSink } from './kafka-sink.ts'
import { kafkaSource } from './kafka-source.ts'
import type { KafkaSourceOptions } from './kafka-source-options.ts'
import { canWriteZstd } from './zstd.ts'

const payload = json({ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'ms' } })
let server: KafkaServer | string
let client: Kafka
let admin: Admin
let producer: Producer
let names = 0
const open: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await startKafka({ secured: true })
  if (typeof server === 'string') return
  client = new Kafka({ brokers: [server.url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  admin = client.admin()
  producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  await isReady(server.url)
})

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close().catch(() => {})
})

afterAll(async () => {
  if (typeof server !== 'object') return
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await server.stop()
})

/** A new broker first makes the topic in which it keeps its groups: until then every group is an error to be retried. */
async function isReady(url: string): Promise<void> {
  const own = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING }).admin()
  await own.connect()
  await own.createTopics({ topics: [{ topic: 'ready', numPartitions: 1 }], waitForLeaders: true })
  await own.disconnect()
  for (let i = 0; i < 50; i += 1) {
    const member = new Member(sourceOn(url, { topics: 'ready' }))
    await until(() => member.isRunning || member.error !== undefined, 'an answer')
    if (member.isRunning) return member.stop()
  }
}

function kafka(test: TestContext): KafkaServer {
  return typeof server === 'string' ? test.skip(server) : server
}

async function topic(partitions = 1, prefix = 't', compression = 'producer'): Promise<string> {
  names += 1
  const name = `${prefix}-${names}`
  const configEntries = [{ name: 'compression.type', value: compression }]
  await admin.createTopics({
    topics: [{ topic: name, numPartitions: partitions, configEntries }],
    waitForLeaders: true
  })
  return name
}

const sourceOn = (url: string, options: Partial<KafkaSourceOptions<'t'>> & Pick<KafkaSourceOptions<'t'>, 'topics'>) =>
  kafkaSource({ url, group: `g-${names}`, payload, session: '6s', timeout: '5s', ...options })

function memberOf(source: ReturnType<typeof sourceOn>, options: ConstructorParameters<typeof Member>[1] = {}): Member {
  const member = new Member(source, options)
  open.push(() => member.stop())
  return member
}

const scan = (t: number) => JSON.stringify({ ts: 1_700_000_000_000 + t, t })
const upTo = (n: number, from = 0) => Array.from({ length: n - from }, (_, i) => from + i)

async function send(to: string, from: number, end: number, partitions = 1, compression = CompressionTypes.None) {
  for (let i = from; i < end; i += 500) {
    const some = upTo(Math.min(end, i + 500), i)
    const messages = some.map((t) => ({ key: `k${t % partitions}`, value: scan(t), partition: t % partitions }))
    await producer.send({ topic: to, messages, compression })
  }
}

const sorted = (...members: Member[]) => members.flatMap(({ values }) => values).sort((a, b) => a - b)

const eventOf = (stream: string): MeasurementEvent => ({
  ...{ id: stream, kind: 'notice', phase: 'begin', stream, rule: 'r', start: 1 },
  origin: { split: 's', position: 1 }
})
/** A token that Kafka takes where it is told to check no signature. */
function unsigned(subject: string, seconds: number): string {
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now - 7200, exp: now + seconds })}.`
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const alive = (): AbortSignal => new AbortController().signal

describe('source', () => {
  it.for([CompressionTypes.None, CompressionTypes.GZIP])(
    'everything once and in order, compression %i',
    async (how, test) => {
      const { url } = kafka(test)
      const name = await topic(2)
      await send(name, 0, 3000, 2, how)
      const member = memberOf(sourceOn(url, { topics: name }))
      await until(() => member.values.length === 3000, '3000 values')
      for (const k of [0, 1]) {
        const own = member.blocks
          .filter(({ stream }) => stream.id === `k${k}`)
          .flatMap(({ values }) => Array.from(values))
        expect(own).toEqual(upTo(3000).filter((t) => t % 2 === k))
      }
      expect(member.rejected).toEqual([])
      expect(member.source).toMatchObject({ id: `kafka:g-${names}` })
    }
  )

  it('goes on behind what was committed, with nothing twice', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    await send(name, 0, 1000)
    const first = memberOf(sourceOn(url, { topics: name }))
    await until(() => first.values.length === 1000, '1000 values')
    await first.stop()
    await send(name, 1000, 1500)
    const second = memberOf(sourceOn(url, { topics: name }))
    await until(() => second.values.length === 500, 'the rest')
    expect(second.values).toEqual(upTo(1500, 1000))
  })

  it('what was not committed comes again', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    await send(name, 0, 100)
    const source = sourceOn(url, { topics: name })
    const first = memberOf(source, { commits: false })
    await until(() => first.values.length === 100, '100 values')
    await source.commit?.({ [`${name}/0`]: 59 })
    await first.stop().catch(() => {})
    const second = memberOf(source)
    await until(() => second.values.length === 40, 'the rest')
    expect(second.values).toEqual(upTo(100, 60))
  })

  it('begins at the earliest, the latest, a time', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    await producer.send({
      topic: name,
      messages: upTo(10).map((t) => ({ value: scan(t), timestamp: String(5000 + t) }))
    })
    const first = memberOf(sourceOn(url, { topics: name, group: `${name}-e`, start: 'earliest' }))
    const second = memberOf(sourceOn(url, { topics: name, group: `${name}-l`, start: 'latest' }))
    const third = memberOf(sourceOn(url, { topics: name, group: `${name}-d`, start: new Date(5007) }))
    const all = [first, second, third]
    await until(() => all.every(({ isRunning }) => isRunning), 'running')
    await producer.send({ topic: name, messages: [{ value: scan(10) }] })
    await until(() => all.every(({ values }) => values.includes(10)), 'the new one')
    expect(all.map(({ values }) => values[0])).toEqual([0, 10, 7])
    expect(all.map(({ values }) => values.length)).toEqual([11, 1, 4])
  })

  it('reads the topics that match, with their names as tags', async (test) => {
    const { url } = kafka(test)
    const [one, two] = [await topic(1, 'line.a'), await topic(2, 'line.b')]
    await topic(1, 'other')
    await send(one, 0, 10)
    await send(two, 10, 20, 2)
    const member = memberOf(sourceOn(url, { topics: /line\.(?<hall>\w)-\d+/ }))
    await until(() => member.values.length === 20, '20 values')
    expect(new Set(member.blocks.map(({ stream }) => stream.tags.hall))).toEqual(new Set(['a', 'b']))
    expect(Array.from(new Set(member.batches.map(({ split }) => split))).sort()).toEqual([
      `${one}/0`,
      `${two}/0`,
      `${two}/1`
    ])
  })

  it('a second member takes over half, and gives it back: nothing is lost, nothing read twice', async (test) => {
    const { url } = kafka(test)
    const name = await topic(4)
    const first = memberOf(sourceOn(url, { topics: name }), { commits: false })
    await send(name, 0, 1000, 4)
    await until(() => first.values.length === 1000, '1000 values')
    const second = new Member(sourceOn(url, { topics: name }), { commits: false })
    await until(() => second.isRunning && first.moves.length === 10, 'the second has joined')
    await send(name, 1000, 2000, 4)
    await until(() => sorted(first, second).length === 2000, 'all')
    expect(second.values.length).toBe(500)
    for (const split of second.moves.map((move) => move.slice(1))) await second.handsOver(split)
    await second.stop()
    await until(() => first.moves.length === 16, 'the first has all again')
    await send(name, 2000, 3000, 4)
    await until(() => sorted(first, second).length === 3000, 'the last')
    expect(sorted(first, second)).toEqual(upTo(3000))
  })

  it('tells its lag, and asks for nothing while nobody asks it', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    await send(name, 0, 5000)
    const source = sourceOn(url, { topics: name, fetch: '16KiB', buffer: '64KiB' })
    const member = memberOf(source)
    member.pause()
    await until(() => member.batches.length === 1, 'a batch')
    const [batch] = member.batches
    expect(source.lag()).toEqual({ [`${name}/0`]: 4999 - (batch?.position as number) })
    member.resume()
    await until(() => member.values.length === 5000, 'all')
    expect(member.values).toEqual(upTo(5000))
    expect(source.lag()).toEqual({ [`${name}/0`]: 0 })
  })

  it('bad records cost themselves alone', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    const values = [scan(0), '{"ts":', Buffer.from([0xff, 0xfe]), null, scan(1), scan(2)]
    await producer.send({ topic: name, messages: values.map((value) => ({ value })) })
    const member = memberOf(sourceOn(url, { topics: name }))
    await until(() => member.values.length === 3, '3 values')
    expect(member.rejected).toEqual([
      expect.stringContaining(`${name}/0, offset 1: is not JSON`),
      `${name}/0, offset 2: is not UTF-8`
    ])
  })

  it('reads committed transactions only, and goes over their marks', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    const sender = client.producer({
      ...{ transactionalId: `tx-${name}`, idempotent: true, maxInFlightRequests: 1 },
      createPartitioner: Partitioners.DefaultPartitioner
    })
    await sender.connect()
    open.push(() => sender.disconnect())
    for (const [t, ends] of [
      [0, 'commit'],
      [1, 'abort'],
      [2, 'commit'],
      [3, 'abort']
    ] as const) {
      const transaction = await sender.transaction()
      await transaction.send({ topic: name, messages: [{ value: scan(t) }] })
      await transaction[ends]()
    }
    const member = memberOf(sourceOn(url, { topics: name }))
    await until(() => member.values.length === 2 && member.batches.at(-1)?.position === 7, 'all')
    expect(member.values).toEqual([0, 2])
  })

  it('the time of the broker is called so', async (test) => {
    const { url } = kafka(test)
    names += 1
    const name = `appended-${names}`
    const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
    await admin.createTopics({ topics: [{ topic: name, numPartitions: 1, configEntries }], waitForLeaders: true })
    await producer.send({ topic: name, messages: [{ value: '{"t":1}', timestamp: '5' }] })
    const member = memberOf(sourceOn(url, { topics: name, payload: json({ channels: { t: 'Cel' } }) }))
    await until(() => member.values.length === 1, 'a value')
    expect(member.blocks[0]?.time.clock).toBe('broker')
    expect(Number(member.blocks[0]?.time.start)).toBeGreaterThan(1.7e18)
  })

  it('a topic that is not there is named, and waited for', async (test) => {
    const { url } = kafka(test)
    const member = new Member(sourceOn(url, { topics: 'nowhere' }))
    await member.ended
    expect(member.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    expect(String(member.error)).toContain("topic 'nowhere' does not exist there")
  })
})

describe('sink', () => {
  it('what it writes can be read, with key, header, time and order', async (test) => {
    const { url } = kafka(test)
    const name = await topic(2)
    const sink = kafkaSink({ url, topic: name, compression: 'gzip', headers: () => ({ plant: 'B' }) })
    open.push(async () => sink.close?.())
    const source = sourceOn(url, {
      topics: name,
      payload: json({ channels: { t: 'Cel' }, time: { at: 'time', unit: 'iso' } })
    })
    const other = await topic()
    await send(other, 0, 2000)
    const run = pipeline('copy')
      .from(sourceOn(url, { topics: other, group: `${other}-c` }))
      .to(sink)
      .start()
    const member = memberOf(source)
    await until(() => member.values.length === 2000, '2000 values')
    expect(run.metrics.sources[`kafka:${other}-c`]?.lag).toEqual({ [`${other}/0`]: 0 })
    await run.stop()
    expect(member.values).toEqual(upTo(2000))
    expect(member.blocks[0]?.stream.id).toBe('k0')
  })

  it('a message that is too large is named, the others are written', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    const sink = kafkaSink({
      url,
      topic: name,
      batch: '4MiB',
      payload: ({ stream }) => (String(stream) === 'big' ? Buffer.alloc(2_000_000) : 'x')
    })
    open.push(async () => sink.close?.())
    const error = await sink
      .write([eventOf('a'), eventOf('big'), eventOf('b')], alive())
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'BATCH_FAILED' })
    const { failed } = error as { failed: Map<number, Error> }
    expect(Array.from(failed.keys())).toEqual([1])
    expect(failed.get(1)).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    const offsets = await admin.fetchTopicOffsets(name)
    expect(Number(offsets[0]?.high)).toBe(2)
  })

  it('a topic that is not there costs its items alone', async (test) => {
    const { url } = kafka(test)
    const name = await topic()
    const sink = kafkaSink({
      url,
      topic: ({ stream }) => (String(stream) === 'a' ? name : 'nowhere'),
      payload: () => 'x'
    })
    open.push(async () => sink.close?.())
    const error = await sink.write([eventOf('a'), eventOf('b')], alive()).catch((cause: unknown) => cause)
    const { failed } = error as { failed: Map<number, Error> }
    expect(Array.from(failed.keys())).toEqual([1])
    expect(failed.get(1)).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
    expect(String(failed.get(1))).toContain("topic 'nowhere' does not exist there")
  })
})

describe('compression', () => {
  it.for(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'what the broker has compressed with %s is read',
    async (how, test) => {
      const { url } = kafka(test)
      const name = await topic(1, how, how)
      await send(name, 0, 3000)
      const member = memberOf(sourceOn(url, { topics: name }))
      await until(() => member.values.length === 3000, '3000 values')
      expect(member.values).toEqual(upTo(3000))
    }
  )

  // the broker has to read what it is to store in another way
  it.for([
    ['snappy', 'uncompressed'],
    ['lz4', 'uncompressed'],
    ['zstd', 'uncompressed'],
    ['lz4', 'gzip'],
    ['lz4', 'producer'],
    ['snappy', 'producer']
  ] as const)('what the sink writes with %s is read by the broker, kept as %s', async ([how, kept], test) => {
    const { url } = kafka(test)
    if (how === 'zstd' && !canWriteZstd) return test.skip('zstd is written from Node 22.15 on')
    const name = await topic(1, how, kept)
    const all = upTo(3000).map(scan)
    const sink = kafkaSink({ url, topic: name, compression: how, payload: () => all })
    open.push(async () => sink.close?.())
    await sink.write([eventOf('s')], alive())
    const member = memberOf(sourceOn(url, { topics: name }))
    await until(() => member.values.length === 3000, '3000 values')
    expect(member.values).toEqual(upTo(3000))
  })
})

describe('security', () => {
  const trusted = ({ certificates }: KafkaServer) => ({ ca: readFileSync(certificates?.ca as string) })

  it.for(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('TLS and %s', async (mechanism, test) => {
    const server = kafka(test)
    const url = server.securedUrl as string
    const name = await topic()
    const sasl = { mechanism, username: server.user, password: async () => server.password }
    const sink = kafkaSink({ url, topic: name, payload: () => scan(1), tls: trusted(server), sasl })
    open.push(async () => sink.close?.())
    await sink.write([eventOf('s')], alive())
    const member = memberOf(sourceOn(url, { topics: name, tls: trusted(server), sasl }))
    await until(() => member.values.length === 1, 'a value')
    expect(member.blocks[0]?.stream.id).toBe('s')
  })

  it.for(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    '%s: a wrong password is not tried again, and not shown',
    async (mechanism, test) => {
      const server = kafka(test)
      const sasl = { mechanism, username: server.user, password: 'not-the-password' }
      const url = server.securedUrl as string
      const member = new Member(sourceOn(url, { topics: 't', tls: trusted(server), sasl }))
      await member.ended
      expect(member.error).toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
      expect(String(member.error)).not.toContain('not-the-password')
      const sink = kafkaSink({ url, topic: 't', tls: trusted(server), sasl })
      await expect(sink.open?.(alive())).rejects.toMatchObject({ code: 'AUTH_REFUSED' })
    }
  )

  it('mutual TLS: who has a certificate is let in, who has none is not', async (test) => {
    const server = kafka(test)
    const { cert = '', key = '' } = server.certificates?.client ?? {}
    const own = { cert: readFileSync(cert), key: readFileSync(key) }
    const name = await topic()
    const tls = { ...trusted(server), ...own }
    const sink = kafkaSink({ url: server.mutualUrl as string, topic: name, payload: () => scan(1), tls })
    open.push(async () => sink.close?.())
    await sink.write([eventOf('s')], alive())
    const member = memberOf(sourceOn(server.mutualUrl as string, { topics: name, tls }))
    await until(() => member.values.length === 1, 'a value')
    const stranger = new Member(sourceOn(server.mutualUrl as string, { topics: name, tls: trusted(server) }))
    await stranger.ended
    expect(stranger.error).toMatchObject({
      code: expect.stringMatching(/^(NOT_CONNECTED|AUTH_REFUSED|PROTOCOL_VIOLATION)$/)
    })
    expect(String(stranger.error)).toMatch(/certificate/)
  })

  it('OAUTHBEARER: asks for a token for each connection; one that has run out is refused', async (test) => {
    const server = kafka(test)
    const name = await topic()
    const connection = { url: server.securedUrl as string, tls: trusted(server) }
    let asked = 0
    const token = async () => {
      asked += 1
      return unsigned(server.user, 3600)
    }
    const sasl = { mechanism: 'oauthbearer', token } as const
    const sink = kafkaSink({ ...connection, topic: name, payload: () => scan(1), sasl })
    open.push(async () => sink.close?.())
    await sink.write([eventOf('s')], alive())
    const member = memberOf(kafkaSource({ ...connection, group: name, topics: name, payload, sasl }))
    await until(() => member.values.length === 1, 'a value')
    expect(asked).toBeGreaterThan(1)
    const old = { mechanism: 'oauthbearer', token: () => unsigned(server.user, -3600) } as const
    const refused = kafkaSink({ ...connection, topic: name, sasl: old })
    await expect(refused.open?.(alive())).rejects.toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
  })

  it('no permission on a topic or a group is an AuthError that names it', async (test) => {
    const server = kafka(test)
    const name = await topic()
    const sasl = { mechanism: 'plain', username: server.guest, password: server.password } as const
    const connection = { url: server.securedUrl as string, tls: trusted(server), sasl }
    const idempotent = kafkaSink({ ...connection, topic: name })
    await expect(idempotent.open?.(alive())).rejects.toThrow('an idempotent producer needs Write on a topic')
    const sink = kafkaSink({ ...connection, topic: name, idempotent: false, payload: () => scan(1) })
    open.push(async () => sink.close?.())
    const error = await Promise.resolve(sink.write([eventOf('s')], alive())).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
    expect(String(error)).toContain(`topic '${name}': no permission on a topic (TOPIC_AUTHORIZATION_FAILED)`)
    const options = { ...connection, group: `${name}-guest`, topics: name, payload, session: '6s' } as const
    const noTopic = new Member(kafkaSource(options))
    await noTopic.ended
    expect(noTopic.error).toMatchObject({ code: 'AUTH_REFUSED' })
    expect(String(noTopic.error)).toContain('no permission on a topic')
    const may = (type: AclResourceTypes, resource: string) => ({
      ...{ resourceType: type, resourceName: resource, resourcePatternType: ResourcePatternTypes.LITERAL },
      ...{ principal: `User:${server.guest}`, host: '*', operation: AclOperationTypes.READ },
      permissionType: AclPermissionTypes.ALLOW
    })
    await admin.createAcls({ acl: [may(AclResourceTypes.TOPIC, name)] })
    const noGroup = new Member(kafkaSource(options))
    await noGroup.ended
    expect(noGroup.error).toMatchObject({ code: 'AUTH_REFUSED' })
    expect(String(noGroup.error)).toContain('no permission on the group')
    await admin.createAcls({ acl: [may(AclResourceTypes.GROUP, options.group)] })
    await send(name, 0, 1)
    const member = memberOf(kafkaSource(options))
    await until(() => member.values.length === 1, 'a value')
  })

  it('a broker of an unknown authority is refused', async (test) => {
    const { securedUrl } = kafka(test)
    const member = new Member(sourceOn(securedUrl as string, { topics: 't' }))
    await member.ended
    expect(member.error).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    expect(String(member.error)).toContain('pass its certificate as tls.ca')
  })

  it('no TLS where it is needed, and TLS where there is none', async (test) => {
    const { url, securedUrl } = kafka(test)
    const plain = new Member(sourceOn((securedUrl as string).replace('kafkas', 'kafka'), { topics: 't' }))
    const tls = new Member(sourceOn(url.replace('kafka', 'kafkas'), { topics: 't' }))
    await Promise.all([plain.ended, tls.ended])
    expect(plain.error).toMatchObject({ code: 'NOT_CONNECTED' })
    expect(String(plain.error)).toContain('if it speaks TLS, use kafkas://')
    expect(tls.error).toMatchObject({ retryable: expect.any(Boolean) })
  })
})

describe('pipelines of one group', () => {
  // what comes back is read again from where the own checkpoint has it: without one, from where the other has committed
  it.for([
    [false, 'each value is there, and once'],
    [true, 'each value is there']
  ] as const)('one comes and goes three times, with a store each: %s: %s', async ([hasStores], test) => {
    const { url } = kafka(test)
    const name = await topic(4)
    const stored: number[] = []
    const start = (): Run => {
      const sink = {
        write: async (blocks: readonly Block[]) => {
          await new Promise((resolve) => setTimeout(resolve, 5))
          for (const { values } of blocks) stored.push(...values)
        }
      }
      const checkpoint = { store: memoryCheckpoints(), every: '200ms' as const }
      return pipeline('p')
        .from(sourceOn(url, { topics: name }))
        .to(sink)
        .start(hasStores ? { checkpoint } : {})
    }
    const stays = start()
    open.push(() => stays.stop())
    let isSending = true
    let sent = 0
    const sending = (async () => {
      for (; isSending; sent += 40) await send(name, sent, sent + 40, 4)
    })()
    for (let i = 0; i < 3; i += 1) {
      const comes = start()
      await pause(1500)
      await comes.stop()
      await pause(700)
    }
    isSending = false
    await sending
    await until(() => new Set(stored).size === sent, 'all')
    await stays.stop()
    const values = hasStores ? Array.from(new Set(stored)) : stored
    expect(values.length).toBe(sent)
    expect(values.sort((a, b) => a - b)).toEqual(upTo(sent))
  })
})

describe('a broker that dies', () => {
  it('SIGKILL and restart: the pipeline goes on, every value once', async (test) => {
    const own = await startKafka()
    if (typeof own === 'string') return test.skip(own)
    open.push(() => own.stop())
    const kafkajs = new Kafka({ brokers: [own.url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
    const tools = kafkajs.admin()
    const sender = kafkajs.producer({ createPartitioner: Partitioners.DefaultPartitioner, retry: { retries: 30 } })
    await Promise.all([tools.connect(), sender.connect()])
    open.push(() => Promise.all([tools.disconnect(), sender.disconnect()]))
    await tools.createTopics({ topics: [{ topic: 't', numPartitions: 2 }], waitForLeaders: true })
    const emit = (from: number, to: number) =>
      sender.send({
        topic: 't',
        messages: upTo(to, from).map((t) => ({ value: scan(t), key: `k${t % 2}`, partition: t % 2 }))
      })
    await emit(0, 500)
    const sink = recordingSink()
    const store = memoryCheckpoints()
    const source = sourceOn(own.url, { topics: 't', timeout: '2s' })
    const run = pipeline('p')
      .from(source)
      .to(sink)
      .start({ checkpoint: { store }, retry: { most: '1s' } })
    open.push(() => run.stop())
    const values = () => sink.items.flatMap((block) => Array.from((block as { values: Float64Array }).values))
    await until(() => values().length === 500, '500 values')
    await own.kill()
    await own.restart()
    await emit(500, 1000)
    await until(() => values().length >= 1000, 'the rest')
    await run.stop()
    expect(values().sort((a, b) => a - b)).toEqual(upTo(1000))
  })
})

const isThere = await startable()

async function startable(): Promise<KafkaServer | string> {
  const one = await startKafka()
  if (typeof one === 'string') return one
  await isReady(one.url)
  afterAll(() => one.stop())
  return one
}

if (typeof isThere === 'string') it.skip(`the contract suites: ${isThere}`)
else {
  const { url } = isThere
  const tools = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const create = async (name: string): Promise<void> => {
    const own = tools.admin()
    await own.connect()
    await own.createTopics({ topics: [{ topic: name, numPartitions: 1 }], waitForLeaders: true })
    await own.disconnect()
  }
  const filled = async (): Promise<string> => {
    names += 1
    const name = `suite-${names}`
    await create(name)
    const sender = tools.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await sender.connect()
    await sender.send({ topic: name, messages: upTo(300).map((t) => ({ key: `k${t % 3}`, value: scan(t) })) })
    await sender.disconnect()
    return name
  }
  const fixed = filled()
  sourceSuite(
    'kafka, a real broker',
    {
      open: async () => {
        names += 1
        return ending(sourceOn(url, { topics: await fixed, group: `suite-g-${names}`, fetch: '2KiB' }))
      },
      scans: 300,
      unreachable: () => sourceOn('kafka://127.0.0.1:1', { topics: 't' }),
      timeoutMs: 20_000
    },
    { describe, it }
  )
  const log = 'a topic is a log: readers tell a repeated scan by its stream and time'
  const store = async (): Promise<SinkStore> => {
    names += 1
    const name = `sink-${names}`
    await create(name)
    return { open: async () => kafkaSink({ url, topic: name }), read: () => storedRecords(url, name) }
  }
  sinkSuite('kafka, a real broker', { store, skip: { K3: log, K4: log, K5: log } }, { describe, it })
}
