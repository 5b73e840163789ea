import { type BatchError, blockOf, defineStream, type MeasurementEvent, Quality } from '@messwerk/core/model'
import { afterEach, describe, expect, it } from 'vitest'
import { decodePayload } from '../payload/decode-payload.ts'
import { json } from '../payload/json-payload.ts'
import { FakeBroker, type FakeBrokerOptions } from './fixtures/fake-broker.ts'
import { until } from './fixtures/reader.ts'
import { type MqttSinkOptions, mqttSink } from './mqtt-sink.ts'

const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await (close() as Promise<unknown>)
})

async function pair(options: FakeBrokerOptions = {}, own: Partial<MqttSinkOptions> = {}) {
  const broker = await FakeBroker.start(options)
  const sink = mqttSink({ url: broker.url, topic: 'features/{stream}', timeout: '2s', ...own })
  open.push(
    () => broker.stop(),
    () => sink.close?.()
  )
  return { broker, sink }
}

const alive = () => new AbortController().signal
const block = (values: readonly number[], stream = 'pump-1') =>
  blockOf(
    { stream, channels: { p: 'bar', t: 'Cel' }, rate: 10, start: 1_700_000_000_000 },
    { p: values, t: values.map((v) => v * 10) }
  )
const event: MeasurementEvent = {
  id: 'e1',
  kind: 'anomaly',
  phase: 'begin',
  stream: 'pump-1',
  rule: 'score',
  start: 5,
  origin: { split: 's', position: 1 }
}

describe('what is published', () => {
  it('is one message a scan, which the source reads back', async () => {
    const { broker, sink } = await pair()
    await sink.write([block([1, Number.NaN, 3])], alive())
    expect(broker.published.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual([
      'features/pump-1 {"time":"2023-11-14T22:13:20.000Z","p":1,"t":10}',
      'features/pump-1 {"time":"2023-11-14T22:13:20.100Z","p":null,"t":null}',
      'features/pump-1 {"time":"2023-11-14T22:13:20.200Z","p":3,"t":30}'
    ])
    const payload = json({ channels: { p: 'bar', t: 'Cel' }, time: { at: 'time', unit: 'iso' } })
    expect(decodePayload(payload, broker.published[2]?.payload ?? '')).toEqual([
      { time: new Date(1_700_000_000_200), p: 3, t: 30 }
    ])
    expect(Quality.missing).toBe(3)
  })

  it.each([
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [1_500_000n, '1970-01-01T00:00:00.001500Z'],
    [-1_000_000n, '1969-12-31T23:59:59.999Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z']
  ])('keeps times to the ns: %d', async (start, text) => {
    const { broker, sink } = await pair()
    const plain = block([1])
    await sink.write([{ ...plain, time: { start, clock: 'source', uncertainty: 0, period: 1 } }], alive())
    expect(JSON.parse(broker.published[0]?.payload ?? '')).toMatchObject({ time: text })
  })

  it('is an event as it is', async () => {
    const { broker, sink } = await pair(
      {},
      { topic: 'alarms/{kind}/{rule}/{stream}', retain: true, messageProperties: { site: 'x' } }
    )
    await sink.write([event], alive())
    expect(broker.published[0]).toMatchObject({
      topic: 'alarms/anomaly/score/pump-1',
      packet: { retain: true, qos: 1, properties: { userProperties: { site: 'x' } } }
    })
    expect(JSON.parse(broker.published[0]?.payload ?? '')).toEqual(event)
  })

  it.each([0, 1, 2] as const)('QoS %i, with a topic and payload of one’s own', async (qos) => {
    const { broker, sink } = await pair({}, { qos, topic: () => 'x', payload: () => ['a', Uint8Array.of(98)] })
    await sink.write([event, event], alive())
    await until(() => broker.published.length === 4, 'four messages')
    expect(broker.published.map(({ topic, payload, packet }) => topic + payload + packet.qos)).toEqual(
      ['a', 'b', 'a', 'b'].map((text) => `x${text}${qos}`)
    )
  })

  it('goes to a topic made of the tags', async () => {
    const { broker, sink } = await pair({}, { topic: 'line/{machine}/{stream}' })
    const stream = defineStream({ id: 's', channels: [{ name: 'p', unit: 'bar' }], tags: { machine: 'm7' } })
    await sink.write([{ ...block([1]), stream, values: Float64Array.of(1) }], alive())
    expect(broker.published[0]?.topic).toBe('line/m7/s')
  })
})

describe('a write', () => {
  it('resolves when everything is confirmed, not before', async () => {
    const { broker, sink } = await pair({ holdsAcks: true })
    let isDone = false
    const writing = sink.write([block([1, 2, 3])], alive()).then(() => (isDone = true))
    await until(() => broker.published.length === 3, 'three messages')
    broker.confirm(2)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(isDone).toBe(false)
    broker.confirm()
    await writing
  })

  it('never has more on its way than the CONNACK allows', async () => {
    const { broker, sink } = await pair({ connackProperties: { receiveMaximum: 10 }, holdsAcks: true })
    const writing = Promise.all([
      sink.write([block(Array.from({ length: 60 }, (_, i) => i))], alive()),
      sink.write([block([1, 2, 3], 'pump-2')], alive())
    ])
    const timer = setInterval(() => broker.confirm(3), 1)
    await writing
    clearInterval(timer)
    expect(broker.mostInFlight).toBe(10)
    expect(broker.published.length).toBe(63)
  })

  it('and not more than its own limit', async () => {
    const { broker, sink } = await pair({ holdsAcks: true }, { inFlight: 4 })
    const writing = sink.write([block([1, 2, 3, 4, 5, 6, 7])], alive())
    await until(() => broker.published.length === 4, 'four messages')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(broker.published.length).toBe(4)
    broker.confirm()
    await until(() => broker.published.length === 7, 'the rest')
    broker.confirm()
    await writing
  })

  it('names the items that were refused, which are not to be retried', async () => {
    const { broker, sink } = await pair({
      puback: (topic) => ({ 'features/bad': 153, 'features/much': 151, 'features/no': 135 })[topic] ?? 16
    })
    const names = ['a', 'bad', 'b', 'much', 'no']
    const error = (await sink
      .write(
        names.map((name) => block([1], name)),
        alive()
      )
      .catch((cause: unknown) => cause)) as BatchError
    expect(error.code).toBe('BATCH_FAILED')
    const failed = [...error.failed].map(([i, { message }]) => `${i} ${message.replace(broker.url, 'url')}`)
    expect(failed).toEqual([
      "1 url: it refused a message for 'features/bad': payload format invalid (reason 153)",
      "3 url: it refused a message for 'features/much': quota exceeded (reason 151)",
      "4 url refused the credentials: it refused a message for 'features/no': not authorized (reason 135)"
    ])
    expect([...error.failed.values()].map((one) => (one as never as { retryable: boolean }).retryable)).toEqual([
      false,
      false,
      false
    ])
  })

  it('cut in the middle names what was not confirmed, and the next write connects anew', async () => {
    const { broker, sink } = await pair({ holdsAcks: true })
    const writing = sink
      .write([block([1], 'a'), block([2], 'b'), block([3], 'c')], alive())
      .catch((cause: unknown) => cause)
    await until(() => broker.published.length === 3, 'three messages')
    broker.confirm(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    broker.cut()
    const error = (await writing) as BatchError
    expect([...error.failed.keys()]).toEqual([1, 2])
    expect(error.failed.get(1)).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })

    const again = sink.write([block([2], 'b'), block([3], 'c')], alive())
    await until(() => broker.published.length === 5, 'two more')
    broker.confirm()
    await again
    expect(broker.published.map(({ topic }) => topic.at(-1)).join('')).toBe('abcbc')
    expect(broker.connections).toBe(2)
  })

  it('of which nothing was confirmed is one error', async () => {
    const { broker, sink } = await pair({ holdsAcks: true })
    const writing = sink.write([block([1], 'a'), block([2], 'b')], alive()).catch((cause: unknown) => cause)
    await until(() => broker.published.length === 2, 'two messages')
    broker.cut()
    expect(await writing).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
  })

  it('on a half-open link fails within two keepalives', async () => {
    const { broker, sink } = await pair({}, { keepalive: '1s' })
    await sink.write([event], alive())
    broker.freeze()
    await expect(sink.write([event], alive())).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
  })

  it('that is given up ends at once', async () => {
    const { broker, sink } = await pair({ holdsAcks: true })
    const abort = new AbortController()
    const writing = sink.write([event], abort.signal)
    await until(() => broker.published.length === 1, 'a message')
    abort.abort()
    await expect(writing).rejects.toMatchObject({ retryable: true })
  })

  it.each([
    [
      'a tag that is not there',
      { topic: 'x/{machine}' },
      "stream 'pump-1' has no 'machine' for the topic 'x/{machine}'"
    ],
    ['a wildcard', { topic: () => 'x/+' }, "'x/+' cannot be published to"],
    [
      'a payload that is neither text nor bytes',
      { payload: () => [5 as never] },
      'payload must give text or bytes, got number'
    ]
  ])('with %s rejects that item', async (_, own, why) => {
    const { sink } = await pair({}, own)
    const error = (await sink.write([block([1])], alive()).catch((cause: unknown) => cause)) as Error
    expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    expect(error.message).toContain(why)
  })

  it('larger than the broker takes is refused before it ends the connection', async () => {
    const { broker, sink } = await pair(
      { connackProperties: { maximumPacketSize: 2048 } },
      { payload: () => 'x'.repeat(1100) }
    )
    await expect(sink.write([event], alive())).rejects.toThrow(
      "1100 B for 'features/pump-1' are more than the broker takes"
    )
    expect(broker.published).toEqual([])
  })
})

describe('opening', () => {
  it.each([
    [{ connack: () => 135 }, {}, 'AUTH_REFUSED', 'not authorized (reason 135)'],
    [{ isMute: true }, { timeout: '200ms' }, 'TIMED_OUT', 'did not come within 200 ms'],
    [{ connackProperties: { maximumQoS: 1 } }, { qos: 2 }, 'PROTOCOL_VIOLATION', 'takes QoS up to 1, not 2'],
    [
      { connackProperties: { retainAvailable: false } },
      { retain: true },
      'PROTOCOL_VIOLATION',
      'does not retain messages'
    ]
  ] as const)('%j %j is %s', async (options, own, code, text) => {
    const { sink } = await pair(options, own)
    const error = await Promise.resolve(sink.open?.(alive())).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code })
    expect(String(error)).toContain(text)
  })

  it.each([
    [{ topic: '' }, /topic must be a topic/],
    [{ topic: 'a/#' }, /must not have the wildcards/],
    [{ qos: 4 }, /qos must be 0, 1 or 2/],
    [{ inFlight: 0 }, /inFlight must be a whole number from 1 to 65535/],
    [{ payload: 'x' }, /payload must be a function/],
    [{ url: 'x' }, /url must be like/]
  ])('%j is refused', (wrong, why) => {
    expect(() => mqttSink({ url: 'mqtt://h', topic: 't', ...wrong } as never)).toThrow(why)
  })
})
