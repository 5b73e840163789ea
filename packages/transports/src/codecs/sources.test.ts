import { setTimeout as sleep } from 'node:timers/promises'
import type { Batch } from '@messwerk/core/model'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeKafka } from '../kafka/fixtures/fake-kafka.ts'
import { Member, until } from '../kafka/fixtures/member.ts'
import { kafkaSource } from '../kafka/kafka-source.ts'
import { broker, readerOf, running } from '../mqtt/fixtures/source-bench.ts'
import { mqttSource } from '../mqtt/mqtt-source.ts'
import { avro } from './avro.ts'
import { FakeRegistry } from './fixtures/fake-registry.ts'
import { schemaRegistry } from './schema-registry.ts'
import { envelope } from './wire-format.ts'

const fields = (name: string) => ({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'ts', type: 'long' },
    { name, type: 'int' }
  ]
})
/** Of the schema above: two zigzag numbers below 64. */
const scan = (id: number, t: number): Uint8Array => envelope(id, Uint8Array.of(t * 2, t * 2))
const time = { at: 'ts', unit: 'ms' } as const
const reasons = (batches: readonly Batch[]) =>
  batches.flatMap(({ rejected }) => rejected?.map(({ error }) => error.message) ?? [])

let server: FakeRegistry
let registry: ReturnType<typeof schemaRegistry>
let stop: (() => Promise<void>) | undefined
beforeEach(async () => {
  server = await new FakeRegistry().start()
  registry = schemaRegistry({ url: server.url })
})
afterEach(async () => {
  await stop?.()
  stop = undefined
  await server.stop()
})

function payloads() {
  const payload = avro({ registry, channels: { t: 'Cel' }, time, alternatives: [{ channels: { t: 'temp' } }] })
  return { payload, first: server.add('s', fields('t')), second: server.add('s', fields('temp')) }
}

it('Kafka: a new schema in the middle, an unknown one and a poison message cost one message each', async () => {
  const { payload, first, second } = payloads()
  const kafka = new FakeKafka()
  kafka.topic('t')
  const source = kafkaSource({ url: 'kafka://h:9092', group: 'g', topics: 't', payload, open: kafka.openReader })
  const sent = [scan(first, 1), scan(first, 2), scan(999, 3), Buffer.from('poison'), scan(second, 4), scan(first, 5)]
  kafka.append('t/0', ...sent)
  const member = new Member(source)
  stop = () => member.stop()
  await until(() => member.values.length === 4, '4 values')
  expect(member.values).toEqual([1, 2, 4, 5])
  expect(reasons(member.batches)).toEqual([
    `t/0, offset 2: its schema 999 is unknown to ${server.url}`,
    expect.stringContaining('t/0, offset 3: is not in the wire format')
  ])
  expect(member.batches.at(-1)?.position).toBe(5)
  expect(server.requests.toSorted()).toEqual([7, 8, 999].map((id) => `GET /schemas/ids/${id}`))
})

it('Kafka: while the registry is away nothing is taken, and nothing is lost', async () => {
  const { payload, first } = payloads()
  server.failure = { status: 503 }
  const kafka = new FakeKafka()
  kafka.topic('t')
  kafka.append('t/0', scan(first, 1), scan(first, 2))
  const source = kafkaSource({ url: 'kafka://h:9092', group: 'g', topics: 't', payload, open: kafka.openReader })
  const member = new Member(source)
  stop = () => member.stop()
  await until(() => server.requests.length >= 3, '3 requests')
  expect(member.batches).toEqual([])
  expect(member.reports.map(({ state, why }) => `${state} ${why}`)).toContain(
    `degraded No connection to ${server.url}: status 503`
  )
  server.failure = undefined
  await until(() => member.values.length === 2, '2 values')
  expect(reasons(member.batches)).toEqual([])
})

it('MQTT: messages behind one whose schema is fetched keep their order, and wait for it', async () => {
  const { payload, first, second } = payloads()
  const on = await broker()
  const source = mqttSource({ url: on.url, clientId: 'c', topics: 'line/{machine}', payload, qos: 1, timeout: '2s' })
  const reader = readerOf(source)
  await running(reader)
  const sent = [scan(first, 1), scan(second, 2), scan(999, 3), scan(first, 4), scan(second, 5)]
  for (const bytes of sent) on.publish('line/m1', bytes as never, { qos: 1 })
  await until(() => reader.values.length === 4, '4 values')
  expect(reader.values).toEqual([1, 2, 4, 5])
  expect(reasons(reader.batches)).toEqual([expect.stringContaining('its schema 999 is unknown to')])
  await until(() => on.outstanding('c') === 0, 'all acknowledged')
})

it('MQTT: while the registry is away the connection fails and may be retried; nothing is acknowledged', async () => {
  const { payload, first } = payloads()
  server.failure = { status: 503 }
  const on = await broker()
  const source = mqttSource({ url: on.url, clientId: 'c', topics: 'line/{machine}', payload, qos: 1, timeout: '2s' })
  const reader = readerOf(source)
  await running(reader)
  for (const t of [1, 2]) on.publish('line/m1', scan(first, t) as never, { qos: 1 })
  await reader.ended
  expect(reader.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
  expect(on.acknowledged).toEqual([])
  server.failure = undefined
  await sleep(0)
  const again = readerOf(source)
  await until(() => again.values.length === 2, '2 values')
  expect(again.values).toEqual([1, 2])
})
