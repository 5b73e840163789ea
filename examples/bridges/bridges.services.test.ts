// Real brokers, and a bridge that is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { opcuaSource } from '@messwerk/transports/opcua'
import { type Admin, Kafka, logLevel, type SeekEntry } from 'kafkajs'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CountedGap, type CountedRow, judgeCounted } from '../../oracle/opcua/judge-opcua.ts'
import { TcpProxy } from '../../oracle/tcp-proxy.ts'
import { startAsyncua } from '../../test/servers/asyncua.ts'
import { type KafkaServer, startKafka } from '../../test/servers/kafka.ts'
import { type Mosquitto, startMosquitto } from '../../test/servers/mosquitto.ts'

const MESSAGES = 3000
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
let kafka: KafkaServer | string
let mosquitto: Mosquitto | string
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'messwerk-bridge-'))
  kafka = await startKafka()
  mosquitto = await startMosquitto()
})

afterAll(async () => {
  if (typeof kafka === 'object') await kafka.stop()
  if (typeof mosquitto === 'object') await mosquitto.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Bridge {
  readonly child: ChildProcess
  readonly running: Promise<void>
  readonly errors: string[]
  /** All that it has printed. */
  said(): string
  /** How often its source began to run. */
  runs(): number
}

function bridge(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Bridge {
  const env = Object.assign({}, process.env, environment)
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { cwd: import.meta.dirname, env })
  const errors: string[] = []
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes.toString()))
  let runs = 0
  let said = ''
  const running = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      for (const line of bytes.toString().trimEnd().split('\n')) {
        const isRunning = /^(?:mqtt:bridge|plant): running/.test(line)
        if (isRunning && !said.endsWith(`${line}\n`)) runs += 1
        if (isRunning) resolve()
        said += `${line}\n`
      }
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors.join('')}`)))
  })
  running.catch(() => {}) // it may be killed before
  return { child, running, errors, said: () => said + errors.join(''), runs: () => runs }
}

it('MQTT to Kafka: killed with SIGKILL three times, nothing is lost, and each key keeps its order', async (test) => {
  if (typeof kafka === 'string') return test.skip(kafka)
  if (typeof mosquitto === 'string') return test.skip(mosquitto)
  const client = new Kafka({ brokers: [kafka.url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  const topics = ['force', 'temperature'].map((sensor) => ({ topic: `plant.${sensor}`, numPartitions: 2 }))
  await admin.createTopics({ topics, waitForLeaders: true })
  const begun = Date.now() - MESSAGES // a broker soon deletes what is older than it keeps
  const args = [mosquitto.url, kafka.url, join(folder, `mqtt-${begun}`)]
  let one = bridge('mqtt-to-kafka.ts', args)
  const publisher = await connectAsync(mosquitto.url)
  const consumer = client.consumer({ groupId: `reader-${begun}`, maxWaitTimeInMs: 100 })
  try {
    await one.running
    const sending = (async () => {
      for (let i = 0; i < MESSAGES; i += 10) {
        const some = Array.from({ length: 10 }, (_, k) => i + k)
        await Promise.all(
          some.map((n) => {
            const topic = `line/press-${n % 3}/${n % 2 === 0 ? 'force' : 'temperature'}`
            return publisher.publishAsync(topic, JSON.stringify({ ts: begun + n, value: n }), { qos: 1 })
          })
        )
        await pause(8)
      }
    })()
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(300 + 150 * kill)
      one.child.kill('SIGKILL')
      one = bridge('mqtt-to-kafka.ts', args)
      await one.running
    }
    await sending
    const seen = new Map<string, number[]>()
    await consumer.connect()
    await consumer.subscribe({ topics: topics.map(({ topic }) => topic), fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        const of = `${topic} ${message.key}`
        const { value } = JSON.parse(String(message.value)) as { value: number }
        seen.set(of, (seen.get(of) ?? []).concat(value))
      }
    })
    const all = (): Set<number> => new Set(Array.from(seen.values()).flat())
    const deadline = Date.now() + 30_000
    while (all().size < MESSAGES && Date.now() < deadline) await pause(100)
    const got = all()
    const missing = Array.from({ length: MESSAGES }, (_, i) => i).filter((n) => !got.has(n))
    expect(missing, one.errors.join('')).toEqual([])
    const keys = ['press-0', 'press-1', 'press-2']
    expect(Array.from(seen.keys()).sort()).toEqual(
      topics.flatMap(({ topic }) => keys.map((key) => `${topic} ${key}`)).sort()
    )
    for (const values of seen.values()) {
      // what comes again after a kill comes again in order: first seen, they rise
      const first = Array.from(new Set(values))
      expect(first).toEqual(first.toSorted((a, b) => a - b))
    }
  } finally {
    one.child.kill('SIGKILL')
    await Promise.all([publisher.endAsync(true), consumer.disconnect(), admin.disconnect()])
  }
})

/** The messages of a topic from some offsets on, those of a partition in order. */
async function messagesOf(
  client: Kafka,
  admin: Admin,
  topic: string,
  from: readonly SeekEntry[]
): Promise<readonly { key: string; value: string }[]> {
  const offsets = await admin.fetchTopicOffsets(topic)
  const begunAt = (partition: number): number => Number(from.find((one) => one.partition === partition)?.offset)
  const due = offsets.reduce((sum, { partition, high }) => sum + Number(high) - begunAt(partition), 0)
  const got: { key: string; value: string }[] = []
  const consumer = client.consumer({ groupId: `reader-of-${topic}-${Date.now()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message: { offset, key, value } }) => {
        if (Number(offset) >= begunAt(partition)) got.push({ key: String(key), value: String(value) })
      }
    })
    const deadline = Date.now() + 60_000
    while (got.length < due && Date.now() < deadline) await pause(50)
  } finally {
    await consumer.disconnect()
  }
  return got
}

/** SHA-256 of a server's certificate, as its own page would show it. */
async function fingerprintOf(url: string, pki: string): Promise<string> {
  let fingerprint = ''
  const trust = (certificate: { readonly fingerprint: string }): boolean => {
    fingerprint = certificate.fingerprint
    return false
  }
  const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
  const source = opcuaSource({ url, pki, trust, streams: { a: { b: 'plant/counter' } } })
  const read = source.read({ signal: AbortSignal.timeout(30_000), from: {}, splits })
  await read[Symbol.asyncIterator]()
    .next()
    .catch(() => {})
  return fingerprint
}

interface Counted {
  readonly ns: string
  readonly counter: number
  readonly missing?: number | 'unknown'
}

it('OPC UA to Kafka: killed with SIGKILL and cut off, each value is there once or declared to be missing', {
  timeout: 300_000
}, async (test) => {
  if (typeof kafka === 'string') return test.skip(kafka)
  const opcua = await startAsyncua({ history: true })
  if (typeof opcua === 'string') return test.skip(opcua)
  const client = new Kafka({ brokers: [kafka.url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  const topics = ['plant.process', 'plant.vibration', 'plant.settings'].map((topic) => ({ topic, numPartitions: 2 }))
  await admin.createTopics({ topics, waitForLeaders: true })
  const proxy = new TcpProxy(opcua.port)
  const url = opcua.url.replace(String(opcua.port), String(await proxy.listen()))
  const begun = await Promise.all(topics.map(({ topic }) => admin.fetchTopicOffsets(topic)))
  const state = join(folder, `opcua-${opcua.port}`)
  const fingerprint = await fingerprintOf(opcua.url, join(state, 'pki'))
  const user = { OPCUA_USER: 'mw', OPCUA_PASSWORD: 'mw-secret', OPCUA_FINGERPRINT: fingerprint }
  const start = (): Bridge => bridge('opcua-to-kafka.ts', [url, (kafka as KafkaServer).url, state], user)
  const arrived = async (): Promise<number> =>
    (await admin.fetchTopicOffsets('plant.process')).reduce((sum, { high }) => sum + Number(high), 0)
  const until = async (isReached: () => boolean | Promise<boolean>, what: string): Promise<void> => {
    const deadline = Date.now() + 60_000
    while (!(await isReached())) {
      if (Date.now() > deadline) throw new Error(`${what} did not come: ${one.said()}`)
      await pause(50)
    }
  }
  const more = (than: number): Promise<void> => until(async () => (await arrived()) >= than + 150, 'data')
  let one = start()
  try {
    await one.running
    await more(0)
    for (let kill = 0; kill < 2; kill += 1) {
      one.child.kill('SIGKILL')
      await pause(500)
      one = start()
      await one.running
      await more(await arrived())
    }
    const from = BigInt(Date.now()) * 1_000_000n
    const before = one.runs()
    proxy.cut()
    await until(() => one.runs() > before, 'the connection')
    const kept = [{ from, to: BigInt(Date.now()) * 1_000_000n }]
    await more(await arrived())
    const ended = new Promise((resolve) => one.child.once('exit', resolve))
    one.child.kill('SIGTERM')
    expect(await ended, one.errors.join('')).toBe(0)

    const process = await messagesOf(client, admin, 'plant.process', begun[0] ?? [])
    const vibration = await messagesOf(client, admin, 'plant.vibration', begun[1] ?? [])
    expect(new Set([...process, ...vibration].map(({ key }) => key))).toEqual(new Set(['press-3']))
    expect(JSON.parse(vibration.at(-1)?.value ?? '{}')).toHaveProperty(['vib.peak'])
    // by stream and time each scan is there once, however often it was sent
    const byTime = new Map<string, Counted>()
    for (const { value } of process) {
      const scan = JSON.parse(value) as Counted
      const same = byTime.get(scan.ns)
      if (same) expect(scan).toMatchObject({ counter: same.counter })
      byTime.set(scan.ns, Object.assign({}, same, scan))
    }
    const scans = Array.from(byTime.values()).toSorted((a, b) => (BigInt(a.ns) < BigInt(b.ns) ? -1 : 1))
    const rows: CountedRow[] = scans.map(({ ns, counter }) => ({ time: BigInt(ns), value: counter }))
    const gaps: CountedGap[] = scans.flatMap(({ ns, missing }) =>
      missing === undefined ? [] : [{ before: BigInt(ns), scans: missing === 'unknown' ? undefined : missing }]
    )
    const result = judgeCounted(rows, gaps, { kept })
    const none = { undeclared: 0, unfilled: 0, unseen: 0, repeated: 0, restarts: 0 }
    expect(result, `${JSON.stringify(result)} ${one.errors.join('')}`).toMatchObject(none)
    expect(result.rows).toBeGreaterThan(300)
    expect(result.holes.others).toBeGreaterThanOrEqual(2)
  } finally {
    one.child.kill('SIGKILL')
    await Promise.all([admin.disconnect(), proxy.close(), opcua.stop()])
  }
})
