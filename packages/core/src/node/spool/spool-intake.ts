import type { Block } from '../../model/block.ts'
import { withGap } from '../../model/block.ts'
import type { Gap } from '../../model/gap.ts'
import { scansBetween } from '../../model/scans-between.ts'
import type { Batch, ReadOptions, Source, Splits } from '../../model/source.ts'
import { type Scheduler, sleep } from '../../time/scheduler.ts'
import type { FileSpool } from './file-spool.ts'
import { SourceCommits } from './source-commits.ts'

/**
 * Reads a source into a spool: what is on disk is committed to the source, in order; what was delivered before is not
 * stored again.
 *
 * @internal
 */
export class SpoolIntake {
  readonly #source: Source
  readonly #spool: FileSpool
  readonly #outer: ReadOptions
  readonly #scheduler: Scheduler
  readonly #commits: SourceCommits
  readonly #seenStreams = new Set<string>()
  readonly #waitingIds = new Set<number>()
  /** Aborts with the signal that it was given, or when nothing more can be stored or committed. */
  readonly #stop = new AbortController()
  #stored: Promise<void> = Promise.resolve()
  #failure: { readonly cause: unknown } | undefined

  constructor(source: Source, spool: FileSpool, outer: ReadOptions, scheduler: Scheduler) {
    this.#source = source
    this.#spool = spool
    this.#outer = outer
    this.#scheduler = scheduler
    const failed = (cause: unknown): void => this.#fail(cause)
    this.#commits = new SourceCommits({ source, scheduler, signal: this.#stop.signal, failed })
  }

  /**
   * Resolves at the end of the data or after the signal, when all of it that the disk takes is there and committed. After
   * the signal it waits for no disk: what is not durable is not committed, and the spool is closed.
   */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    try {
      await this.#readAll()
    } finally {
      await this.#settle()
      signal.removeEventListener('abort', onAbort)
    }
    if (this.#failure) throw this.#failure.cause
  }

  async #readAll(): Promise<void> {
    const { signal } = this.#stop
    const { report } = this.#outer
    const hurry = (): void => void this.#spool.flush().catch(() => {})
    const { positions: from, memos } = this.#spool
    const options = { signal, from, memos, splits: this.#splits(), report, hurry }
    for await (const batch of this.#source.read(options)) {
      this.#take(batch)
      await this.#room()
      if (this.#failure) return
    }
  }

  #take(batch: Batch): void {
    const { split, position, ids, redelivered } = batch
    if (redelivered !== false && ids && ids.length > 0 && this.#isKnown(ids)) {
      this.#stored = this.#stored.then(() => this.#commit(split, position))
      return
    }
    for (let i = 0; ids && i < ids.length; i += 1) this.#waitingIds.add(ids[i] as number)
    const durable = this.#spool.append(this.#resumed(batch))
    durable.catch((cause: unknown) => this.#fail(cause))
    this.#stored = this.#stored
      .then(() => durable)
      .then(
        () => {
          for (let i = 0; ids && i < ids.length; i += 1) this.#waitingIds.delete(ids[i] as number)
          this.#commit(split, position)
        },
        () => {}
      )
  }

  /** Nothing behind what could not be stored is committed. */
  #commit(split: string, position: number): void {
    if (!this.#failure) this.#commits.advance(split, position)
  }

  #fail(cause: unknown): void {
    this.#failure ??= { cause }
    this.#stop.abort(cause)
  }

  #isKnown(ids: ArrayLike<number>): boolean {
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids[i] as number
      if (!this.#waitingIds.has(id) && !this.#spool.hasSeen(id)) return false
    }
    return true
  }

  /** A source that cannot be read again has lost what came while nobody read it. */
  #resumed(batch: Batch): Batch {
    if (this.#source.replay !== 'none' || batch.blocks.every(({ stream }) => this.#seenStreams.has(stream.id)))
      return batch
    const blocks = batch.blocks.map((block): Block => {
      const { id } = block.stream
      if (this.#seenStreams.has(id)) return block
      this.#seenStreams.add(id)
      return this.#spool.knows(id) ? withGap(block, this.#missed(block)) : block
    })
    return Object.assign({}, batch, { blocks })
  }

  /**
   * What is missing since the last block in the log: by the source, where it says for itself what it missed; else by the time,
   * or what the source says, unless that is less.
   */
  #missed(block: Block): Gap | undefined {
    const said = block.gap
    if (said?.cause === 'reconnect' && said.scans !== 'unknown') return said
    const due = this.#spool.dueOf(block.stream.id)
    const scans = due === undefined ? 'unknown' : scansBetween(due, block)
    if (scans === 'unknown') return said ?? { scans, cause: 'reconnect' }
    if (scans === 0 || (said && said.scans !== 'unknown' && said.scans >= scans)) return said
    return { scans, cause: 'reconnect' }
  }

  async #room(): Promise<void> {
    const { signal } = this.#stop
    const room = this.#spool.room()
    if (!room || signal.aborted) return
    const { report } = this.#outer
    const { why } = this.#spool.state
    if (why !== undefined) report?.({ state: 'degraded', why })
    await unlessAborted(room, signal)
    if (why !== undefined && !signal.aborted) report?.({ state: 'running' })
  }

  /** Waits for the disk until the signal aborts; then closes the log, which keeps what can be kept at once. */
  async #settle(): Promise<void> {
    const { signal } = this.#stop
    await unlessAborted(this.#flushed(), signal)
    if (signal.aborted) await this.#spool.close()
    await this.#stored
    await this.#commits.idle()
  }

  async #flushed(): Promise<void> {
    await this.#spool.flush().catch((cause: unknown) => this.#fail(cause))
    await this.#stored
  }

  #splits(): Splits {
    const { splits } = this.#outer
    return {
      assigned: async (split) => {
        this.#commits.assigned(split)
        await splits.assigned(split)
        return this.#spool.positions[split]
      },
      // What is in the log stays ours; the source only has to know what of it is.
      revoked: async (split, deadlineMs) => {
        const over = new AbortController()
        const settled = this.#flushed().then(() => this.#commits.idle())
        await Promise.race([settled, sleep(deadlineMs, this.#scheduler, over.signal)])
        over.abort()
        this.#commits.lost(split)
      },
      lost: (split) => this.#commits.lost(split)
    }
  }
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let onAbort = (): void => {}
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve
    signal.addEventListener('abort', onAbort)
  })
  await Promise.race([work, aborted])
  signal.removeEventListener('abort', onAbort)
}
