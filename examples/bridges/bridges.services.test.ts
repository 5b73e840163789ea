// Real brokers, and a bridge that is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
}

function bridge(...args: readonly string[]): Bridge {
  const child = spawn(process.execPath, ['--import', 'tsx', 'mqtt-to-kafka.ts', ...args], { cwd: import.meta.dirname })
  const errors: string[] = []
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes.toString()))
  const running = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => bytes.toString().includes('mqtt:bridge: running') && resolve())
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors.join('')}`)))
  })
  running.catch(() => {}) // it may be killed before
  return { child, running, errors }
}

it('MQTT to Kafka: killed with SIGKILL three times, nothing is lost, and each key keeps its order', async (test) => {
  if (typeof kafka === 'string') return test.skip(kafka)
  if (typeof mosquitto === 'string') return test.skip(mosquitto)
  const client = new Kafka({ brokers: [kafka.url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  const topics = ['vibration', 'temperature'].map((sensor) => ({ topic: `plant.${sensor}`, numPartitions: 2 }))
  await admin.createTopics({ topics, waitForLeaders: true })
  const args = [mosquitto.url, kafka.url, join(folder, 'state')]
  let one = bridge(...args)
  const publisher = await connectAsync(mosquitto.url)
  const consumer = client.consumer({ groupId: 'reader', maxWaitTimeInMs: 100 })
  try {
    await one.running
    const sending = (async () => {
      for (let i = 0; i < MESSAGES; i += 10) {
        const some = Array.from({ length: 10 }, (_, k) => i + k)
        await Promise.all(
          some.map((n) => {
            const topic = `line/press-${n % 3}/${n % 2 === 0 ? 'vibration' : 'temperature'}`
            return publisher.publishAsync(topic, JSON.stringify({ ts: 1_700_000_000_000 + n, value: n }), { qos: 1 })
          })
        )
        await pause(8)
      }
    })()
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(300 + 150 * kill)
      one.child.kill('SIGKILL')
      one = bridge(...args)
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
