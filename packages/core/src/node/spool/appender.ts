import { PipelineError } from '../../model/errors.ts'
import type { SpoolLimits } from '../../model/spool-bounds.ts'
import type { ChunkBuffer } from './chunk-buffer.ts'
import type { LogEnd } from './log-end.ts'
import { LONGEST_RECORD } from './record.ts'
import type { Retention } from './retention.ts'
import type { SegmentList } from './segment-list.ts'
import { CHUNK_BYTES } from './segment-writer.ts'
import { SpoolQueue, type Waiting } from './spool-queue.ts'

/** Waiting in memory and above: no more is wanted. Unit: bytes. */
const MOST_WAITING = 8 << 20
/** Unsynced and above: nothing more is encoded. Unit: bytes. */
export const MOST_UNSYNCED = 64 << 20

/** What was appended, from the call until it is durable: puts it into chunks, as far as there is room. @internal */
export class Appender {
  readonly queue = new SpoolQueue()
  readonly retention: Retention
  appended = 0
  readonly #limits: SpoolLimits
  readonly #segments: SegmentList
  readonly #end: LogEnd
  /** In the log, in order, and not durable. */
  #unsynced: Waiting[] = []

  constructor(limits: SpoolLimits, segments: SegmentList, end: LogEnd, retention: Retention) {
    this.#limits = limits
    this.#segments = segments
    this.#end = end
    this.retention = retention
  }

  get waiting(): number {
    return this.queue.length + this.#unsynced.length
  }

  get hasUnsynced(): boolean {
    return this.#unsynced.length > 0
  }

  /** Whether something waits that is not held up by a full log. */
  get canGoOn(): boolean {
    return this.queue.length > 0 && !this.retention.isFull
  }

  get wantsMore(): boolean {
    return !this.retention.isFull && this.queue.bytes < MOST_WAITING
  }

  /** Takes a batch. @throws PipelineError for one that no record holds */
  take(item: Waiting): void {
    if (item.bytes > LONGEST_RECORD) {
      throw new PipelineError('spool', `a batch of ${item.bytes} bytes is too large, ${LONGEST_RECORD} at most`)
    }
    this.queue.push(item)
  }

  /** Fills a chunk with what waits; false when nothing can be written now. */
  encode(durable: number): boolean {
    const end = this.#end
    this.retention.dropAged()
    if (this.queue.length === 0 || (end.writer && end.writer.unsynced >= MOST_UNSYNCED)) return false
    let chunk: ChunkBuffer | undefined
    for (let item = this.queue.first; item; item = this.queue.first) {
      const inChunk = chunk?.at ?? 0
      if (inChunk >= CHUNK_BYTES) break
      if (!this.retention.fits(item.bytes, inChunk, durable)) {
        if (this.#limits.onFull !== 'dropNewest' || end.mustRoll) break
        chunk = this.#dropNewest(chunk)
        continue
      }
      this.retention.isFull = false
      const writer = end.writer ?? end.begin()
      chunk ??= writer.chunk()
      this.queue.shift()
      item.position = end.next
      this.#unsynced.push(item) // before it is encoded: should that throw, it is among those that failed
      end.put(writer, chunk, item, durable)
      if (writer.planned + chunk.at < this.#limits.segment) continue
      end.mustRoll = true
      break
    }
    if (chunk) end.writer?.add(chunk)
    return chunk !== undefined
  }

  #dropNewest(chunk: ChunkBuffer | undefined): ChunkBuffer | undefined {
    const { batch, resolve } = this.queue.shift() as Waiting
    const { counts } = this.#segments
    const { state } = this.#end
    for (const { stream, length, gap } of batch.blocks) {
      if (gap) state.missing(stream.id, gap)
      state.missing(stream.id, { scans: length, cause: 'shed' })
      counts.droppedScans += length
    }
    counts.droppedRecords += 1
    resolve(undefined)
    if (state.isDropping) return chunk
    state.isDropping = true // and said so at once: how many is known only when something gets in again
    const writer = this.#end.writer ?? this.#end.begin()
    const noted = chunk ?? writer.chunk()
    this.#end.putNote(writer, noted, { dropping: true })
    return noted
  }

  /** Everything up to here is durable. */
  settle(to: number): void {
    let count = 0
    for (; count < this.#unsynced.length; count += 1) {
      const item = this.#unsynced[count] as Waiting
      if (item.position > to) break
      this.appended += 1
      item.resolve(item.position)
    }
    this.#unsynced = this.#unsynced.slice(count)
  }

  /** None of what waits becomes durable. */
  rejectAll(error: Error): void {
    for (const item of this.#unsynced) item.reject(error)
    this.#unsynced = []
    for (let item = this.queue.shift(); item; item = this.queue.shift()) item.reject(error)
  }
}
