import { blockOf, defineStream, type MeasurementEvent } from '@messwerk/core/model'
import { type SinkStore, sinkSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { storedRows } from '../mqtt/fixtures/stored-rows.ts'
import { connectionClosed, FakeKafka, kafkaFailure } from './fixtures/fake-kafka.ts'
import { kafkaSink } from './kafka-sink.ts'
import type { KafkaSinkOptions } from './kafka-sink-options.ts'

const url = 'kafka://h'
const alive = (): AbortSignal => new AbortController().signal
const texts = (kafka: FakeKafka, topic: string) => kafka.read(`${topic}/0`).map(({ value }) => String(value))

function kafkaWith(...topics: string[]): FakeKafka {
  const kafka = new FakeKafka()
  for (const topic of topics) kafka.topic(topic)
  return kafka
}

const sinkOn = (kafka: FakeKafka, options: Partial<KafkaSinkOptions> = {}) =>
  kafkaSink({ url, topic: 'out', open: kafka.openWriter, ...options })

const eventOf = (stream: string, more: Partial<MeasurementEvent> = {}): MeasurementEvent => ({
  ...{ id: stream, kind: 'notice', phase: 'begin', stream, rule: 'r', start: 1 },
  origin: { split: 's', position: 1 },
  ...more
})
const stream = defineStream({ id: 'press-3', channels: [{ name: 'a', unit: 'V' }], rate: 1000, tags: { line: 'l2' } })
const shape = { stream: 'press-3', channels: { a: 'V' }, rate: 1000, start: Date.UTC(2026, 0, 1) }
const block = { ...blockOf(shape, { a: [1, Number.NaN, 3] }), stream }
const failureOf = async (work: Promise<void>) => {
  const error: unknown = await work.catch((cause: unknown) => cause)
  return error as Error & { failed: Map<number, Error & { retryable: boolean }>; code: string }
}

const log = 'a topic is a log: readers tell a repeated scan by its stream and time'

async function store(): Promise<SinkStore> {
  const kafka = kafkaWith('raw')
  return {
    open: async () => sinkOn(kafka, { topic: 'raw' }),
    read: async () =>
      storedRows(kafka.read('raw/0').map(({ key, value }) => ({ topic: `raw/${key}`, payload: String(value) })))
  }
}

sinkSuite('kafka', { store, skip: { K3: log, K4: log, K5: log } }, { describe, it })

describe('messages', () => {
  it('of a block are one a scan, with the stream as key and the time of the scan', async () => {
    const kafka = kafkaWith('out')
    await sinkOn(kafka, { headers: () => ({ plant: 'B' }) }).write([block], alive())
    expect(texts(kafka, 'out')).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","a":1}',
      '{"time":"2026-01-01T00:00:00.001Z","a":null}',
      '{"time":"2026-01-01T00:00:00.002Z","a":3}'
    ])
    const [, second] = kafka.read('out/0')
    expect([String(second?.key), second?.timestamp, second?.headers]).toEqual([
      'press-3',
      1767225600001,
      { plant: 'B' }
    ])
  })

  it('of one own have the time of the last scan unless there is one for each', async () => {
    const kafka = kafkaWith('out')
    await sinkOn(kafka, { payload: () => ['x', Uint8Array.of(121)], key: () => undefined }).write([block], alive())
    expect(texts(kafka, 'out')).toEqual(['x', 'y'])
    expect(kafka.read('out/0').map(({ key, timestamp }) => [key, timestamp])).toEqual([
      [null, 1767225600002],
      [null, 1767225600002]
    ])
  })

  it('go where the template says, for blocks and events', async () => {
    const kafka = kafkaWith('press-3.l2', 'e.notice.r')
    await sinkOn(kafka, { topic: '{stream}.{line}' }).write([block], alive())
    await sinkOn(kafka, { topic: '{stream}.{kind}.{rule}' }).write([eventOf('e', { end: 7 })], alive())
    expect(texts(kafka, 'press-3.l2').length).toBe(3)
    expect(kafka.read('e.notice.r/0')[0]?.timestamp).toBe(7)
  })

  it('more than a request holds go in several', async () => {
    const kafka = kafkaWith('out')
    const sizes: number[] = []
    kafka.refused.set('out', (messages) => {
      sizes.push(messages.length)
      return undefined
    })
    await sinkOn(kafka, { batch: '1KiB', payload: () => Array.from({ length: 10 }, () => 'x'.repeat(300)) }).write(
      [block],
      alive()
    )
    expect(sizes).toEqual([3, 3, 3, 1])
  })
})

describe('failures', () => {
  it('an item without a topic costs itself alone', async () => {
    const kafka = kafkaWith('out')
    const sink = sinkOn(kafka, { topic: ({ stream }) => (String(stream) === 'bad' ? 'no topic' : 'out') })
    const error = await failureOf(sink.write([eventOf('a'), eventOf('bad'), eventOf('b')], alive()))
    expect(Array.from(error.failed.keys())).toEqual([1])
    expect(error.failed.get(1)).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    expect(texts(kafka, 'out').length).toBe(2)
  })

  it('a tag that the stream does not have is named', async () => {
    const sink = sinkOn(kafkaWith('out'), { topic: 'x.{hall}' })
    await expect(sink.write([block], alive())).rejects.toThrow(
      "stream 'press-3' has no 'hall' for the topic 'x.{hall}'"
    )
  })

  it('what is too large is found in halves', async () => {
    const kafka = kafkaWith('out')
    const tooLarge = (text: unknown) => String(text).includes('big')
    kafka.refused.set('out', (messages) =>
      messages.some(({ value }) => tooLarge(value)) ? kafkaFailure('MESSAGE_TOO_LARGE', false) : undefined
    )
    const items = ['a', 'b', 'big', 'c', 'd', 'e', 'big2'].map((name) => eventOf(name))
    const error = await failureOf(sinkOn(kafka).write(items, alive()))
    expect(Array.from(error.failed.keys())).toEqual([2, 6])
    expect(error.failed.get(2)).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    expect(texts(kafka, 'out').map((text) => (JSON.parse(text) as { id: string }).id)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e'
    ])
  })

  it('a lost connection fails all of it for one reason, and the next write connects anew', async () => {
    const kafka = kafkaWith('out')
    const sink = sinkOn(kafka)
    kafka.failures = [connectionClosed()]
    await expect(sink.write([eventOf('a'), eventOf('b')], alive())).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    expect(kafka.open).toBe(0)
    await sink.write([eventOf('a')], alive())
    expect(kafka.open).toBe(1)
    await sink.close?.()
    expect(kafka.open).toBe(0)
  })

  it('one topic that may not be written does not hold the others', async () => {
    const kafka = kafkaWith('out', 'secret')
    kafka.refused.set('secret', () => kafkaFailure('TOPIC_AUTHORIZATION_FAILED', false))
    const sink = sinkOn(kafka, { topic: ({ stream }) => String(stream) })
    const error = await failureOf(sink.write([eventOf('secret'), eventOf('out')], alive()))
    expect(Array.from(error.failed.keys())).toEqual([0])
    expect(error.failed.get(0)).toMatchObject({ code: 'AUTH_REFUSED' })
    expect(texts(kafka, 'out').length).toBe(1)
  })

  it('writes to one topic go one after the other, also those of several calls', async () => {
    const kafka = kafkaWith('out')
    let busy = 0
    let most = 0
    const open: KafkaSinkOptions['open'] = async () => ({
      send: async () => {
        busy += 1
        most = Math.max(most, busy)
        await new Promise((resolve) => setTimeout(resolve, 5))
        busy -= 1
      },
      close: async () => {}
    })
    const sink = sinkOn(kafka, { open })
    await Promise.all(['a', 'b', 'c'].map((name) => sink.write([eventOf(name)], alive())))
    expect(most).toBe(1)
  })

  it('a write that is given up says so', async () => {
    const abort = new AbortController()
    const open: KafkaSinkOptions['open'] = async () => ({ send: () => new Promise(() => {}), close: async () => {} })
    const writing = sinkOn(kafkaWith(), { open }).write([eventOf('a')], abort.signal)
    abort.abort()
    await expect(writing).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
  })

  it('a cluster that is away is an error of open, and the next one may succeed', async () => {
    const kafka = kafkaWith('out')
    kafka.cut()
    const sink = sinkOn(kafka)
    await expect(sink.open?.(alive())).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    kafka.isCut = false
    await sink.open?.(alive())
    expect(kafka.open).toBe(1)
  })
})
