// Over 200 lines: the facade over appending, reading and giving back, and what the disk says meanwhile.
import { StorageError } from '../../model/errors.ts'
import type { Batch, Positions } from '../../model/source.ts'
import type { Spool, SpoolMetrics, SpoolReadOptions, SpoolRecord, SpoolState } from '../../model/spool.ts'
import type { SpoolLimits } from '../../model/spool-bounds.ts'
import type { Scheduler } from '../../time/scheduler.ts'
import { systemTime } from '../../time/system-time.ts'
import { storageError } from '../storage-error.ts'
import { Appender } from './appender.ts'
import { mostBytes } from './batch-encoder.ts'
import { CursorFile } from './cursor-file.ts'
import { DurableMark } from './durable-mark.ts'
import { GroupCommit } from './group-commit.ts'
import { LogEnd } from './log-end.ts'
import { LogHoles } from './log-holes.ts'
import type { LogState } from './log-state.ts'
import { type Recovered, recover, type Segment } from './recover.ts'
import { Retention } from './retention.ts'
import { RoomSignal } from './room-signal.ts'
import { SegmentList } from './segment-list.ts'
import type { SegmentWriter } from './segment-writer.ts'
import { nodeFiles, type SpoolFiles } from './spool-files.ts'
import { SpoolLock } from './spool-lock.ts'
import type { Dropped } from './spool-notes.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'
import { type LogFiles, readLog } from './spool-reader.ts'
import { WriteLoop } from './write-loop.ts'

/**
 * A spool in a folder: segments of checksummed records, recovered after a kill at any byte.
 *
 * @throws TypeError, RangeError for options. Rejects with InUseError while another living process writes there, with
 * StorageError when the folder cannot be made or read.
 *
 * @example
 * ```ts
 * import { fileSpool } from '@messwerk/core/node'
 *
 * const spool = await fileSpool({ path: 'spool', bytes: '64MiB' })
 * await spool.append({ split: 's', position: 1, blocks: [] }) // => 1
 * spool.durable // => 1
 * await spool.close()
 * ```
 */
export function fileSpool(options: SpoolOptions): Promise<Spool> {
  const limits = checkedLimits(options, 'fileSpool')
  return openSpool(options, limits)
}

/** @internal */
export async function openSpool(options: SpoolOptions, limits: SpoolLimits): Promise<FileSpool> {
  const { path, files = nodeFiles, scheduler = systemTime } = options
  try {
    await files.makeFolder(path)
    const lock = await SpoolLock.take(files, path)
    try {
      const recovered = await recover(files, path)
      const cursor = await CursorFile.read(files, path)
      return new FileSpool({ path, files, scheduler, limits, lock, recovered, cursor })
    } catch (error) {
      await lock.release()
      throw error
    }
  } catch (error) {
    throw storageError(path, error)
  }
}

interface Parts {
  readonly path: string
  readonly files: SpoolFiles
  readonly scheduler: Scheduler
  readonly limits: SpoolLimits
  readonly lock: SpoolLock
  readonly recovered: Recovered
  readonly cursor: CursorFile
}

/** One writer's log: appends in the background, again and again while the disk may take it. @internal */
export class FileSpool implements Spool, LogFiles {
  readonly id: string
  readonly files: SpoolFiles
  readonly folder: string
  durable: number
  isClosed = false
  readonly #scheduler: Scheduler
  readonly #lock: SpoolLock
  readonly #log: LogState
  readonly #segments: SegmentList
  readonly #end: LogEnd
  readonly #appender: Appender
  readonly #commit: GroupCommit
  readonly #cursor: CursorFile
  readonly #mark: DurableMark
  readonly #holes = new LogHoles()
  readonly #loop: WriteLoop
  readonly #room = new RoomSignal()
  #closing: Promise<void> | undefined
  readonly #listeners = new Set<() => void>()

  constructor({ path, files, scheduler, limits, lock, recovered, cursor }: Parts) {
    const { segments, state, next, lost, dropped } = recovered
    this.id = `spool ${path}`
    this.folder = path
    this.files = files
    this.durable = next - 1
    this.#scheduler = scheduler
    this.#lock = lock
    this.#log = state
    this.#cursor = cursor
    this.#mark = new DurableMark(files, path)
    this.#segments = new SegmentList(files, path, segments, dropped, next)
    this.#end = new LogEnd(files, path, scheduler, segments, state, next)
    const retention = new Retention(limits, scheduler, this.#segments, this.#end)
    this.#appender = new Appender(limits, this.#segments, this.#end, retention)
    this.#commit = new GroupCommit({
      limits,
      scheduler,
      end: this.#end,
      appender: this.#appender,
      durable: () => this.durable,
      sync: (writer) => this.#sync(writer),
      ended: (writer) => this.#ended(writer),
      encoded: () => this.#tellRoom(),
      due: () => this.#kick()
    })
    this.#loop = new WriteLoop({
      folder: path,
      scheduler,
      work: () => this.#commit.work(),
      rewind: () => this.#end.rewind(),
      failed: (error) => this.#appender.rejectAll(error),
      ended: () => {
        this.#tellRoom()
        return this.#appender.canGoOn
      }
    })
    if (lost > 0) this.lostRecords(next - lost, lost)
  }

  get segments(): readonly Segment[] {
    return this.#segments.all
  }

  get dropped(): Dropped | undefined {
    return this.#segments.dropped
  }

  get first(): number {
    return this.segments[0]?.first ?? this.#end.next
  }

  get positions(): Positions {
    return Object.fromEntries(this.#log.positions)
  }

  /** Newest memo of the source, by split. */
  get memos(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#log.memos)
  }

  get cursor(): string | undefined {
    return this.#cursor.text
  }

  /** Splits that were ever appended. */
  get splits(): readonly string[] {
    return this.#log.splits.flatMap((split) => split ?? [])
  }

  /** No position up to this one is given: another log of this name had them, and what it held is missing. */
  goOnAfter(position: number): void {
    if (position <= this.durable || this.#end.writer || this.#appender.waiting > 0) return
    this.#log.missingOfAll('lost')
    this.#end.next = position + 1
    this.durable = position
  }

  /** Whether anything of the stream was appended before. */
  knows(stream: string): boolean {
    return this.#log.scans.has(stream)
  }

  /** When the next scan of a stream is due, ns since the Unix epoch; undefined where it has no period. */
  dueOf(stream: string): bigint | undefined {
    return this.#log.due.get(stream)
  }

  hasSeen(id: number): boolean {
    return this.#log.ids.has(id)
  }

  get state(): SpoolState {
    const error = this.#loop.failure ?? this.#loop.trouble ?? this.#segments.remover.error
    if (error) return { state: 'degraded', why: error.message, error }
    if (this.#isFull) return { state: 'degraded', why: `${this.id} is full and waits for its reader` }
    return { state: 'running' }
  }

  get metrics(): SpoolMetrics {
    const { records, counts } = this.#segments
    const { waiting, appended, retention } = this.#appender
    const held = { records, bytes: retention.bytes, segments: this.segments.length, waiting }
    return Object.assign(held, { appended, lostRecords: this.#holes.records, retried: this.#loop.retried }, counts)
  }

  append(batch: Batch, at = this.#scheduler.now()): Promise<number | undefined> {
    const failed =
      this.#loop.failure ?? (this.isClosed ? new StorageError(this.folder, 'the spool is closed', false) : undefined)
    if (failed) return Promise.reject(failed)
    return new Promise((resolve, reject) => {
      this.#appender.take({ batch, at, bytes: mostBytes(batch), resolve, reject, position: 0 })
      this.#kick()
    })
  }

  room(): Promise<void> | undefined {
    if (this.#hasRoom) return undefined
    return this.#room.wait()
  }

  async flush(): Promise<void> {
    do await this.#syncNow()
    while (!this.#loop.failure && (this.#appender.hasUnsynced || this.#appender.canGoOn))
    if (this.#loop.failure) throw this.#loop.failure
  }

  read(options: SpoolReadOptions = {}): AsyncIterable<SpoolRecord> {
    return readLog(this, options)
  }

  /** Resolves when more than `at` is durable, or the spool is closed. */
  grown(at: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        if (this.durable <= at && !this.isClosed && !signal?.aborted) return
        this.#listeners.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.#listeners.add(done)
      signal?.addEventListener('abort', done)
      done()
    })
  }

  lostRecords(from: number, count: number): void {
    this.#holes.found(from, count)
  }

  async release(to: number): Promise<void> {
    this.#segments.release(Math.min(to, this.durable))
    if (this.#isFull) this.#kick()
    await this.#segments.remover.run()
  }

  async saveCursor(text: string): Promise<void> {
    if (this.isClosed) throw new StorageError(this.folder, 'the spool is closed', false)
    await this.#cursor.save(text).catch((error: unknown) => {
      throw storageError(this.folder, error)
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.isClosed = true
    await this.#loop.stop()
    await this.#syncNow()
    this.#commit.cancel()
    const { failure, trouble } = this.#loop
    const error = failure ?? trouble ?? new StorageError(this.folder, 'closed before it was durable', true)
    this.#appender.rejectAll(error)
    this.#tell()
    this.#tellRoom()
    await this.#segments.remover.run()
    await this.#end.close()
    await this.#cursor.close()
    await this.#mark.close()
    await this.#lock.release().catch(() => {})
  }

  get #isFull(): boolean {
    return this.#appender.retention.isFull
  }

  get #hasRoom(): boolean {
    return !this.#loop.trouble && this.#appender.wantsMore
  }

  async #syncNow(): Promise<void> {
    this.#commit.mustSync = true
    this.#kick()
    await this.#loop.idle()
  }

  #kick(): void {
    this.#commit.wake()
    this.#loop.kick()
  }

  /** Also when there will be none any more: who waits finds out what is wrong with the next append. */
  #tellRoom(): void {
    if (this.#loop.failure || this.isClosed || this.#hasRoom) this.#room.tell()
  }

  async #sync(writer: SegmentWriter): Promise<void> {
    await this.#lock.check()
    const last = Math.max(await writer.sync(), this.durable)
    writer.segment.size = writer.synced
    writer.segment.last = Math.max(writer.segment.last, last)
    this.durable = last
    await this.#mark.set(last)
    this.#appender.settle(last)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  /** All of a segment is on disk. */
  async #ended(writer: SegmentWriter): Promise<void> {
    await writer.close()
    writer.segment.isClosed = true
    this.#end.previous = undefined
    const segments = this.#segments
    const isRead = writer.segment.last <= segments.released
    if (isRead && this.#isFull && segments.all.length === 1 && !this.#end.writer) this.#end.begin()
    segments.release(segments.released)
  }
}
