// A GSV-8 at its highest rate in one process, driver, detector and store in another one: how much of one core the other takes,
// and whether every scan is stored. Neither this process nor the simulator counts. No peer: the manufacturer's parser takes
// a whole core at 1 kHz and cannot read 48 000 frames a second.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DuckDBInstance } from '@duckdb/node-api'
import { bench, type Done } from './harness.ts'

const isShort = process.argv.includes('--short')
const SECONDS = isShort ? 2 : 30
const RATE = 48_000

interface Took {
  readonly cpu: number
  readonly wall: number
  readonly scans: number
  readonly gaps: number
  readonly largestUnsettledBytes: number
}

interface Sent {
  readonly from: number
  readonly to: number
  readonly fate: string
}

const folder = mkdtempSync(join(tmpdir(), 'messwerk-bench-'))
const children: ChildProcess[] = []
let runs = 0

/** A simulator in a process of its own; `ask` gives it an order. */
async function simulator(): Promise<{
  url: string
  ask(order: string): Promise<{ log: readonly Sent[] }>
  end(): void
}> {
  const program = join(import.meta.dirname, '../packages/gsv-driver/src/cli/messwerk-gsv-sim.ts')
  const options = ['--rate', String(RATE), '--data-type', 'int16', '--counter-channel', '8', '--when-started']
  const child = spawn(process.execPath, [...process.execArgv, program, ...options], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await lines.next()).value)
  await next()
  return {
    url: await next(),
    async ask(order) {
      child.stdin.write(`${order}\n`)
      return JSON.parse(await next())
    },
    end: () => void child.kill('SIGTERM')
  }
}

async function pipelined(url: string, path: string, seconds: number): Promise<Took> {
  const child = fork(join(import.meta.dirname, 'fixtures/gsv-pipeline.ts'), [url, path, String(seconds)])
  children.push(child)
  const exited = once(child, 'exit')
  const took = await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`gsv-pipeline ended with ${code}`)))
  ])
  await exited
  return took[0] as Took
}

/** What is stored: rows, how many of them follow their predecessor by the counter of the device, and learned and raised ones. */
async function stored(path: string): Promise<Record<'rows' | 'inOrder' | 'scored' | 'gaps', number>> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const found = await connection.run(`
    WITH steps AS (SELECT score, round(counter) - lag(round(counter)) OVER (ORDER BY time) AS step FROM scans)
    SELECT count(*), count(*) FILTER (step IS NULL OR step IN (1, -65535)), count(score), (SELECT count(*) FROM gaps) FROM steps`)
  const [row = []] = await found.getRowsJS()
  connection.closeSync()
  instance.closeSync()
  const [rows, inOrder, scored, gaps] = row.map(Number) as [number, number, number, number]
  return { rows, inOrder, scored, gaps }
}

async function realtime(): Promise<Done> {
  runs += 1
  const path = join(folder, `${runs}.duckdb`)
  const device = await simulator()
  const took = await pipelined(device.url, path, runs === 1 ? 2 : SECONDS)
  const { log } = await device.ask('{"do":"log"}')
  device.end()
  const { rows, inOrder, scored, gaps } = await stored(path)
  const of = (fate: string): number =>
    log.filter((sent) => sent.fate === fate).reduce((scans, { from, to }) => scans + to - from, 0)
  const written = of('written')
  if (rows !== written || inOrder !== rows || gaps > 0 || of('lost') > 0)
    throw new Error(`written ${written}, lost ${of('lost')}; stored ${rows}, ${inOrder} in order, ${gaps} gaps`)
  const mb = (statSync(path).size / 1e6).toFixed(0)
  console.log(
    `${rows} scans of 8 channels sent and stored with score, limit and flag (${mb} MB), ${scored} scored, none lost; ` +
      `${took.cpu.toFixed(2)} s of processor time in ${took.wall.toFixed(2)} s, ` +
      `at most ${(took.largestUnsettledBytes / 1e6).toFixed(1)} MB unsettled`
  )
  rmSync(path)
  return { work: took.wall, seconds: took.cpu }
}

try {
  const effort = isShort
    ? { repeats: 1, seconds: 0 }
    : { repeats: 3, seconds: 0, results: `${import.meta.dirname}/results` }
  await bench(
    'gsv-realtime',
    ({ lone }) => lone('48k-int16-8ch', { unit: 's/s', better: 'lower', ours: realtime }),
    effort
  )
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
