import type { Backoff } from '../delivery/retry-policy.ts'
import { SeenIds } from '../delivery/seen-ids.ts'
import { Lanes } from '../kernels/lanes.ts'
import { type Block, blockBytes, withGap } from '../model/block.ts'
import type { SplitState } from '../model/checkpoint.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch, Positions, ReadOptions, Source, Splits } from '../model/source.ts'
import { sleep } from '../time/scheduler.ts'
import { Committer } from './committer.ts'
import type { IntakeHost } from './intake-host.ts'
import { SourceCounts } from './source-counts.ts'
import { SplitAccount } from './split-account.ts'
import type { SourceMetrics } from './status.ts'
import type { Lane, StatefulStep, Step } from './steps.ts'

const YIELD_MS = 5
// the clock is asked only after this much, which takes a small part of YIELD_MS
const LOOK_BYTES = 64 * 1024
const LOOK_BATCHES = 32

/** Reads one source: pulls batches, runs their turns, keeps their accounts, and reads it again when it fails. @internal */
export class Intake {
  readonly source: Source
  readonly committer: Committer
  readonly lanes: Lanes<Lane>
  readonly #accounts = new Map<string, SplitAccount>()
  readonly #host: IntakeHost
  readonly #root: readonly Step[]
  readonly #counts = new SourceCounts()
  /** Lanes whose next block comes after a hole that nobody else declares. */
  readonly #torn = new Set<Lane>()
  #isRunning = false
  #reports = false
  #failingSince: number | undefined
  #last: SplitAccount | undefined

  constructor(host: IntakeHost, source: Source, root: readonly Step[]) {
    this.#host = host
    this.source = source
    this.#root = root
    this.committer = new Committer(source, host)
    this.lanes = new Lanes<Lane>(newLane, host.streams, (old) => {
      this.#torn.delete(old)
      host.evicted(old)
    })
    host.component(source.id, 'source', 'connecting')
  }

  get metrics(): SourceMetrics {
    return this.#counts.metrics(this.#accounts.values(), this.#host.scheduler.elapsed(), this.committer.commits)
  }

  /** Reads until the end of data or a stop; flushes kernels at the end of data only. */
  async read(stop: AbortSignal): Promise<void> {
    const host = this.#host
    const backoff = host.retry.backoff()
    for (;;) {
      try {
        const isEnd = await this.#pull(stop, backoff)
        await host.idle()
        if (isEnd && !host.isStopping) await this.#flush()
        return host.component(this.source.id, 'source', 'stopped')
      } catch (error) {
        if (!this.#mayGoOn(error)) throw error
        if (host.isStopping) return host.warn(`${this.source.id} failed while stopping: ${error.message}`, error)
        await this.#rest(error, backoff.next(), stop)
        if (stop.aborted) return
      }
    }
  }

  /** What a checkpoint holds of this source, by split. */
  *capture(steps: readonly StatefulStep[]): Generator<[SplitAccount, SplitState]> {
    for (const account of this.#accounts.values()) {
      const { split, pushed, seen } = account
      if (pushed === undefined) continue
      const lanes = Array.from(this.lanes.of(split), (lane) => ({
        stream: lane.stream,
        sequence: lane.sequence,
        steps: steps.flatMap((step) => step.capture(lane) ?? [])
      }))
      yield [account, { source: this.source.id, split, at: pushed, seen: seen?.snapshot(), lanes }]
    }
  }

  /** Goes on where a checkpoint was taken. */
  restore({ split, at, seen, lanes }: SplitState, steps: ReadonlyMap<string, StatefulStep>): void {
    const account = this.#account(split)
    account.pushed = at
    account.saved = -1 // whether it was committed is not known: the next checkpoint commits it
    if (seen) {
      account.seen = new SeenIds()
      account.seen.restore(seen)
    }
    for (const { stream, sequence, steps: states } of lanes) {
      const lane = this.lanes.get(split, stream)
      lane.sequence = sequence
      for (const state of states) steps.get(state.step)?.restore(lane, state)
    }
    if (this.source.replay === 'none') this.#tear()
  }

  #mayGoOn(error: unknown): error is Error {
    const { retry, scheduler } = this.#host
    if (retry.classify(error) !== 'retry') return false
    this.#failingSince ??= scheduler.elapsed()
    return retry.giveUpMs === undefined || scheduler.elapsed() - this.#failingSince < retry.giveUpMs
  }

  /** Waits until the source may be read again. */
  async #rest(error: Error, waitMs: number, stop: AbortSignal): Promise<void> {
    const host = this.#host
    this.#counts.retries += 1
    this.#isRunning = this.#reports = false
    const why = `${error.message}; next try in ${(waitMs / 1000).toFixed(1)} s`
    host.component(this.source.id, 'source', 'degraded', why)
    if (this.source.replay === 'none') this.#tear()
    await sleep(waitMs, host.scheduler, stop)
  }

  /** What a source that cannot replay sent meanwhile is gone: the next block of every stream declares it. */
  #tear(): void {
    for (const lane of this.lanes.all()) this.#torn.add(lane)
  }

  async #pull(stop: AbortSignal, backoff: Backoff): Promise<boolean> {
    const host = this.#host
    const iterator = this.source.read(this.#readOptions(stop))[Symbol.asyncIterator]()
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
        while (host.held) await host.held
        if (host.isOver) return false
        if (!this.#isRunning) this.#flows(backoff)
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

  #readOptions(signal: AbortSignal): ReadOptions {
    const host = this.#host
    const from: Record<string, number> = {}
    for (const { split, pushed } of this.#accounts.values()) if (pushed !== undefined) from[split] = pushed
    return {
      signal,
      from: from satisfies Positions,
      splits: this.#splits(),
      hurry: () => host.hurry(),
      report: ({ state, why }) => {
        this.#reports = true
        host.component(this.source.id, 'source', state, why)
      }
    }
  }

  #flows(backoff: Backoff): void {
    backoff.reset()
    this.#failingSince = undefined
    this.#isRunning = true
    if (!this.#reports) this.#host.component(this.source.id, 'source', 'running')
  }

  /** One turn: a batch goes through all operators, synchronously. Returns its bytes. */
  #run(batch: Batch): number {
    const host = this.#host
    const { split, blocks } = batch
    const account = this.#account(split)
    if (this.source.replay !== 'none') account.check(batch, this.source.id, host.id)
    const bytes = bytesOf(batch)
    const delivery = account.track(batch, bytes, host.scheduler.elapsed())
    host.delivery = delivery
    host.took(bytes)
    const isKnown = batch.ids !== undefined && account.isKnown(batch)
    this.#counts.took(bytes, batch, isKnown)
    if (!isKnown) {
      host.entered(batch, this.source)
      for (let i = 0; i < blocks.length; i += 1) this.#push(batch, i)
    }
    host.delivery = undefined
    delivery.release()
    return bytes
  }

  #push({ split, blocks, sequences, redelivered }: Batch, at: number): void {
    const block = blocks[at] as Block
    const lane = this.lanes.get(split, block.stream)
    if (lane.isNew) this.#meet(lane, block)
    let whole = this.#torn.size > 0 && this.#torn.delete(lane) ? declared(block, UNKNOWN) : block
    if (sequences) whole = inSequence(lane, whole, sequences, at, redelivered === true)
    if (whole !== block) this.#declare(whole)
    for (let s = 0; s < this.#root.length; s += 1) (this.#root[s] as Step).push(lane, whole)
  }

  /** A hole that the source could not know of. */
  #declare({ stream, gap }: Block): void {
    if (gap === undefined) return
    this.#counts.gap(gap)
    this.#host.declared(stream.id, gap)
  }

  #meet(lane: Lane, { time }: Block): void {
    lane.isNew = false
    if (time.clock === 'arrival' && this.source.replay === 'session') this.#host.repeatsRows(this.source)
  }

  #account(split: string): SplitAccount {
    if (split === this.#last?.split) return this.#last
    let account = this.#accounts.get(split)
    if (!account) {
      const made = new SplitAccount(split, (bytes, advanced) => this.#settled(made, bytes, advanced))
      this.#accounts.set(split, made)
      account = made
    }
    this.#last = account
    return account
  }

  #settled(account: SplitAccount, bytes: number, advanced: boolean): void {
    const { split, ledger } = account
    this.#counts.unsettledBytes -= bytes
    this.#host.gave(bytes)
    if (!advanced) return
    if (this.#host.commitsOnSettle) {
      account.saved = ledger.settled
      this.committer.advance(split, ledger.settledTo as number)
    }
    this.#host.advanced()
  }

  /** The last turn of every split, with an account of its own: no checkpoint may have flushed kernels before its rows are durable. */
  async #flush(): Promise<void> {
    const host = this.#host
    for (const { split, pushed, ledger } of this.#accounts.values()) {
      if (pushed === undefined) continue
      const delivery = ledger.track(pushed, 0, host.scheduler.elapsed())
      host.delivery = delivery
      for (const lane of this.lanes.of(split)) for (const step of this.#root) step.flush(lane)
      host.delivery = undefined
      delivery.release()
    }
    await host.idle() // what windows gave to asynchronous operators
  }

  #splits(): Splits {
    return {
      assigned: async (split) => this.#accounts.get(split)?.pushed,
      revoked: async (split, deadlineMs) => {
        await this.#handOver(split, deadlineMs)
        this.#forget(split)
      },
      lost: (split) => this.#forget(split)
    }
  }

  /** Makes what was taken of a split durable and commits it, as far as the deadline allows. */
  async #handOver(split: string, deadlineMs: number): Promise<void> {
    const host = this.#host
    const ledger = this.#accounts.get(split)?.ledger
    if (!ledger) return
    host.flushOutlets()
    const done = (async () => {
      await host.settles(ledger, ledger.tracked)
      if (!host.commitsOnSettle) await host.checkpoint()
      await this.committer.idle()
    })()
    await Promise.race([done, sleep(deadlineMs, host.scheduler)])
  }

  #forget(split: string): void {
    this.#accounts.get(split)?.ledger.fence()
    this.#accounts.delete(split)
    this.committer.forget(split)
    this.lanes.drop(split)
    this.#last = undefined
    this.#host.advanced()
  }
}

function newLane(split: string, stream: Block['stream']): Lane {
  return { split, stream, states: [], lastUsed: 0, failures: [], sequence: undefined, isNew: true }
}

function bytesOf({ blocks, rejected }: Batch): number {
  let bytes = 0
  for (let i = 0; i < blocks.length; i += 1) bytes += blockBytes(blocks[i] as Block)
  if (rejected) for (const { payload } of rejected) bytes += payload.byteLength
  return bytes
}

const UNKNOWN: Gap = { scans: 'unknown', cause: 'reconnect' }

/** The source may know of the same hole: then it counts better. */
function declared(block: Block, gap: Gap): Block {
  return block.gap ? block : withGap(block, gap)
}

/** Declares what the sequence numbers skip since the stream's last block, also when that was before a restart. */
function inSequence(lane: Lane, block: Block, sequences: Float64Array, at: number, mayRepeat: boolean): Block {
  const first = sequences[2 * at] as number
  const last = sequences[2 * at + 1] as number
  const before = lane.sequence
  if (Number.isNaN(first)) return block
  if (!(mayRepeat && before !== undefined && last < before)) lane.sequence = last
  const skipped = before === undefined ? 0 : first - before - 1
  return skipped > 0 ? declared(block, { scans: skipped, cause: 'sequence' }) : block
}
