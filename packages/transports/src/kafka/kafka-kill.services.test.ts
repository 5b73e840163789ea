import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaServer, startKafka } from '../../../../test/servers/kafka.ts'

const MESSAGES = 6000
const PARTITIONS = 4
const program = fileURLToPath(new URL('./fixtures/consumer-process.ts', import.meta.url))
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
let server: KafkaServer | string

beforeAll(async () => {
  server = await startKafka()
})

afterAll(async () => {
  if (typeof server === 'object') await server.stop()
})

interface Consumer {
  readonly child: ChildProcess
  readonly log: string[]
  readonly ready: Promise<void>
}

function consumer(...args: readonly string[]): Consumer {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  child.stderr?.on('data', (bytes: Buffer) => log.push(bytes.toString()))
  const ready = new Promise<void>((resolve) => {
    child.stdout?.on('data', (bytes: Buffer) => bytes.toString().includes('ready') && resolve())
  })
  return { child, log, ready }
}

const stored = (folder: string): Set<number> =>
  new Set(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ndjson') && existsSync(join(folder, name)))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .filter((line) => line.endsWith('}'))
      .map((line) => (JSON.parse(line) as { t: number }).t)
  )

describe.each([
  [1, false],
  [1, true],
  [2, true]
])('%i members, with a checkpoint store: %s, killed with SIGKILL four times', (members, hasStore) => {
  it('lose nothing', async (test) => {
    if (typeof server === 'string') return test.skip(server)
    const { url } = server
    const topic = `t-${members}-${hasStore}`
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-kafka-kill-'))
    const kafka = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
    const [admin, producer] = [kafka.admin(), kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })]
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true })
    const begin = (k: number): Consumer =>
      consumer(url, topic, join(folder, `${k}.ndjson`), ...(hasStore ? [join(folder, `state-${k}`)] : []))
    const running = Array.from({ length: members }, (_, k) => begin(k))
    try {
      await Promise.all(running.map(({ ready }) => ready))
      const sending = (async () => {
        for (let t = 0; t < MESSAGES; t += 20) {
          const messages = Array.from({ length: 20 }, (_, i) => ({
            key: `k${(t + i) % PARTITIONS}`,
            partition: (t + i) % PARTITIONS,
            value: JSON.stringify({ ts: 1_700_000_000_000 + t + i, t: t + i })
          }))
          await producer.send({ topic, messages })
          await pause(10)
        }
      })()
      for (let kill = 0; kill < 4; kill += 1) {
        await pause(150 + 130 * kill)
        const k = kill % members
        running[k]?.child.kill('SIGKILL')
        running[k] = begin(k)
        await running[k].ready
      }
      await sending
      const deadline = Date.now() + 30_000
      while (stored(folder).size < MESSAGES && Date.now() < deadline) await pause(50)
      const got = stored(folder)
      const missing = Array.from({ length: MESSAGES }, (_, i) => i).filter((i) => !got.has(i))
      const said = running.map(({ log }) => log.join('')).join('')
      expect(missing, said).toEqual([])
      expect(said).toBe('')
    } finally {
      for (const { child } of running) child.kill('SIGKILL')
      await Promise.all([admin.disconnect(), producer.disconnect()])
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
