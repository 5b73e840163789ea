import type { Batch } from '../../model/source.ts'
import type { Scheduler } from '../../time/scheduler.ts'
import { putBatch } from './batch-encoder.ts'
import type { ChunkBuffer } from './chunk-buffer.ts'
import type { LogState, Note } from './log-state.ts'
import { KIND, RECORD_HEADER, sealRecord } from './record.ts'
import type { Segment } from './recover.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { SpoolFiles } from './spool-files.ts'
import type { Waiting } from './spool-queue.ts'

const text = new TextEncoder()

/** Where records are put: the segment that is written, and the one before it until all of that is on disk. @internal */
export class LogEnd {
  /** Position of the next batch. */
  next: number
  readonly state: LogState
  writer: SegmentWriter | undefined
  /** Nothing of the segment behind it is written before it is ended. */
  previous: SegmentWriter | undefined
  mustRoll = false
  /** Of the table of the segment that was begun last, and when that was. */
  tableBytes = 0
  begunAt = 0
  readonly #files: SpoolFiles
  readonly #folder: string
  readonly #scheduler: Scheduler
  readonly #segments: Segment[]

  constructor(
    files: SpoolFiles,
    folder: string,
    scheduler: Scheduler,
    segments: Segment[],
    state: LogState,
    next: number
  ) {
    this.#files = files
    this.#folder = folder
    this.#scheduler = scheduler
    this.#segments = segments
    this.state = state
    this.next = next
  }

  /** Whether the segment that is written has batches. */
  get hasData(): boolean {
    return this.writer !== undefined && this.next > this.writer.segment.first
  }

  /** Bytes that are not among the sizes of the segments yet. */
  get bytes(): number {
    let bytes = 0
    for (const writer of [this.previous, this.writer]) if (writer) bytes += writer.planned - writer.segment.size
    return bytes
  }

  /** A new segment, its table first. */
  begin(): SegmentWriter {
    this.begunAt = this.#scheduler.now()
    const segment: Segment = {
      first: this.next,
      last: this.next - 1,
      size: 0,
      lastAt: this.begunAt,
      isClosed: false,
      base: new Map(this.state.scans)
    }
    const writer = new SegmentWriter(this.#files, this.#folder, segment)
    this.writer = writer
    this.#segments.push(segment)
    const chunk = writer.chunk()
    this.putNote(writer, chunk, this.state.table())
    this.tableBytes = chunk.at
    writer.add(chunk)
    return writer
  }

  /** Ends the segment that is written; the next one begins with the next batch. */
  roll(): void {
    this.mustRoll = false
    this.previous = this.writer
    this.writer = undefined
    this.state.others = undefined
  }

  /** Everything that is not synced is to be written again. */
  async rewind(): Promise<void> {
    await this.previous?.rewind()
    await this.writer?.rewind()
  }

  async close(): Promise<void> {
    await this.previous?.close().catch(() => {})
    await this.writer?.close().catch(() => {})
  }

  /** Puts a batch behind what is there; `durable`: the last position that is synced by now. */
  put(writer: SegmentWriter, chunk: ChunkBuffer, item: Waiting, durable: number): void {
    const { state } = this
    this.#define(writer, chunk, item.batch)
    if (state.isDropping) {
      state.isDropping = false
      this.putNote(writer, chunk, state.pendingNote())
    }
    const start = chunk.at
    chunk.reserve(RECORD_HEADER)
    chunk.at += RECORD_HEADER
    putBatch(chunk, item.batch, state, item.position - 1 - durable)
    chunk.last = item.position
    this.next = item.position + 1
    this.#seal(writer, chunk, start, KIND.batch, item.position, item.at)
    writer.segment.lastAt = item.at
  }

  putNote(writer: SegmentWriter, chunk: ChunkBuffer, note: Note): void {
    const bytes = text.encode(JSON.stringify(note))
    const start = chunk.at
    chunk.reserve(RECORD_HEADER + bytes.length + 8)
    chunk.bytes.set(bytes, start + RECORD_HEADER)
    chunk.at += RECORD_HEADER + bytes.length
    this.#seal(writer, chunk, start, KIND.note, this.next - 1, this.#scheduler.now())
  }

  #define(writer: SegmentWriter, chunk: ChunkBuffer, { split, blocks }: Batch): void {
    const { state } = this
    for (const name of blocks.map(({ origin }) => origin.split).concat(split)) {
      if (state.splitNumber(name) !== undefined) continue
      this.putNote(writer, chunk, { splits: [[state.defineSplit(name), name, null]] })
    }
    for (const { stream } of blocks) {
      if (state.streamNumber(stream) !== undefined) continue
      this.putNote(writer, chunk, state.noteOf(stream, state.defineStream(stream)))
    }
  }

  #seal(writer: SegmentWriter, chunk: ChunkBuffer, start: number, kind: number, position: number, at: number): void {
    chunk.reserve(8)
    const end = chunk.at
    chunk.align(8)
    const record = { kind, zeros: chunk.at - end, position, at }
    sealRecord(chunk.i32, chunk.view, start, chunk.at, record, writer.salt)
  }
}
