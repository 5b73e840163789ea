import { Lanes } from '../kernels/lanes.ts'
import type { SplitState } from '../model/checkpoint.ts'
import type { ReadOptions, Source } from '../model/source.ts'
import { sleep } from '../time/scheduler.ts'
import { Committer } from './committer.ts'
import type { IntakeHost } from './intake-host.ts'
import { type Lane, newLane } from './lane.ts'
import { Patience } from './patience.ts'
import { SourceCounts } from './source-counts.ts'
import { SplitAccounts } from './split-accounts.ts'
import type { SourceMetrics } from './status.ts'
import type { StatefulStep, Step } from './steps.ts'
import { Turns } from './turns.ts'

const YIELD_MS = 5
// the clock is asked only after this much, which takes a small part of YIELD_MS
const LOOK_BYTES = 64 * 1024
const LOOK_BATCHES = 32

/** Reads one source: pulls batches, hands them to the operators, and reads it again when it fails. @internal */
export class Intake {
  readonly source: Source
  readonly committer: Committer
  readonly lanes: Lanes<Lane>
  readonly accounts: SplitAccounts
  readonly #host: IntakeHost
  readonly #turns: Turns
  readonly #counts = new SourceCounts()
  readonly #patience: Patience
  #isRunning = false
  #reports = false

  constructor(host: IntakeHost, source: Source, root: readonly Step[]) {
    this.#host = host
    this.source = source
    this.committer = new Committer(source, host)
    this.lanes = new Lanes<Lane>(
      newLane,
      host.streams,
      (old) => host.evicted(old),
      (old) => host.joins.left(old)
    )
    this.accounts = new SplitAccounts(host, source, this.lanes, this.committer, this.#counts)
    this.#turns = new Turns(host, source, root, this.accounts, this.#counts)
    this.#patience = new Patience(host.retry, host.scheduler)
    host.component(source.id, 'source', 'connecting')
  }

  get metrics(): SourceMetrics {
    const counted = this.#counts.metrics(this.accounts.all(), this.#host.scheduler.elapsed(), this.committer.commits)
    const lag = this.source.lag?.()
    return lag ? Object.assign(counted, { lag }) : counted
  }

  /** Goes on where a checkpoint was taken. */
  restore(state: SplitState, steps: ReadonlyMap<string, StatefulStep>): void {
    this.accounts.restore(state, steps)
  }

  /** Reads until the end of data or a stop; flushes kernels at the end of data only. */
  async read(stop: AbortSignal): Promise<void> {
    const host = this.#host
    for (let isAgain = false; ; isAgain = true) {
      try {
        // a session that this process lost may be in other hands, with messages that its kernels will never see
        if (isAgain) await host.checkClaim()
        const isEnd = await this.#pull(stop)
        await host.idle()
        if (isEnd && !host.isStopping) await this.#turns.flush()
        return host.component(this.source.id, 'source', 'stopped')
      } catch (error) {
        if (!this.#patience.lasts(error)) throw error
        if (host.isStopping) return host.warn(`${this.source.id} failed while stopping: ${error.message}`, error)
        await this.#rest(error, stop)
        if (stop.aborted) return
      }
    }
  }

  /** The very last turn of a split, when no source has more. */
  lastTurn(split: string, work: () => void): void {
    this.#turns.last(split, work)
  }

  /** Waits until the source may be read again. */
  async #rest(error: Error, stop: AbortSignal): Promise<void> {
    const host = this.#host
    const waitMs = this.#patience.next()
    this.#counts.retries += 1
    this.#isRunning = this.#reports = false
    const why = `${error.message}; next try in ${(waitMs / 1000).toFixed(1)} s`
    host.component(this.source.id, 'source', 'degraded', why)
    // what a source that cannot replay sent meanwhile is gone: the next block of every stream declares it
    if (this.source.replay === 'none') for (const lane of this.lanes.all()) lane.isTorn = true
    await sleep(waitMs, host.scheduler, stop)
  }

  async #pull(stop: AbortSignal): Promise<boolean> {
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
        if (host.held && !(await this.#isStillOurs(next.value.split))) continue
        if (host.isOver) return false
        if (!this.#isRunning) this.#flows()
        bytes += this.#turns.run(next.value)
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

  /** Waits until turns may run. A batch of a split that was taken away meanwhile is not ours, also if it was given back. */
  async #isStillOurs(split: string): Promise<boolean> {
    const account = this.accounts.find(split)
    while (this.#host.held) await this.#host.held
    return this.accounts.find(split) === account
  }

  #readOptions(signal: AbortSignal): ReadOptions {
    const host = this.#host
    return {
      signal,
      from: this.accounts.positions,
      splits: this.accounts.splits(),
      hurry: () => host.hurry(),
      report: ({ state, why }) => {
        this.#reports = true
        this.#patience.reports(state)
        host.component(this.source.id, 'source', state, why)
      }
    }
  }

  #flows(): void {
    this.#patience.works()
    this.#isRunning = true
    if (!this.#reports) this.#host.component(this.source.id, 'source', 'running')
  }
}
