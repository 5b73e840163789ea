import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { seeded } from '../random.ts'
import { childrenWith, type MachineTimes, machineTimes, mainThreadSeconds } from './process-times.ts'
import { judgeScaling, type ScalingResult, type ScalingRound, type WorkerReport } from './scaling-report.ts'

export interface ScalingOptions {
  /** `kafka://127.0.0.1:9092` */
  readonly url: string
  readonly keys: number
  readonly partitions: number
  readonly records: number
  /** Of the rounds with several; each follows one with a single worker. */
  readonly workers: number
  readonly rounds: number
  /** Whether states are kept in a topic, as processes that share a topic do it. */
  readonly hasStates: boolean
  /** Whether each worker runs on a core of its own, with all its threads; else where the system puts them. Needs `taskset`. */
  readonly isPinned: boolean
  readonly log: (line: string) => void
}

interface Worker {
  readonly child: ChildProcess
  report: WorkerReport
  error: string | undefined
}

const WORKER = fileURLToPath(new URL('./scaling-worker.ts', import.meta.url))
const TOPIC = 'scaling'
const EVERY_MS = 500
const LOOK_MS = 20
const PATIENCE_MS = 120_000

/** The same records through one worker and through several, in turns: how many more come through in a second. */
export async function scalingTrial(options: ScalingOptions): Promise<ScalingResult> {
  await fill(options)
  const rounds: ScalingRound[] = []
  // a first one warms the broker and the page cache up, and does not count
  await round(options, 1, 'warm')
  for (let i = 0; i < options.rounds; i += 1) {
    for (const workers of [1, options.workers]) {
      const one = await round(options, workers, `${i}-${workers}`)
      options.log(`round ${i}, ${workers} workers: ${Math.round(one.recordsPerSecond)} records/s`)
      rounds.push(one)
    }
  }
  return judgeScaling(options.records, rounds, availableParallelism())
}

async function fill({ url, keys, partitions, records, log }: ScalingOptions): Promise<void> {
  const kafka = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: partitions }], waitForLeaders: true })
  const random = seeded(11)
  for (let from = 0; from < records; from += 2000) {
    const messages = Array.from({ length: Math.min(2000, records - from) }, (_, k) => {
      const [key, n] = [(from + k) % keys, Math.floor((from + k) / keys)]
      return { key: `press-${key}`, partition: key % partitions, value: messageOf(key, n, random) }
    })
    await producer.send({ topic: TOPIC, messages })
  }
  await Promise.all([admin.disconnect(), producer.disconnect()])
  log(`${records} records are there`)
}

/** About 100 bytes; now and then a fault of some scans. */
function messageOf(key: number, n: number, random: () => number): string {
  const more = key % 50 === 0 && n > 100 && n % 200 < 5 ? 40 : 0
  const axis = (): string => (random() + random() + more).toFixed(6)
  const ts = 1_700_000_000_000 + n * EVERY_MS
  return `{"ts":${ts},"x":${axis()},"y":${axis()},"z":${axis()},"machine":"press-${key}","line":"hall-2"}`
}

async function round(options: ScalingOptions, count: number, name: string): Promise<ScalingRound> {
  const { records, partitions } = options
  const workers = Array.from({ length: count }, (_, core) => begin(options, name, core))
  const scans = (): number => workers.reduce((sum, { report }) => sum + report.scans, 0)
  try {
    await until(workers, () =>
      workers.every(({ report }) => report.splits === partitions / count && report.scans >= warmUpOf(options))
    )
    const pids = [process.pid, ...childrenWith('kafka.Kafka')]
    const [before, began, was] = [workers.map(({ report }) => report), Date.now(), machineTimes(pids)]
    const mains = workers.map(({ child }) => mainThreadSeconds(child.pid))
    for (const { child } of workers) child.send('go')
    await until(workers, () => scans() >= records, scans)
    const times = machineTimes(pids)
    const elapsedMs = Math.max(...workers.map(({ report }) => report.at)) - began
    const first = before.reduce((sum, report) => sum + report.scans, 0)
    const perWorker = workers.map(({ child, report }, i) => {
      const { scans: had, cpuMs, gcMs } = before[i] as WorkerReport
      const [cpuSeconds, gcSeconds] = [(report.cpuMs - cpuMs) / 1000, (report.gcMs - gcMs) / 1000]
      const mainSeconds = mainThreadSeconds(child.pid) - (mains[i] as number)
      const { splits, scans, at } = report
      return { splits, records: scans - had, busyMs: at - began, cpuSeconds, mainSeconds, gcSeconds }
    })
    const recordsPerSecond = ((scans() - first) / elapsedMs) * 1000
    const shares = was && times && sharesOf(was, times, perWorker)
    return { workers: count, elapsedMs, recordsPerSecond, repeated: scans() - records, perWorker, ...shares }
  } finally {
    await Promise.all(workers.map(({ child }) => end(child)))
  }
}

function sharesOf(was: MachineTimes, is: MachineTimes, perWorker: readonly { readonly cpuSeconds: number }[]) {
  const [trial = 0, ...brokers] = is.of.map((seconds, i) => seconds - (was.of[i] as number))
  const broker = brokers.reduce((sum, seconds) => sum + seconds, 0)
  const own = perWorker.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
  return { broker, trial, others: is.busy - was.busy - trial - broker - own, idle: is.idle - was.idle }
}

/** So many records go through each worker before it counts: until V8 has compiled what is hot. */
function warmUpOf({ records }: ScalingOptions): number {
  return Math.min(50_000, Math.floor(records / 20))
}

function begin(options: ScalingOptions, name: string, core: number): Worker {
  const { url, hasStates, isPinned, log } = options
  const state = hasStates ? `state-${name}` : ''
  const args = ['--import', 'tsx', WORKER, url, TOPIC, `group-${name}`, state, `${warmUpOf(options)}`]
  const [file, before] = isPinned ? ['taskset', ['-c', `${core}`, process.execPath]] : [process.execPath, []]
  const child = spawn(file, [...before, ...args], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
  const report: WorkerReport = { splits: 0, scans: 0, features: 0, events: 0, at: 0, cpuMs: 0, gcMs: 0 }
  const worker: Worker = { child, report, error: undefined }
  child.stderr?.on('data', (bytes: Buffer) => log(bytes.toString().trimEnd()))
  child.on('message', (message) => {
    worker.report = message as WorkerReport
  })
  child.once('exit', (code) => {
    worker.error = `a worker ended with ${code}`
  })
  return worker
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.send('stop')
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(timer)
}

/** Resolves when it holds; fails where nothing moves any more. */
async function until(workers: readonly Worker[], holds: () => boolean, count: () => number = () => 0): Promise<void> {
  let [before, since] = [-1, Date.now()]
  while (!holds()) {
    const error = workers.find((worker) => worker.error !== undefined)?.error
    if (error !== undefined) throw new Error(error)
    if (count() !== before) [before, since] = [count(), Date.now()]
    if (Date.now() - since > PATIENCE_MS)
      throw new Error(`nothing moves any more: ${JSON.stringify(workers.map(({ report }) => report))}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
