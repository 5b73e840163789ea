// QoS 1 at full rate through detection into DuckDB for a long time: does the process grow, and is every message there once?
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { startMosquitto } from '../test/servers/mosquitto.ts'
import { messageOf } from './fixtures/message-of.ts'
import { type Growth, growth } from './growth.ts'

/** What is looked at; the first three after a forced collection. */
const kinds = ['heapUsed', 'external', 'arrayBuffers', 'rss'] as const

export type Sample = Readonly<Record<(typeof kinds)[number] | 'received' | 'hours', number>>

export interface MqttMemory {
  readonly minutes: number
  readonly warmUpMinutes: number
  readonly published: number
  readonly stored: number
  readonly lost: number
  /** Whether the rows are exactly the messages, each once. */
  readonly isEachOnce: boolean
  readonly gaps: number
  readonly rejected: number
  readonly largestUnsettledBytes: number
  readonly messagesPerSecond: number
  /** The longest time without a further message. */
  readonly longestStallSeconds: number
  readonly databaseBytes: number
  /** Samples behind the warm-up. */
  readonly samples: number
  /** MB an hour. */
  readonly growth: Readonly<Record<(typeof kinds)[number], Growth>>
  readonly everyMinute: readonly Sample[]
}

export interface MqttMemoryOptions {
  readonly minutes: number
  readonly warmUpMinutes: number
  readonly sampleSeconds: number
  readonly print?: (line: string) => void
}

/** How many messages the broker may have that the reader has not received: its queue never runs dry, nor grows. */
const AHEAD = 200_000

/** The reason where it cannot be tried. @throws Error when a process fails */
export async function mqttMemory(options: MqttMemoryOptions): Promise<MqttMemory | string> {
  const broker = await startMosquitto({ limits: 'off', persistence: false })
  if (typeof broker === 'string') return broker
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-memory-'))
  const children: ChildProcess[] = []
  try {
    const { published, end, samples, seconds, longestStallSeconds } = await flood(options, broker, folder, children)
    const path = join(folder, 'scores.duckdb')
    const { stored, isEachOnce } = await compare(path, published)
    const flat = samples.filter(({ hours }) => hours * 60 >= options.warmUpMinutes)
    const { minutes, warmUpMinutes } = options
    return {
      minutes,
      warmUpMinutes,
      published,
      stored,
      lost: published - stored,
      isEachOnce,
      ...end,
      messagesPerSecond: published / seconds,
      longestStallSeconds,
      databaseBytes: statSync(path).size,
      samples: flat.length,
      growth: growths(flat),
      everyMinute: samples.filter((_, i) => i % Math.ceil(60 / options.sampleSeconds) === 0)
    }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type End = Pick<MqttMemory, 'gaps' | 'rejected' | 'largestUnsettledBytes'>

interface Flooded {
  readonly published: number
  readonly end: End
  readonly samples: readonly Sample[]
  readonly seconds: number
  readonly longestStallSeconds: number
}

async function flood(
  { minutes, sampleSeconds, print }: MqttMemoryOptions,
  { url, port }: { readonly url: string; readonly port: number },
  folder: string,
  children: ChildProcess[]
): Promise<Flooded> {
  const samples: Sample[] = []
  const reader = start(children, 'flooded-reader.ts', [url, folder, String(sampleSeconds * 1000)])
  await reader.gets('received')
  const publisher = start(children, 'flood.ts', [String(port), 'line/oven'])
  const began = performance.now()
  let longestStall = 0
  let last = { received: -1, at: began }
  reader.on('received', (received: number) => {
    if (received === last.received) return
    const at = performance.now()
    longestStall = Math.max(longestStall, at - last.at)
    last = { received, at }
    publisher.send(received + AHEAD)
  })
  reader.on('sample', (sample: Omit<Sample, 'hours'>) => {
    const hours = (performance.now() - began) / 3_600_000
    samples.push({ hours: Number(hours.toFixed(4)), ...sample })
    const mb = kinds.map((kind) => `${kind} ${(sample[kind] / 1e6).toFixed(1)}`)
    print?.(`${(hours * 60).toFixed(1)} min, ${sample.received} messages, MB: ${mb.join(', ')}`)
  })
  await Promise.race([wait(minutes * 60_000), reader.failed, publisher.failed])
  reader.on('received', () => {})
  publisher.send('end')
  const published = (await publisher.gets('confirmed')) as number
  print?.(`${published} messages published`)
  reader.send(published)
  const end = (await reader.gets('end')) as End
  print?.('all of them stored')
  return {
    published,
    end,
    samples,
    seconds: (performance.now() - began) / 1000,
    longestStallSeconds: longestStall / 1000
  }
}

/** A process of ours, by the names of what it sends. */
function start(children: ChildProcess[], script: string, args: readonly string[]) {
  const execArgv = ['--expose-gc', '--import', 'tsx']
  const child = fork(join(import.meta.dirname, 'fixtures', script), [...args], { execArgv })
  children.push(child)
  const listeners = new Map<string, (value: never) => void>()
  child.on('message', (message: Record<string, never>) => {
    for (const [name, value] of Object.entries(message)) listeners.get(name)?.(value)
  })
  const failed = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
  })
  failed.catch(() => {})
  const on = (name: string, listener: (value: never) => void): void => void listeners.set(name, listener)
  return {
    failed,
    on,
    send: (value: number | 'end') => void child.send(value),
    gets: (name: string) => Promise.race([new Promise<unknown>((resolve) => on(name, resolve)), failed])
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The numbers of the stored messages, as a sum of hashes, against those of all that were published. */
async function compare(path: string, published: number): Promise<{ stored: number; isEachOnce: boolean }> {
  const database = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY', memory_limit: '512MB' })
  const connection = await database.connect()
  const sums = async (from: string): Promise<unknown[]> => {
    const reader = await connection.runAndReadAll(
      `SELECT count(*)::DOUBLE, sum(hash(i)::HUGEINT)::VARCHAR FROM (${from})`
    )
    return reader.getRows()[0] as unknown[]
  }
  const stored = await sums(`SELECT (epoch_ms(time) - ${messageOf.start})::BIGINT AS i FROM scores`)
  const expected = await sums(`SELECT range::BIGINT AS i FROM range(${published})`)
  connection.closeSync()
  database.closeSync()
  return { stored: stored[0] as number, isEachOnce: stored.join() === expected.join() }
}

function growths(samples: readonly Sample[]): MqttMemory['growth'] {
  const of = (kind: (typeof kinds)[number]): Growth =>
    growth(samples.map((sample) => ({ hours: sample.hours, bytes: sample[kind] })))
  return { heapUsed: of('heapUsed'), external: of('external'), arrayBuffers: of('arrayBuffers'), rss: of('rss') }
}
