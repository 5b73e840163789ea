import type { DuckDBAppender, DuckDBDataChunk } from '@duckdb/node-api'
import type { Block } from '@messwerk/core/model'
import { CHUNK_ROWS, ChunkColumn, MarkColumn, TextColumn, type Vector } from './chunk-column.ts'
import { fillDoubles, fillNulls, fillPositions, fillQualities, fillTimes } from './fill-column.ts'
import type { DuckdbLibrary } from './load-duckdb.ts'

/** Which channel fills which column behind the first four; -1 = NULL. @internal */
export interface ColumnPlan {
  readonly values: Int32Array
  readonly qualities: Int32Array
}

/** A column behind the first four (stream, time, split, position). @internal */
export type ColumnKind = 'value' | 'quality' | 'historical'

/** Characters of changed strings after which a chunk is made anew: DuckDB keeps them as long as the chunk. */
const TEXT_LIMIT = 4 << 20

/** Fills one data chunk again and again and appends it. @internal */
export class ChunkWriter {
  readonly #lib: DuckdbLibrary
  readonly #kinds: readonly ColumnKind[]
  #chunk!: DuckDBDataChunk
  #stream!: TextColumn
  #split!: TextColumn
  #time!: ChunkColumn<BigInt64Array>
  #position!: ChunkColumn<BigInt64Array>
  #timeWords!: Int32Array
  #positionWords!: Int32Array
  #columns: (ChunkColumn<Float64Array> | ChunkColumn<Uint8Array> | MarkColumn)[] = []
  #appender: DuckDBAppender | undefined
  #rows = 0

  constructor(lib: DuckdbLibrary, kinds: readonly ColumnKind[]) {
    this.#lib = lib
    this.#kinds = kinds
    this.#renew()
  }

  #renew(): void {
    const { DuckDBDataChunk, VARCHAR, TIMESTAMP_NS, BIGINT, BOOLEAN, DOUBLE, UTINYINT } = this.#lib
    const typeOf = { value: DOUBLE, quality: UTINYINT, historical: BOOLEAN } as const
    const types = this.#kinds.map((kind) => typeOf[kind])
    const chunk = DuckDBDataChunk.create([VARCHAR, TIMESTAMP_NS, VARCHAR, BIGINT, ...types], CHUNK_ROWS)
    const vector = (column: number) => chunk.getColumnVector(column) as Vector
    this.#chunk = chunk
    this.#stream = new TextColumn(vector(0))
    this.#time = new ChunkColumn(vector(1), BigInt64Array, (ns) => new this.#lib.DuckDBTimestampNanosecondsValue(ns))
    this.#split = new TextColumn(vector(2))
    this.#position = new ChunkColumn(vector(3), BigInt64Array, (position) => position)
    this.#timeWords = wordsOf(this.#time.items)
    this.#positionWords = wordsOf(this.#position.items)
    this.#columns = this.#kinds.map((kind, i) => {
      if (kind === 'historical') return new MarkColumn(vector(4 + i))
      if (kind === 'value') return new ChunkColumn(vector(4 + i), Float64Array, (value) => value)
      return new ChunkColumn(vector(4 + i), Uint8Array, (value) => value)
    })
  }

  begin(appender: DuckDBAppender): void {
    if (this.#stream.written + this.#split.written > TEXT_LIMIT) this.#renew()
    this.#appender = appender
    this.#rows = 0
  }

  /** Adds scans `from` to `to` (not included) of a block. */
  add(block: Block, plan: ColumnPlan, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const count = Math.min(to - at, CHUNK_ROWS - this.#rows)
      this.#fill(block, plan, at, count)
      this.#rows += count
      at += count
      if (this.#rows === CHUNK_ROWS) this.end()
    }
  }

  #fill(block: Block, plan: ColumnPlan, from: number, count: number): void {
    const row = this.#rows
    const { length, values, quality } = block
    this.#stream.fill(row, block.stream.id, count)
    this.#split.fill(row, block.origin.split, count)
    fillTimes(this.#timeWords, row, block, from, count)
    fillPositions(this.#positionWords, row, block, from, count)
    for (let c = 0; c < this.#columns.length; c += 1) {
      const column = this.#columns[c] as ChunkColumn<Float64Array> | ChunkColumn<Uint8Array> | MarkColumn
      if (column instanceof MarkColumn) {
        column.fill(row, block.origin.historical === true, count)
        continue
      }
      const channel = (this.#kinds[c] === 'value' ? plan.values[c] : plan.qualities[c]) as number
      if (channel < 0 || (this.#kinds[c] === 'quality' && quality === undefined)) fillNulls(column, row, count)
      else if (this.#kinds[c] === 'value') {
        fillDoubles(column as ChunkColumn<Float64Array>, row, values, channel * length + from, count)
      } else {
        fillQualities(column as ChunkColumn<Uint8Array>, row, quality as Uint8Array, channel * length + from, count)
      }
    }
  }

  /** Appends what is in the chunk. */
  end(): void {
    const rows = this.#rows
    if (rows === 0) return
    this.#stream.flush()
    this.#split.flush()
    this.#time.flush(rows)
    this.#position.flush(rows)
    for (const column of this.#columns) column.flush(rows)
    if (this.#chunk.rowCount !== rows) this.#chunk.rowCount = rows
    this.#rows = 0
    this.#appender?.appendDataChunk(this.#chunk)
  }
}

function wordsOf(items: BigInt64Array): Int32Array {
  return new Int32Array(items.buffer, items.byteOffset, 2 * items.length)
}
