// What the sink costs beside the fastest plain program: blocks to rows, the look whether they are there already, the
// tables that describe them. Both write the same columns in the same transactions to a new file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BIGINT,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampNanosecondsValue,
  TIMESTAMP_NS,
  VARCHAR
} from '@duckdb/node-api'
import { type Block, blockOf } from '@messwerk/core/model'
import { duckdbReader, duckdbSink } from '@messwerk/storage/duckdb'
import { bench, type Done } from './harness.ts'

const CHANNELS = 8
const SCANS = 256
const BLOCKS = 100
const COMMITS = 20
const ROWS = COMMITS * BLOCKS * SCANS
const CHUNK = 2048
const START = 1_700_000_000_000_000_000n
const PERIOD = 1_000_000n

const names = Array.from({ length: CHANNELS }, (_, c) => `c${c}`)
const folder = mkdtempSync(join(tmpdir(), 'messwerk-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** One commit's worth of values, by channel: the same for every commit, at other times. */
const columns = names.map((_, c) => Float64Array.from({ length: BLOCKS * SCANS }, (_, i) => Math.sin(i / 50 + c) * i))

const commits: readonly (readonly Block[])[] = Array.from({ length: COMMITS }, (_, commit) =>
  Array.from({ length: BLOCKS }, (_, b) => blockAt(commit, b))
)

function blockAt(commit: number, b: number): Block {
  const shape = { stream: 'press-3', channels: Object.fromEntries(names.map((name) => [name, 'V'])), rate: 1000 }
  const part = (c: number): Float64Array => (columns[c] as Float64Array).subarray(b * SCANS, (b + 1) * SCANS)
  const block = blockOf(shape, Object.fromEntries(names.map((name, c) => [name, part(c)])))
  const first = commit * BLOCKS * SCANS + b * SCANS
  const time = { ...block.time, start: START + BigInt(first) * PERIOD }
  return { ...block, time, origin: { split: 'press-3', position: first + SCANS - 1 } }
}

const fresh = (name: string): string => {
  const path = join(folder, name)
  for (const file of [path, `${path}.wal`]) rmSync(file, { force: true })
  return path
}

async function ours(): Promise<Done> {
  const path = fresh('ours.duckdb')
  const sink = duckdbSink({ path, table: 'raw' })
  await sink.open()
  for (const blocks of commits) await sink.write(blocks)
  await sink.close()
  return { work: ROWS }
}

/** Chunks of the full vector size in one appender a transaction, with the client's public interface and nothing else. */
async function bareAppender(): Promise<Done> {
  const instance = await DuckDBInstance.create(fresh('bare.duckdb'))
  const connection = await instance.connect()
  const channels = names.map((name) => `${name} DOUBLE`).join(', ')
  await connection.run(
    `CREATE TABLE raw (stream VARCHAR, time TIMESTAMP_NS, split VARCHAR, position BIGINT, ${channels})`
  )
  const types = [VARCHAR, TIMESTAMP_NS, VARCHAR, BIGINT, ...names.map(() => DOUBLE)]
  const chunk = DuckDBDataChunk.create(types, CHUNK)
  for (let commit = 0; commit < COMMITS; commit += 1) {
    await connection.run('BEGIN')
    const appender = await connection.createAppender('raw')
    for (let from = 0; from < BLOCKS * SCANS; from += CHUNK) {
      fill(chunk, commit, from, Math.min(CHUNK, BLOCKS * SCANS - from))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
    appender.closeSync()
    await connection.run('COMMIT')
  }
  connection.closeSync()
  instance.closeSync()
  return { work: ROWS }
}

const sameName = Array.from({ length: CHUNK }, () => 'press-3')

function fill(chunk: DuckDBDataChunk, commit: number, from: number, count: number): void {
  if (chunk.rowCount !== count) chunk.rowCount = count
  const first = commit * BLOCKS * SCANS + from
  const times = new Array<DuckDBTimestampNanosecondsValue>(count)
  const positions = new Array<bigint>(count)
  for (let i = 0; i < count; i += 1) {
    const row = first + i
    times[i] = new DuckDBTimestampNanosecondsValue(START + BigInt(row) * PERIOD)
    positions[i] = BigInt(row - (row % SCANS) + SCANS - 1)
  }
  const name = count === CHUNK ? sameName : sameName.slice(0, count)
  chunk.setColumnValues(0, name)
  chunk.setColumnValues(1, times)
  chunk.setColumnValues(2, name)
  chunk.setColumnValues(3, positions)
  // Takes anything with a length and numbers in it; a copy to an array would only cost the peer time.
  const part = (column: Float64Array) => column.subarray(from, from + count) as unknown as readonly number[]
  for (const [c, column] of columns.entries()) chunk.setColumnValues(4 + c, part(column))
}

/** What is in the file, compared between the two: rows, extent, and a sum over every column. */
async function withContent(done: Promise<Done>, file: string): Promise<Done> {
  const { work } = await done
  const reader = duckdbReader({ path: join(folder, file), table: 'raw' })
  const sums = names.map((name) => `sum(hash(${name}))`).join(', ')
  const [result] = await reader.query(`SELECT count(*), count(DISTINCT time), min(epoch_ns(time)), max(epoch_ns(time)),
    sum(position), min(stream), max(split), ${sums} FROM raw`)
  await reader.close()
  return { work, result }
}

/** The content is looked at once; after that only the writing is timed. */
function checkedOnce(write: () => Promise<Done>, file: string): () => Promise<Done> {
  let checked = false
  return () => {
    if (checked) return write()
    checked = true
    return withContent(write(), file)
  }
}

await bench('duckdb', async (b) => {
  await b.versus('vs-bare-appender', {
    unit: 'rows/s',
    better: 'higher',
    ours: checkedOnce(ours, 'ours.duckdb'),
    peer: checkedOnce(bareAppender, 'bare.duckdb'),
    peerName: 'bare chunked appender'
  })
  await b.lone('redelivered', { unit: 'rows/s', better: 'higher', ours: redelivered })
})

/** Every commit comes twice, as after a crash: the second time it is looked up and changes nothing. */
async function redelivered(): Promise<Done> {
  const sink = duckdbSink({ path: fresh('twice.duckdb'), table: 'raw' })
  for (const blocks of commits) {
    await sink.write(blocks)
    await sink.write(blocks)
  }
  await sink.close()
  return { work: 2 * ROWS }
}
