import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { OpcuaTestServer } from '../../test/servers/milo.ts'
import { TcpProxy } from '../tcp-proxy.ts'
import { type CountedGap, type CountedResult, type CountedRow, judgeCounted } from './judge-opcua.ts'
import { readSeenLog } from './seen-log.ts'

export type OpcuaFault = 'cut' | 'half-open' | 'server' | 'kill'

/** `no-history`: it does not read the server's history; `history-torn`: it loses what came from there, but for one value. */
export type OpcuaSabotage = 'no-history' | 'history-torn'

export interface OpcuaTrialOptions {
  readonly server: OpcuaTestServer
  /** One after the other, with data in between. */
  readonly faults: readonly OpcuaFault[]
  /** A bug that is planted in the process under test. */
  readonly sabotage?: OpcuaSabotage | undefined
  readonly log: (line: string) => void
}

const SUBJECT = fileURLToPath(new URL('./subject.ts', import.meta.url))
const BETWEEN_MS = 2500
const PATIENCE_MS = 60_000

/** A counter of a real server goes to DuckDB, through faults; what is stored is then compared with how it was counted. */
export async function opcuaTrial({ server, faults, sabotage, log }: OpcuaTrialOptions): Promise<CountedResult> {
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-opcua-oracle-'))
  const proxy = new TcpProxy(server.port)
  const port = await proxy.listen()
  const url = server.url.replace(String(server.port), String(port))
  const start = (): Subject => new Subject([url, folder, sabotage ?? ''], log)
  let subject = start()
  const kept: { readonly from: bigint; readonly to: bigint }[] = []
  try {
    await subject.runs(0)
    for (const [i, fault] of faults.entries()) {
      await sleep(BETWEEN_MS)
      log(`fault ${i + 1} of ${faults.length}: ${fault}`)
      const before = subject.running
      if (fault === 'kill') {
        await subject.end('SIGKILL')
        subject = start()
        await subject.runs(0)
        continue
      }
      const from = BigInt(Date.now()) * 1_000_000n
      const release = fault === 'half-open' ? proxy.hold() : undefined
      if (fault === 'cut') proxy.cut()
      if (fault === 'server') {
        await server.kill()
        await server.restart()
      }
      await subject.runs(before)
      release?.()
      if (fault !== 'server') kept.push({ from, to: BigInt(Date.now()) * 1_000_000n })
    }
    await sleep(BETWEEN_MS)
    await subject.end('SIGTERM')
    const { rows, gaps } = await stored(join(folder, 'plant.duckdb'))
    for (const { before, scans = 'unknown' } of gaps) {
      const next = rows.findIndex(({ time }) => time >= before)
      log(`hole of ${scans} scans between ${rows[next - 1]?.value} and ${rows[next]?.value}`)
    }
    const seen = server.seen === undefined ? undefined : readSeenLog(readFileSync(server.seen, 'utf8'))
    return judgeCounted(rows, gaps, { seen, kept })
  } finally {
    await subject.end('SIGKILL')
    await proxy.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

class Subject {
  /** How often its source began to run. */
  running = 0
  #errors = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(args: readonly string[], log: (line: string) => void) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', SUBJECT, ...args], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.#errors += bytes
      log(bytes.toString().trimEnd())
    })
    this.#child.stdout?.on('data', (bytes: Buffer) => {
      const lines = bytes
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('state '))
      for (const line of lines) log(line)
      this.running += lines.filter((line) => line.startsWith('state running')).length
    })
  }

  /** Resolves when its source runs once more. */
  async runs(before: number): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (this.running <= before) {
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`the process under test does not run (${this.#child.exitCode}): ${this.#errors.slice(-3000)}`)
      }
      await sleep(20)
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
    await this.#ended
  }
}

/** With DuckDB's own client: no code of the SDK. */
async function stored(path: string): Promise<{ readonly rows: CountedRow[]; readonly gaps: CountedGap[] }> {
  const database = await DuckDBInstance.create(path)
  const connection = await database.connect()
  const read = async (sql: string): Promise<unknown[][]> =>
    (await connection.runAndReadAll(sql)).getRowsJS() as unknown[][]
  try {
    // only there when something of it was stored
    const marked = await read(`SELECT 1 FROM duckdb_columns() WHERE table_name = 'raw' AND column_name = 'historical'`)
    const mark = marked.length > 0 ? 'historical' : 'NULL'
    const rows = await read(`SELECT epoch_ns(time), counter, ${mark} FROM raw ORDER BY time`)
    const gaps = await read(`SELECT epoch_ns(before), scans FROM gaps WHERE "table" = 'raw' ORDER BY before`)
    return {
      rows: rows.map(([time, value, historical]) => ({
        time: time as bigint,
        value: value as number,
        historical: historical === true
      })),
      gaps: gaps.map(([before, scans]) => ({
        before: before as bigint,
        scans: scans === null ? undefined : Number(scans)
      }))
    }
  } finally {
    connection.closeSync()
    database.closeSync()
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
