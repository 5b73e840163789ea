import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import type { Block, Gap } from '@messwerk/core/model'
import { isHistorical, originAt, readGaps, readStream, type StoredStream, selectScans, toBlock } from './read-blocks.ts'
import type { Patience, SharedDatabase } from './shared-database.ts'
import { instant, name, text } from './sql.ts'

/** Rows fetched at once: what a reader holds in memory at most. */
const PAGE_ROWS = 16_384

/** What to read, in ns since the Unix epoch; `to` is not included. @internal */
export interface RangeQuery {
  readonly path: string
  readonly table: string
  readonly stream: string
  readonly channels?: readonly string[] | undefined
  readonly from: bigint
  readonly to: bigint
}

/** The last row of a page. */
interface Place {
  readonly time: bigint
  readonly split: string
  readonly position: bigint
}

/** Where to go on: a window of time of so many ns, which grows and shrinks until it holds about a page. */
interface Cursor {
  readonly from: bigint
  readonly width: bigint
  /** Rows up to this one have been read. */
  readonly after?: Place | undefined
  /** Nothing was found here: look up where the next row is. */
  readonly lost?: boolean
}

interface Page {
  readonly blocks: Block[]
  readonly next: Cursor | undefined
}

/** Blocks of a span of time, page by page; between two pages the database is free for others. @internal */
export async function* readRange(
  database: SharedDatabase,
  query: RangeQuery,
  patience: Patience
): AsyncGenerator<Block> {
  let stored: StoredStream | undefined
  let cursor: Cursor | undefined
  do {
    const at: Cursor | undefined = cursor
    const page: Page = await database.read(patience, async (connection) => {
      stored ??= await readStream(connection, query.path, query.table, query.stream, query.channels)
      return readPage(connection, query, stored, at ?? { from: query.from, width: firstWidth(stored), lost: true })
    })
    yield* page.blocks
    cursor = page.next
  } while (cursor)
}

/** ns of a page of a stream with a rate, else a second to begin with. */
function firstWidth({ stream }: StoredStream): bigint {
  return BigInt(Math.ceil((stream.rate === undefined ? 1 : PAGE_ROWS / stream.rate) * 1e9))
}

async function readPage(
  connection: DuckDBConnection,
  query: RangeQuery,
  stored: StoredStream,
  cursor: Cursor
): Promise<Page> {
  const from = cursor.lost ? await nextTime(connection, query, cursor.from) : cursor.from
  if (from === undefined) return { blocks: [], next: undefined }
  const { width, after } = cursor
  const end = query.to - from > width ? from + width : query.to
  const span = `time >= ${instant(from)} AND time < ${instant(end)}`
  const where = after ? `${span} AND ${behind(after)}` : span
  const tail = `ORDER BY time, split, position LIMIT ${PAGE_ROWS}`
  const result = await connection.run(selectScans(query.table, stored, where, tail))
  const chunks = (await result.fetchAllChunks()).filter((chunk) => chunk.rowCount > 0)
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
  const blocks = await blocksOf(connection, query, stored, chunks, after)
  if (rows === PAGE_ROWS) {
    const last = placeOf(chunks.at(-1) as DuckDBDataChunk)
    return { blocks, next: { from: last.time, width: width > 1n ? width / 2n : width, after: last } }
  }
  const wider = rows < PAGE_ROWS / 2 ? width * 2n : width
  return { blocks, next: end < query.to ? { from: end, width: wider, lost: rows === 0 } : undefined }
}

async function nextTime(connection: DuckDBConnection, query: RangeQuery, from: bigint): Promise<bigint | undefined> {
  const found = await connection.run(`SELECT epoch_ns(min(time)) FROM ${name(query.table)}
    WHERE stream = ${text(query.stream)} AND time >= ${instant(from)} AND time < ${instant(query.to)}`)
  const [[time]] = (await found.getRowsJS()) as [[bigint | null]]
  return time ?? undefined
}

async function blocksOf(
  connection: DuckDBConnection,
  query: RangeQuery,
  stored: StoredStream,
  chunks: readonly DuckDBDataChunk[],
  after: Place | undefined
): Promise<Block[]> {
  const [first, final] = [chunks[0], chunks.at(-1)]
  if (!first || !final) return []
  const gaps = await readGaps(connection, query.table, [query.stream], [timeAt(first, 0), placeOf(final).time])
  return chunks.flatMap((chunk) => cutAtGaps(stored, chunk, gaps, after?.time))
}

function behind({ time, split, position }: Place): string {
  return `(time > ${instant(time)} OR split > ${text(split)} OR (split = ${text(split)} AND position > ${position}))`
}

function placeOf(chunk: DuckDBDataChunk): Place {
  const row = chunk.rowCount - 1
  const [split, position] = [chunk.getColumnVector(1).getItem(row), chunk.getColumnVector(2).getItem(row)]
  return { time: timeAt(chunk, row), split: split as string, position: position as bigint }
}

function timeAt(chunk: DuckDBDataChunk, row: number): bigint {
  return chunk.getColumnVector(0).getItem(row) as bigint
}

/** A gap lies before a block, so a block ends before each gap; and where back-fill begins or ends. */
function cutAtGaps(
  stored: StoredStream,
  chunk: DuckDBDataChunk,
  gaps: Map<bigint, Gap>,
  after: bigint | undefined
): Block[] {
  if (gaps.size === 0 && !stored.marksHistorical) return [toBlock(stored, chunk, 0, chunk.rowCount, undefined)]
  if (after !== undefined) gaps.delete(after)
  const blocks: Block[] = []
  let from = 0
  let gap = takeGap(gaps, timeAt(chunk, 0))
  let historical = isHistorical(stored, chunk, 0)
  for (let row = 1; row < chunk.rowCount; row += 1) {
    const next = takeGap(gaps, timeAt(chunk, row))
    const marked = isHistorical(stored, chunk, row)
    if (!next && marked === historical) continue
    blocks.push(toBlock(stored, chunk, from, row, gap))
    from = row
    gap = next
    historical = marked
  }
  blocks.push(toBlock(stored, chunk, from, chunk.rowCount, gap))
  return blocks
}

function takeGap(gaps: Map<bigint, Gap>, time: bigint): Gap | undefined {
  const gap = gaps.get(time)
  if (gap) gaps.delete(time)
  return gap
}

/** The newest scans as one block, in the order of time; historical where all of them are. @internal */
export async function readLatest(
  connection: DuckDBConnection,
  query: Omit<RangeQuery, 'from' | 'to'>,
  scans: number
): Promise<Block | undefined> {
  const stored = await readStream(connection, query.path, query.table, query.stream, query.channels)
  const times = `SELECT time FROM ${name(query.table)} WHERE stream = ${text(query.stream)} ORDER BY time DESC LIMIT ${scans}`
  const nth = `SELECT min(time) FROM (${times})`
  const result = await connection.run(
    selectScans(query.table, stored, `time >= (${nth})`, `ORDER BY time DESC, split DESC, position DESC LIMIT ${scans}`)
  )
  const chunks = await result.fetchAllChunks()
  const filled = chunks.filter((chunk) => chunk.rowCount > 0)
  const blocks = filled.map((chunk) => toBlock(stored, chunk, 0, chunk.rowCount, undefined))
  return blocks.length > 0 ? reversed(stored, blocks, filled.every(isBackFill(stored))) : undefined
}

/** Whether all rows of a chunk were back-filled. */
function isBackFill(stored: StoredStream): (chunk: DuckDBDataChunk) => boolean {
  return (chunk) => {
    for (let row = 0; row < chunk.rowCount; row += 1) if (!isHistorical(stored, chunk, row)) return false
    return true
  }
}

function reversed(stored: StoredStream, blocks: readonly Block[], historical: boolean): Block {
  const length = blocks.reduce((sum, block) => sum + block.length, 0)
  const width = stored.columns.length
  const [newest, oldest] = [blocks[0] as Block, blocks.at(-1) as Block]
  const start = oldest.time.start + BigInt((oldest.time.offsets as Float64Array)[oldest.length - 1] as number)
  const values = new Float64Array(width * length)
  const quality = blocks.some((block) => block.quality) ? new Uint8Array(width * length) : undefined
  const offsets = new Float64Array(length)
  const positions = new Float64Array(length)
  let to = length - 1
  for (const block of blocks) {
    const shift = Number(block.time.start - start)
    for (let i = 0; i < block.length; i += 1, to -= 1) {
      offsets[to] = shift + ((block.time.offsets as Float64Array)[i] as number)
      positions[to] = (block.origin.positions as Float64Array)[i] as number
      for (let c = 0; c < width; c += 1) {
        values[c * length + to] = block.values[c * block.length + i] as number
        if (quality && block.quality) quality[c * length + to] = block.quality[c * block.length + i] as number
      }
    }
  }
  const origin = originAt(newest.origin.split, positions, historical)
  const time = { start, clock: stored.clock, uncertainty: 0, offsets }
  return { stream: stored.stream, length, values, time, quality, gap: undefined, origin }
}
