import { join } from 'node:path'
import type { GapCause } from '../../model/gap.ts'
import type { SpoolReadOptions, SpoolRecord } from '../../model/spool.ts'
import { storageError } from '../storage-error.ts'
import { isDefined, readBatch, skipBatch } from './batch-decoder.ts'
import { LogState } from './log-state.ts'
import { KIND } from './record.ts'
import { noteAt, type Segment } from './recover.ts'
import { SegmentCursor } from './segment-cursor.ts'
import { segmentName } from './segment-name.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'
import type { Dropped } from './spool-notes.ts'

/** What a reader sees of a spool. @internal */
export interface LogFiles {
  readonly folder: string
  readonly files: SpoolFiles
  readonly segments: readonly Segment[]
  readonly dropped: Dropped | undefined
  readonly durable: number
  readonly isClosed: boolean
  grown(at: number, signal: AbortSignal | undefined): Promise<void>
  /** Batches that are gone from a position on. */
  lostRecords(from: number, count: number): void
}

/** What is durable, in order, from a position on. @internal */
export async function* readLog(
  log: LogFiles,
  { from, follow = true, signal }: SpoolReadOptions
): AsyncGenerator<SpoolRecord, void, void> {
  const reader = new LogReader(log, from)
  try {
    while (!signal?.aborted) {
      const { durable, isClosed } = log
      const record = reader.step() ?? (await reader.load())
      if (record) yield record
      else if (!follow || isClosed) return
      else await log.grown(durable, signal)
    }
  } catch (error) {
    throw storageError(log.folder, error)
  } finally {
    await reader.close()
  }
}

class LogReader {
  /** Position of the last record that was read, or that is known to be gone. */
  at: number
  readonly #log: LogFiles
  readonly #state = new LogState()
  readonly #after: number
  #segment: Segment | undefined
  #file: SpoolFile | undefined
  #cursor: SegmentCursor | undefined
  #cause: GapCause = 'lost'
  #missing = 0
  #seen = 0

  constructor(log: LogFiles, from: number | undefined) {
    this.#log = log
    const { dropped } = log
    const first = log.segments[0]?.first ?? log.durable + 1
    this.#after = from ?? (dropped ? dropped.from : first) - 1
    this.at = this.#after
    this.#seen = Math.max(0, first - 1)
    if (this.#after + 1 >= first) return
    // What stood between is gone: dropped by the policy, and how much of it is known when all of it is missing here.
    this.#cause = 'shed'
    this.#missing = first - 1 - this.#after
    this.at = first - 1
  }

  /** The next record of what was read of the file; undefined when there is none. */
  step(): SpoolRecord | undefined {
    const cursor = this.#cursor
    const segment = this.#segment
    if (!cursor || !segment) return undefined
    while (cursor.step(segment.size)) {
      const record = this.#record(cursor)
      if (record) return record
    }
    return undefined
  }

  async load(): Promise<SpoolRecord | undefined> {
    for (;;) {
      const { segments } = this.#log
      const segment = this.#segment
      if (!segment || !segments.includes(segment) || this.#isAtEnd(segment)) {
        if (!(await this.#next())) return undefined
        continue
      }
      const cursor = this.#cursor as SegmentCursor
      if (!(await cursor.load(segment.size))) {
        if (segment.isClosed && cursor.offset >= segment.size) continue
        return undefined
      }
      const record = this.#record(cursor) ?? this.step()
      if (record) return record
    }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    this.#cursor = undefined
    await file?.close()
  }

  #isAtEnd({ isClosed, size }: Segment): boolean {
    return isClosed && this.#cursor !== undefined && this.#cursor.offset >= size
  }

  /** Goes to the next segment; false when there is none. */
  async #next(): Promise<boolean> {
    const { segments, files, folder } = this.#log
    const before = this.#segment
    // The table of the segment before tells what was known there: reading begins with the segment of the position.
    const next = before
      ? segments.find(({ first }) => first > before.first)
      : (segments.findLast(({ first }) => first <= this.at + 1) ?? segments[0])
    if (!next || (next.size === 0 && !next.isClosed)) return false // not on disk yet
    if (before) this.#endOf(before, next)
    await this.close()
    const file = await files.open(join(folder, segmentName(next.first)), 'read').catch((error: unknown) => {
      if (segments.includes(next)) throw error
    })
    if (!file) return this.#next() // it was removed meanwhile
    this.#segment = next
    this.#file = file
    this.#cursor = new SegmentCursor(file, next.first)
    if (!before) this.#begin(next)
    return true
  }

  /** What is known of the streams before the first segment that is read. */
  #begin({ base }: Segment): void {
    const { dropped } = this.#log
    const isExact = dropped !== undefined && !dropped.isUnknown && this.#after + 1 <= dropped.from
    for (const [id, scans] of base ?? []) {
      if (this.#missing === 0) this.#state.scans.set(id, scans)
      else if (isExact) this.#state.scans.set(id, scans - (dropped.scans[id] ?? 0))
      else this.#state.scans.set(id, Number.NaN) // how much is missing is not known
    }
  }

  #endOf(before: Segment, { first }: Segment): void {
    if (this.#log.segments.includes(before)) return this.#expect(first - 1, 'lost')
    this.#expect(first - 1, 'shed')
  }

  /** Everything up to here was seen or is gone. */
  #expect(position: number, cause: GapCause): void {
    const gone = position - Math.max(this.#seen, this.at)
    this.#seen = Math.max(this.#seen, position)
    if (gone <= 0) return
    this.#cause = cause
    this.#missing += gone
    this.at = Math.max(this.at, position)
    if (cause === 'lost') this.#log.lostRecords(position - gone + 1, gone)
  }

  #record(cursor: SegmentCursor): SpoolRecord | undefined {
    const { kind, position, bytes, view, payload, arrival } = cursor
    if (kind === KIND.note) {
      this.#state.apply(noteAt(cursor), true)
      return undefined
    }
    if (kind !== KIND.batch) return undefined
    if (position <= this.#seen || position > (this.#segment as Segment).last) return undefined // of a fenced writer
    if (!isDefined(view, payload, this.#state)) return undefined // is missing as if it were damaged itself
    if (position <= this.#after) {
      this.#seen = position
      skipBatch(view, payload, this.#state)
      return undefined
    }
    this.#expect(position - 1, 'lost')
    const batch = readBatch(bytes, view, payload, this.#state, this.#cause)
    this.#seen = position
    this.at = position
    const missing = this.#missing
    this.#missing = 0
    return missing > 0 ? { position, at: arrival, batch, missing } : { position, at: arrival, batch }
  }
}
