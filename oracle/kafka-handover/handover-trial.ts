import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { seeded } from '../random.ts'
import { type HandoverResult, judgeHandover } from './judge-handover.ts'
import { type Noted, readNoted } from './noted.ts'

export interface HandoverOptions {
  /** `kafka://127.0.0.1:9092` */
  readonly url: string
  readonly keys: number
  readonly partitions: number
  readonly workers: number
  /** How long each key waits for its next message. */
  readonly everyMs: number
  /** Messages of each key. */
  readonly messages: number
  readonly log: (line: string) => void
}

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))
const TICK_MS = 50

/** Four workers share the keys of a topic, one of them is killed; the same topic is then read by one worker alone, undisturbed. */
export async function handoverTrial(options: HandoverOptions): Promise<HandoverResult> {
  const { url, log, workers } = options
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-handover-'))
  const kafka = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })]
  const running: ChildProcess[] = []
  const begin = async (name: string, group: string): Promise<ChildProcess> => {
    const child = await startWorker([url, 'measured', group, `state-${group}`, join(folder, name)], log)
    running.push(child)
    return child
  }
  try {
    await Promise.all([admin.connect(), producer.connect()])
    await prepare(admin, options)
    const names = Array.from({ length: workers }, (_, k) => `worker-${k}`)
    const children = await Promise.all(names.map((name) => begin(name, 'shared')))
    const killed = { worker: 0, at: 0 }
    const kill = (): void => {
      children[killed.worker]?.kill('SIGKILL')
      killed.at = Date.now()
      log(`killed worker ${killed.worker}`)
    }
    const sent = await send(producer, options, kill)
    const noted = (): Noted[] => names.map((name) => readNoted(join(folder, name)))
    await settled(() => distinct(noted()), sent)
    await Promise.all(children.slice(1).map(end))
    log('the same topic, undisturbed')
    const alone = await begin('alone', 'alone')
    await settled(() => distinct([readNoted(join(folder, 'alone'))]), sent)
    await end(alone)
    return judgeHandover(noted(), readNoted(join(folder, 'alone')), killed, sent)
  } finally {
    for (const child of running) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all([admin.disconnect(), producer.disconnect()])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function prepare(admin: Admin, { partitions }: HandoverOptions): Promise<void> {
  await admin.createTopics({ topics: [{ topic: 'measured', numPartitions: partitions }], waitForLeaders: true })
}

function startWorker(args: readonly string[], log: (line: string) => void): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stderr?.on('data', (bytes: Buffer) => log(bytes.toString().trimEnd()))
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a worker ended with ${code} before it was ready`)))
    child.stdout?.on('data', (bytes: Buffer) => bytes.toString().includes('ready') && resolve(child))
  })
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

/** Sends evenly; calls `halfWay` when half of it is sent. */
async function send(producer: Producer, options: HandoverOptions, halfWay: () => void): Promise<number> {
  const { keys, partitions, everyMs, messages } = options
  const total = keys * messages
  const random = seeded(7)
  const began = Date.now()
  let sent = 0
  while (sent < total) {
    const due = Math.min(total, Math.floor(((Date.now() - began) / everyMs) * keys))
    const batch = []
    for (; sent < due; sent += 1) {
      const [key, n] = [sent % keys, Math.floor(sent / keys)]
      const isFault = key % 10 === 0 && n % 17 === 16 && n > 30
      const v = random() + random() + (isFault ? 40 : 0)
      const time = 1_700_000_000_000 + n * everyMs
      batch.push({ key: `k${key}`, partition: key % partitions, value: JSON.stringify({ ts: time, v }) })
      if (sent === total >> 1) halfWay()
    }
    if (batch.length > 0) await producer.send({ topic: 'measured', messages: batch })
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return total
}

/** Resolves when so many have come, or none more comes for 20 s. */
async function settled(count: () => number, wanted: number): Promise<void> {
  let [before, since] = [-1, Date.now()]
  for (;;) {
    const now = count()
    if (now >= wanted) return
    if (now !== before) [before, since] = [now, Date.now()]
    if (Date.now() - since > 20_000) return
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

function distinct(noted: readonly Noted[]): number {
  return new Set(noted.flatMap(({ scans }) => scans.map(({ key, time }) => `${key} ${time}`))).size
}
