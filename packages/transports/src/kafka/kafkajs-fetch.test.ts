// With the broker of kafkajs, as far as it can be had without a connection: it says how its requests and errors are used.
import { createRequire } from 'node:module'
import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { Damaged } from './byte-cursor.ts'
import { planConnection } from './connection-options.ts'
import { fetchAnswer } from './fetch-answer.ts'
import { type AnswerSpec, answerBytes } from './fixtures/answer-bytes.ts'
import { batchBytes, resealed } from './fixtures/batch-bytes.ts'
import type { Fetched } from './kafka-client.ts'
import { fetchFrom } from './kafkajs-fetch.ts'
import type { Broker, ProtocolRequest } from './kafkajs-protocol.ts'

const load = createRequire(import.meta.url)
type Decode = (bytes: Buffer) => Promise<{ throttleTime?: number; clientSideThrottleTime?: number; responses: unknown }>
const decoderOf = (version: number): Decode => load(`kafkajs/src/protocol/requests/fetch/v${version}/response`).decode
const KafkajsBroker = load('kafkajs/src/broker') as new (options: object) => Broker & { lookupRequest: unknown }
const { lookup } = load('kafkajs/src/protocol/requests') as { lookup: (versions: object) => unknown }

const plan = planConnection({ url: 'kafka://h:9092' }, 'test')
const limits = { bytes: 1000, bytesPerPartition: 500, waitMs: 10 }

interface Sent {
  readonly version: number
  readonly timeout: number | null | undefined
  readonly decoded: Record<string, unknown>
}

/** A broker that answers with these bytes, one after the other. */
function brokerWith(newest: number, answers: readonly Buffer[]): { broker: Broker; sent: Sent[] } {
  const sent: Sent[] = []
  let next = 0
  const connectionPool = {
    host: 'h',
    port: 1,
    connectionTimeout: 1,
    send: async ({
      request,
      response,
      requestTimeout
    }: ProtocolRequest & { request: { encode(): Promise<unknown> } }) => {
      await request.encode()
      const bytes = answers[Math.min(next, answers.length - 1)] as Buffer
      next += 1
      const decoded = await response.decode(bytes)
      sent.push({ version: request.apiVersion, timeout: requestTimeout, decoded: decoded as Sent['decoded'] })
      return response.parse(decoded)
    }
  }
  const logger = { namespace: () => ({}) }
  const broker = new KafkajsBroker({ connectionPool, logger, nodeId: 1 })
  broker.lookupRequest = lookup({ 1: { minVersion: 4, maxVersion: newest } }) as Broker['lookupRequest']
  return { broker, sent }
}

const fetchOf = (broker: Broker, offset = 0) =>
  fetchFrom(broker, [{ topic: 't', partition: 0, offset }], limits, { plan, lib: kafkajs })
const batch = (offset: number) =>
  batchBytes({
    firstOffset: offset,
    lastOffset: offset + 1,
    records: [0, 1].map((i) => ({ offset: offset + i, timestamp: 7, key: null, value: Buffer.from(`v${offset + i}`) }))
  })
const answer = (batches: Buffer, more: Partial<AnswerSpec> & { errorCode?: number; version?: number } = {}) => {
  const { version = 11, errorCode = 0, ...rest } = more
  const partitions = [{ partition: 0, errorCode, highWatermark: 9, batches }]
  return answerBytes({ version, topics: [{ topic: 't', partitions }], ...rest })
}
const values = (fetched: readonly Fetched[]) =>
  fetched.flatMap(({ records }) => Array.from({ length: records.length }, (_, i) => String(records.value(i))))

describe('an answer to a fetch', () => {
  const part = fc.record({
    partition: fc.nat(100),
    errorCode: fc.constantFrom(0, 0, 1, 3),
    highWatermark: fc.nat(2 ** 40),
    aborted: fc.array(fc.record({ producer: fc.nat(2 ** 40), firstOffset: fc.nat(2 ** 40) }), { maxLength: 2 }),
    batches: fc.constant(Buffer.alloc(0))
  })
  const topics = fc.array(
    fc.record({ topic: fc.stringMatching(/^[a-z.]{1,9}$/), partitions: fc.array(part, { maxLength: 3 }) }),
    { maxLength: 3 }
  )

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('of version %i is read as kafkajs reads it', async (version) => {
    await fc.assert(
      fc.asyncProperty(topics, fc.nat(10_000), async (some, throttleMs) => {
        const bytes = answerBytes({ version, throttleMs, topics: some })
        const theirs = await decoderOf(version)(bytes)
        const ours = fetchAnswer(bytes, version)
        expect(ours.throttleMs).toBe(theirs.clientSideThrottleTime ?? theirs.throttleTime ?? 0)
        const responses = ours.topics.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.map(({ partition, errorCode, highWatermark, aborted }) => ({
            partition,
            errorCode,
            highWatermark: String(highWatermark),
            messages: [],
            ...(version >= 4 && {
              abortedTransactions: aborted.map(({ producer, firstOffset }) => ({
                producerId: String(producer),
                firstOffset: String(firstOffset)
              }))
            })
          }))
        }))
        expect(theirs.responses).toMatchObject(responses)
      }),
      { numRuns: 20 }
    )
  })

  it('cut or damaged it is an error, or another answer, and ends', () => {
    const right = answerBytes({
      version: 11,
      topics: [{ topic: 't', partitions: [{ partition: 0, highWatermark: 1, batches: Buffer.alloc(9) }] }]
    })
    for (let length = 0; length < right.length; length += 1) {
      expect(() => fetchAnswer(right.subarray(0, length), 11), `${length}`).toThrow(Damaged)
    }
    for (let at = 0; at < right.length; at += 1) {
      for (const to of [0x00, 0x7f, 0x80, 0xff]) {
        const made = Buffer.from(right)
        made[at] = to
        try {
          fetchAnswer(made, 11)
        } catch (error) {
          expect(error, `byte ${at}`).toBeInstanceOf(Damaged)
        }
      }
    }
  })
})

describe('a fetch', () => {
  it('is of the newest version that both know, and gives records and where to go on', async () => {
    for (const [newest, version] of [
      [4, 4],
      [8, 8],
      [17, 11]
    ] as const) {
      const { broker, sent } = brokerWith(newest, [answer(await batch(4), { version, throttleMs: 3 })])
      const fetched = await fetchOf(broker, 5)
      expect(sent.map((one) => one.version)).toEqual([version])
      expect(values(fetched)).toEqual(['v5'])
      expect(fetched).toMatchObject([{ topic: 't', partition: 0, next: 6, end: 9, isAppendTime: false }])
      // from version 8 on the client is told to wait
      expect(sent[0]?.decoded.clientSideThrottleTime).toBe(version >= 8 ? 3 : undefined)
      // a slow line is no failure
      expect(sent[0]?.timeout).toBeGreaterThan(limits.waitMs + 1000)
    }
  })

  it('fails with what the broker says of a partition', async () => {
    const failing = (errorCode: number) => fetchOf(brokerWith(11, [answer(Buffer.alloc(0), { errorCode })]).broker)
    await expect(failing(1)).rejects.toMatchObject({ type: 'OFFSET_OUT_OF_RANGE', topic: 't', partition: 0 })
    await expect(failing(6)).rejects.toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION', retriable: true })
    await expect(failing(29)).rejects.toMatchObject({ type: 'TOPIC_AUTHORIZATION_FAILED', retriable: false })
  })

  it('is made again when a batch comes damaged', async () => {
    const bad = await batch(0)
    bad[bad.length - 1] = (bad[bad.length - 1] as number) ^ 1
    const { broker, sent } = brokerWith(11, [answer(bad), answer(await batch(0))])
    expect(values(await fetchOf(broker))).toEqual(['v0', 'v1'])
    expect(sent.length).toBe(1)
    await expect(fetchOf(brokerWith(11, [answer(bad)]).broker)).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message:
        "kafka://h:9092: 't/0' at offset 0: the checksum of a record batch is wrong; to go on behind it, let the group commit a later offset"
    })
  })

  it('a cut batch waits for the next answer, unless nothing is whole', async () => {
    const whole = await batch(0)
    const cut = whole.subarray(0, whole.length - 1)
    const both = answerBytes({
      version: 11,
      topics: [
        {
          topic: 't',
          partitions: [
            { partition: 0, highWatermark: 9, batches: whole },
            { partition: 1, highWatermark: 9, batches: cut }
          ]
        }
      ]
    })
    const wanted = [0, 1].map((partition) => ({ topic: 't', partition, offset: 0 }))
    const fetched = await fetchFrom(brokerWith(11, [both]).broker, wanted, limits, { plan, lib: kafkajs })
    expect(fetched.map(({ partition, next }) => [partition, next])).toEqual([
      [0, 2],
      [1, 0]
    ])
    await expect(fetchOf(brokerWith(11, [answer(cut)]).broker)).rejects.toThrow("'t/0' at offset 0: there is no whole")
  })

  it('nothing whole of the partition that was asked for first is damage, although others go on', async () => {
    const whole = await batch(0)
    const parts = (version: number, cutPartition: number) => {
      const partitions = [0, 1].map((partition) => ({
        partition,
        highWatermark: 9,
        batches: partition === cutPartition ? whole.subarray(0, whole.length - 1) : whole
      }))
      return answerBytes({ version, topics: [{ topic: 't', partitions }] })
    }
    const wanted = [0, 1].map((partition) => ({ topic: 't', partition, offset: 0 }))
    const { broker, sent } = brokerWith(11, [parts(11, 0), parts(11, 1)])
    await fetchFrom(broker, wanted, limits, { plan, lib: kafkajs })
    expect(sent.length).toBe(1) // the first one was not taken
    const asked = fetchFrom(brokerWith(11, [parts(11, 0)]).broker, wanted, limits, { plan, lib: kafkajs })
    await expect(asked).rejects.toThrow("'t/0' at offset 0: there is no whole record batch")
  })

  it('an error of the whole answer may be tried again', async () => {
    const { broker } = brokerWith(11, [answer(Buffer.alloc(0), { failure: 70 })])
    await expect(fetchOf(broker)).rejects.toMatchObject({
      ...{ code: 'NOT_CONNECTED', retryable: true },
      message: 'No connection to kafka://h:9092: fetching: the broker answers with error 70'
    })
  })

  it('an answer that is none is an error', async () => {
    await expect(fetchOf(brokerWith(11, [Buffer.alloc(3)]).broker)).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: 'kafka://h:9092: fetching: an answer to a fetch ends too early'
    })
  })

  it('passes on what does not belong to bytes', async () => {
    const zipped = await batchBytes({ firstOffset: 0, lastOffset: 0, codec: 1, records: [] })
    const codecs = { ...kafkajs.CompressionCodecs }
    zipped.writeInt16BE(2, 21)
    const { broker } = brokerWith(11, [answer(resealed(zipped))])
    codecs[2] = () => {
      throw Object.assign(new Error('not there'), { name: 'KafkaJSNotImplemented' })
    }
    const lib = { ...kafkajs, CompressionCodecs: codecs } as typeof kafkajs
    await expect(
      fetchFrom(broker, [{ topic: 't', partition: 0, offset: 0 }], limits, { plan, lib })
    ).rejects.toMatchObject({ name: 'KafkaJSNotImplemented' })
  })
})
