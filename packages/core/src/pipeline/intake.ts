import { Ledger } from '../delivery/ledger.ts'
import { Lanes } from '../kernels/lanes.ts'
import { type Block, blockBytes } from '../model/block.ts'
import type { Batch, Positions, Source, Splits } from '../model/source.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { Committer } from './committer.ts'
import type { Lane, Step, Turn } from './steps.ts'

const YIELD_MS = 5
// the clock is asked only after this much, which takes a small part of YIELD_MS
const LOOK_BYTES = 64 * 1024
const LOOK_BATCHES = 32

/** What an intake needs of its run. @internal */
export interface IntakeHost extends Turn {
  readonly scheduler: Scheduler
  readonly streams: number
  /** Undefined while more may be taken; else resolves when it may. */
  room(): Promise<void> | undefined
  /** Whether the run gave up waiting. */
  readonly isOver: boolean
  /** Whether it takes no more from sources that can deliver again. */
  readonly isStopping: boolean
  took(bytes: number, batch: Batch): void
  gave(bytes: number): void
  evicted(lane: Lane): void
  fail(error: unknown): void
  /** Resolves when no asynchronous operator works on anything. */
  idle(): Promise<void>
  flushOutlets(): void
}

/** Reads one source: pulls batches, runs their turns, keeps their accounts and commits. @internal */
export class Intake {
  readonly source: Source
  readonly committer: Committer
  readonly lanes: Lanes<Lane>
  readonly #host: IntakeHost
  readonly #root: readonly Step[]
  readonly #ledgers = new Map<string, Ledger>()
  #lastSplit: string | undefined
  #lastLedger: Ledger | undefined

  constructor(host: IntakeHost, source: Source, root: readonly Step[]) {
    this.#host = host
    this.source = source
    this.#root = root
    this.committer = new Committer(source, (error) => host.fail(error))
    const lane = (split: string, stream: Block['stream']): Lane => ({
      split,
      stream,
      states: [],
      lastUsed: 0,
      failures: 0
    })
    this.lanes = new Lanes(lane, host.streams, (old) => host.evicted(old))
  }

  /** Reads until the end of data or a stop; flushes kernels at the end of data only. */
  async read(stop: AbortSignal, from: Positions): Promise<void> {
    const { source } = this
    const iterator = source.read({ signal: stop, from, splits: this.#splits() })[Symbol.asyncIterator]()
    const isEnd = await this.#pull(iterator)
    await this.#host.idle()
    if (isEnd && !this.#host.isStopping) this.#flush()
  }

  async #pull(iterator: AsyncIterator<Batch>): Promise<boolean> {
    const host = this.#host
    let yielded = performance.now()
    let bytes = 0
    let batches = 0
    try {
      for (;;) {
        const room = host.room()
        if (room) await room
        if (host.isOver || (host.isStopping && this.source.replay !== 'none')) return false
        const next = await iterator.next()
        if (next.done) return true
        if (host.isOver) return false
        bytes += this.#run(next.value)
        batches += 1
        if (bytes < LOOK_BYTES && batches < LOOK_BATCHES) continue
        bytes = batches = 0
        if (performance.now() - yielded < YIELD_MS) continue
        await host.scheduler.macrotask()
        yielded = performance.now()
      }
    } finally {
      // a source that was left early must let go of its peer; one that ended has nothing to return
      await iterator.return?.()
    }
  }

  /** One turn: a batch goes through all operators, synchronously. Returns its bytes. */
  #run(batch: Batch): number {
    const host = this.#host
    const { split, blocks } = batch
    let bytes = 0
    for (let i = 0; i < blocks.length; i += 1) bytes += blockBytes(blocks[i] as Block)
    const delivery = this.#ledger(split).track(batch.position, bytes)
    host.delivery = delivery
    host.took(bytes, batch)
    for (let i = 0; i < blocks.length; i += 1) {
      const block = blocks[i] as Block
      const lane = this.lanes.get(split, block.stream)
      for (let s = 0; s < this.#root.length; s += 1) (this.#root[s] as Step).push(lane, block)
    }
    host.delivery = undefined
    delivery.release()
    return bytes
  }

  #ledger(split: string): Ledger {
    if (split === this.#lastSplit) return this.#lastLedger as Ledger
    let ledger = this.#ledgers.get(split)
    if (!ledger) {
      const made = new Ledger((bytes, advanced) => {
        this.#host.gave(bytes)
        if (advanced) this.committer.advance(split, made.settledTo as number)
      })
      this.#ledgers.set(split, made)
      ledger = made
    }
    this.#lastSplit = split
    this.#lastLedger = ledger
    return ledger
  }

  #flush(): void {
    for (const lane of this.lanes.all()) for (const step of this.#root) step.flush(lane)
  }

  #splits(): Splits {
    return {
      assigned: async () => undefined,
      revoked: async (split, deadlineMs) => {
        const ledger = this.#ledgers.get(split)
        const end = this.#host.scheduler.elapsed() + deadlineMs
        this.#host.flushOutlets()
        while (ledger && ledger.unsettled > 0 && this.#host.scheduler.elapsed() < end)
          await this.#host.scheduler.macrotask()
        await this.committer.idle()
        this.#forget(split)
      },
      lost: (split) => this.#forget(split)
    }
  }

  #forget(split: string): void {
    this.#ledgers.get(split)?.fence()
    this.#ledgers.delete(split)
    this.committer.forget(split)
    this.lanes.drop(split)
    this.#lastSplit = undefined
  }
}
