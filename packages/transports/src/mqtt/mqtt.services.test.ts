// Real brokers. Each test starts its own on free ports, or is skipped with the reason.
import { readFileSync } from 'node:fs'
import * as mqtt from 'mqtt'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { freePort } from '../../../../test/servers/free-port.ts'
import { type HiveMqOptions, startHiveMq } from '../../../../test/servers/hivemq.ts'
import { type Mosquitto, type MosquittoOptions, startMosquitto } from '../../../../test/servers/mosquitto.ts'
import { json } from '../payload/json-payload.ts'
import { Reader, until } from './fixtures/reader.ts'
import { mqttSink } from './mqtt-sink.ts'
import { mqttSource } from './mqtt-source.ts'
import type { MqttSourceOptions } from './mqtt-source-options.ts'

const payload = json({ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' })
const open: (() => Promise<unknown> | undefined)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await Promise.resolve(close()).catch(() => {})
})

async function mosquitto(test: TestContext, options: MosquittoOptions = {}): Promise<Mosquitto> {
  const broker = await startMosquitto(options)
  if (typeof broker === 'string') return test.skip(broker)
  open.push(() => broker.stop())
  return broker
}

async function hiveMq(test: TestContext, options: HiveMqOptions = {}) {
  const broker = await startHiveMq(options)
  if (typeof broker === 'string') return test.skip(broker)
  open.push(() => broker.stop())
  return broker
}

const sourceOn = (url: string, options: Partial<MqttSourceOptions<'t'>> = {}) =>
  mqttSource({ url, clientId: 'reader', topics: 'line/{machine}', payload, timeout: '5s', ...options })

function readerOf(source: ReturnType<typeof sourceOn>, options: ConstructorParameters<typeof Reader>[1] = {}): Reader {
  const reader = new Reader(source, options)
  open.push(() => reader.stop())
  return reader
}

const running = (reader: Reader) =>
  until(() => reader.states.at(-1) === 'running' || reader.error !== undefined, 'running')

async function publisherOn(url: string, options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 50, ...options })
  open.push(() => client.endAsync(true))
  return client
}

async function send(client: mqtt.MqttClient, from: number, to: number, qos: 0 | 1 | 2): Promise<void> {
  for (let i = from; i < to; i += 200) {
    const some = Array.from({ length: Math.min(200, to - i) }, (_, k) => i + k)
    const text = (t: number) => JSON.stringify({ ts: 1_700_000_000_000 + t, t, seq: t })
    await Promise.all(some.map((t) => client.publishAsync('line/m1', text(t), { qos })))
  }
}

/** Values of batches that are not known redeliveries, as the core would count them. */
function counted(readers: readonly Reader[]): number[] {
  const known = new Set<number>()
  const values: number[] = []
  for (const { blocks, ids = [], redelivered } of readers.flatMap(({ batches }) => batches)) {
    if (redelivered && known.has(ids[0] as number)) continue
    for (const id of Array.from(ids)) known.add(id)
    for (const block of blocks) values.push(...block.values)
  }
  return values
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe.each([4, 5] as const)('mosquitto, version %i', (version) => {
  for (const qos of [0, 1, 2] as const) {
    it(`QoS ${qos}: everything once and in order`, async (test) => {
      const broker = await mosquitto(test)
      const reader = readerOf(sourceOn(broker.url, { version, qos }))
      await running(reader)
      await send(await publisherOn(broker.url), 0, 3000, qos)
      await until(() => reader.values.length === 3000, '3000 values')
      expect(reader.values).toEqual(upTo(3000))
      expect(reader.blocks.some(({ gap }) => gap)).toBe(false)
    })
  }

  for (const qos of [1, 2] as const) {
    it(`QoS ${qos}: what the broker kept while nobody read comes, in order`, async (test) => {
      const broker = await mosquitto(test)
      const source = sourceOn(broker.url, { version, qos })
      const first = readerOf(source)
      await running(first)
      await first.stop()
      await send(await publisherOn(broker.url), 0, 2500, qos)
      const second = readerOf(source)
      await until(() => second.values.length === 2500, '2500 values')
      expect(second.values).toEqual(upTo(2500))
    })

    it(`QoS ${qos}: uncommitted messages survive kill -9 of the broker`, async (test) => {
      const broker = await mosquitto(test, { persistence: true })
      const source = sourceOn(broker.url, { version, qos })
      const first = readerOf(source, { commits: false })
      await running(first)
      const publisher = await publisherOn(broker.url)
      await send(publisher, 0, 60, qos)
      await until(() => first.values.length === 60, '60 values')
      const half = first.batches.find(({ position }) => position >= 29)?.position ?? 0
      await source.commit?.({ 'mqtt:reader': half })
      await new Promise((resolve) => setTimeout(resolve, 1500)) // it writes its state once a second
      await broker.kill()
      await first.ended
      expect(first.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
      await broker.restart()
      const second = readerOf(source)
      await until(() => second.values.length === 60 - (half + 1), 'the rest')
      expect(second.batches.every(({ redelivered }) => redelivered === true)).toBe(true)
      expect(counted([first, second])).toEqual(upTo(60))
      await publisherOn(broker.url).then((client) => send(client, 60, 70, qos))
      await until(() => counted([first, second]).length === 70, 'the new ones')
    })
  }

  it('with its default limits: a full in-flight window asks for an early checkpoint', async (test) => {
    const broker = await mosquitto(test, { limits: 'default' })
    const reader = readerOf(sourceOn(broker.url, { version, window: 100 }), { commits: false })
    await running(reader)
    await send(await publisherOn(broker.url), 0, 200, 1)
    await until(() => reader.hurries > 0, 'a hurry')
    const before = reader.values.length
    await reader.commitAll()
    await until(() => reader.values.length > before, 'more')
    while (reader.values.length < 200) {
      await reader.commitAll()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(reader.values).toEqual(upTo(200))
  })

  it('drops beyond its queue, and the sequence numbers say how many', async (test) => {
    const broker = await mosquitto(test, { limits: 'default', config: ['max_queued_messages 100'] })
    const source = sourceOn(broker.url, { version })
    const first = readerOf(source)
    await running(first)
    const publisher = await publisherOn(broker.url)
    await send(publisher, 0, 10, 1)
    await until(() => first.values.length === 10, 'ten values')
    await first.stop()
    await send(publisher, 10, 1000, 1)
    const second = readerOf(source)
    await until(() => second.values.length >= 100, 'the queue')
    await send(publisher, 1000, 1010, 1)
    await until(() => second.values.includes(1009), 'the new ones')
    const declared = second.blocks.reduce((sum, { gap }) => sum + Number(gap?.scans ?? 0), 0)
    expect(declared).toBeGreaterThan(0)
    expect(declared + second.values.length + 10).toBe(1010)
  })
})

describe('mosquitto, TLS and users', () => {
  const pem = (file: string) => readFileSync(file, 'utf8')

  it('TLS, with the authority given', async (test) => {
    const broker = await mosquitto(test, { tls: 'server' })
    const reader = readerOf(sourceOn(broker.tlsUrl ?? '', { tls: { ca: pem(broker.certificates?.ca ?? '') } }))
    await running(reader)
    await send(await publisherOn(broker.url), 0, 500, 1)
    await until(() => reader.values.length === 500, '500 values')
  })

  it('an unknown authority is named, and is not tried again', async (test) => {
    const broker = await mosquitto(test, { tls: 'server' })
    const reader = readerOf(sourceOn(broker.tlsUrl ?? ''))
    await reader.ended
    expect(reader.error).toMatchObject({ code: 'PROTOCOL_VIOLATION', retryable: false })
    expect(String(reader.error)).toContain('signed by an unknown authority; pass its certificate as tls.ca')
  })

  it('an expired certificate is named, and tried again', async (test) => {
    const broker = await mosquitto(test, { tls: 'expired' })
    const reader = readerOf(sourceOn(broker.tlsUrl ?? '', { tls: { ca: pem(broker.certificates?.ca ?? '') } }))
    await reader.ended
    expect(reader.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    expect(String(reader.error)).toContain("the broker's certificate has expired; renew it")
  })

  it('another name in the certificate is named', async (test) => {
    const broker = await mosquitto(test, { tls: 'server' })
    const tls = { ca: pem(broker.certificates?.ca ?? ''), servername: 'plant.example' }
    const reader = readerOf(sourceOn(broker.tlsUrl ?? '', { tls }))
    await reader.ended
    expect(String(reader.error)).toContain('is for another name; see tls.servername')
  })

  it('TLS spoken to a plain port is named', async (test) => {
    const broker = await mosquitto(test)
    const reader = readerOf(sourceOn(broker.url.replace('mqtt:', 'mqtts:')))
    await reader.ended
    expect(reader.error).toMatchObject({ retryable: expect.any(Boolean) as boolean })
  })

  it('mutual TLS: with a certificate it reads, without one it is refused', async (test) => {
    const broker = await mosquitto(test, { tls: 'mutual' })
    const { ca, client } = broker.certificates as NonNullable<Mosquitto['certificates']>
    const without = readerOf(sourceOn(broker.tlsUrl ?? '', { tls: { ca: pem(ca) } }))
    await without.ended
    expect(without.error).toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
    const tls = { ca: pem(ca), cert: pem(client.cert), key: pem(client.key) }
    const reader = readerOf(sourceOn(broker.tlsUrl ?? '', { tls }))
    await running(reader)
    await send(await publisherOn(broker.url), 0, 100, 1)
    await until(() => reader.values.length === 100, '100 values')
  })

  for (const version of [4, 5] as const) {
    it(`version ${version}: a password, from a function; a wrong one is refused and never shown`, async (test) => {
      const broker = await mosquitto(test, { users: { mw: 'right-secret' } })
      const wrong = readerOf(sourceOn(broker.url, { version, username: 'mw', password: 'wrong-secret' }))
      await wrong.ended
      expect(wrong.error).toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
      expect(JSON.stringify([wrong.reports, wrong.error, String(wrong.error)])).not.toContain('secret')
      const reader = readerOf(sourceOn(broker.url, { version, username: 'mw', password: async () => 'right-secret' }))
      await running(reader)
      await send(await publisherOn(broker.url, { username: 'mw', password: 'right-secret' }), 0, 50, 1)
      await until(() => reader.values.length === 50, '50 values')
    })
  }
})

describe('mosquitto, over a web socket', () => {
  it('is read as over TCP, and half a window does not stop it', async (test) => {
    const port = await freePort()
    const broker = await mosquitto(test, { config: [`listener ${port} 127.0.0.1`, 'protocol websockets'] })
    const reader = readerOf(sourceOn(`ws://127.0.0.1:${port}`, { window: 50 }))
    await running(reader)
    await send(await publisherOn(broker.url), 0, 1000, 1)
    await until(() => reader.values.length === 1000, '1000 values')
    expect(reader.values).toEqual(upTo(1000))
  })
})

describe('mosquitto, bad payloads', () => {
  it('100 MB cost one message', async (test) => {
    const broker = await mosquitto(test)
    const reader = readerOf(sourceOn(broker.url, { keepalive: '2s' }))
    await running(reader)
    const publisher = await publisherOn(broker.url)
    await send(publisher, 0, 5, 1)
    await publisher.publishAsync('line/m1', Buffer.alloc(100e6, 0x20), { qos: 1 })
    await send(publisher, 5, 10, 1)
    await until(() => reader.values.length === 10, 'ten values')
    expect(reader.values).toEqual(upTo(10))
    expect(reader.rejected).toEqual(['line/m1, message 5: is too large: 100000000 B, maxPayload is 1048576 B'])
    expect(reader.batches.flatMap(({ rejected = [] }) => rejected)[0]?.payload.byteLength).toBe(65_536)
  })

  it('retained messages are skipped or used as asked', async (test) => {
    const broker = await mosquitto(test)
    const publisher = await publisherOn(broker.url)
    await publisher.publishAsync('line/m1', '{"ts":1000,"t":1,"seq":1}', { qos: 1, retain: true })
    for (const version of [4, 5] as const) {
      const skipping = readerOf(sourceOn(broker.url, { version, clientId: `skip-${version}` }))
      const using = readerOf(sourceOn(broker.url, { version, clientId: `use-${version}`, retained: 'use' }))
      await until(() => using.values.length === 1, 'the retained one')
      await running(skipping)
      expect(skipping.values).toEqual([])
    }
  })
})

describe('a sink', () => {
  const block = (n: number) => ({ stream: 'pump-1', channels: { p: 'bar' }, rate: 1000, start: 1_700_000_000_000, n })
  const blockOfScans = async (n: number) => {
    const { blockOf } = await import('@messwerk/core/model')
    return blockOf(block(n), { p: upTo(n) })
  }

  async function listen(url: string): Promise<number[]> {
    const got: number[] = []
    const client = await publisherOn(url, { protocolVersion: 5, properties: { receiveMaximum: 65_535 } })
    client.on('message', (_, bytes) => got.push((JSON.parse(bytes.toString()) as { p: number }).p))
    await client.subscribeAsync('features/#', { qos: 2 })
    return got
  }

  for (const qos of [0, 1, 2] as const) {
    it(`mosquitto, QoS ${qos}: everything confirmed is there once`, async (test) => {
      const broker = await mosquitto(test)
      const got = await listen(broker.url)
      const sink = mqttSink({ url: broker.url, topic: 'features/{stream}', qos })
      open.push(() => sink.close?.())
      await sink.write([await blockOfScans(3000)], new AbortController().signal)
      await until(() => got.length >= 3000, '3000 messages')
      expect(got).toEqual(upTo(3000))
    })
  }

  it('HiveMQ with its receive maximum of 10: no duplicates, no disconnects', async (test) => {
    const broker = await hiveMq(test)
    const got = await listen(broker.url)
    for (const qos of [1, 2] as const) {
      const sink = mqttSink({ url: broker.url, topic: 'features/{stream}', qos })
      open.push(() => sink.close?.())
      const signal = new AbortController().signal
      await Promise.all([sink.write([await blockOfScans(400)], signal), sink.write([await blockOfScans(400)], signal)])
      await until(() => got.length >= 800, '800 messages')
      expect(got.splice(0).sort((a, b) => a - b)).toEqual(upTo(400).flatMap((i) => [i, i]))
    }
  })
})

describe('HiveMQ', () => {
  it('is read in both versions, redelivers and keeps sessions', async (test) => {
    const broker = await hiveMq(test, { limits: 'off' })
    for (const version of [4, 5] as const) {
      for (const qos of [1, 2] as const) {
        const source = sourceOn(broker.url, { version, qos, clientId: `r-${version}-${qos}`, window: 500 })
        const publisher = await publisherOn(broker.url, { protocolVersion: 5 })
        const first = readerOf(source, { commits: false })
        await running(first)
        await send(publisher, 0, 200, qos)
        await until(() => first.values.length > 0, 'the first ones')
        await source.commit?.({ [source.id]: first.batches[0]?.position ?? 0 })
        await first.stop()
        await send(publisher, 200, 400, qos)
        const second = readerOf(source)
        await until(() => counted([first, second]).length === 400, 'all of them')
        expect(counted([first, second])).toEqual(upTo(400))
        await second.stop()
        await publisher.endAsync()
      }
    }
  })

  it('shares a subscription', async (test) => {
    const broker = await hiveMq(test)
    const reader = readerOf(sourceOn(broker.url, { topics: '$share/g/line/{machine}' }))
    await running(reader)
    await send(await publisherOn(broker.url), 0, 5, 0)
    await until(() => reader.values.length === 5, 'five values through a shared subscription')
  })
})
