import type { Checkpoint, CheckpointClaim, SplitState, TakenSplit } from '../model/checkpoint.ts'
import { isSdkError } from '../model/errors.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import type { Intake } from './intake.ts'
import { keepTrying } from './keep-trying.ts'
import type { Settling } from './settling.ts'
import type { SplitAccount } from './split-account.ts'
import type { CheckpointMetrics, ComponentStatus } from './status.ts'
import type { StatefulStep } from './steps.ts'

/** What a checkpointer needs of its run. @internal */
export interface CheckpointHost {
  readonly scheduler: Scheduler
  /** Aborted when the run is over. */
  readonly signal: AbortSignal
  readonly isOver: boolean
  /** Lets no turn run until no asynchronous operator has work, calls back between two turns, lets them run again. */
  betweenTurns<T>(capture: () => T): Promise<T>
  flushOutlets(): void
  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void
  fail(error: unknown): void
}

/** What was captured of one split, and how many of its deliveries that covers. */
interface Part {
  readonly intake: Intake
  readonly account: SplitAccount
  readonly tracked: number
  readonly state: SplitState
}

/**
 * Captures operator state between turns, saves it when everything before it is settled, and only then commits.
 *
 * @internal
 */
export class Checkpointer {
  readonly #host: CheckpointHost
  readonly #intakes: readonly Intake[]
  readonly #steps: readonly StatefulStep[]
  readonly #settling: Settling
  readonly #everyMs: number
  readonly #counts = { saved: 0, failed: 0, bytes: 0, captureMs: 0, waitMs: 0, saveMs: 0 }
  #claim: CheckpointClaim | undefined
  #number = 0
  #savedAt: number
  #pending: Promise<void> | undefined
  #isDue = false
  #cancel: (() => void) | undefined

  constructor(
    host: CheckpointHost,
    intakes: readonly Intake[],
    steps: readonly StatefulStep[],
    settling: Settling,
    everyMs: number
  ) {
    this.#host = host
    this.#intakes = intakes
    this.#steps = steps
    this.#settling = settling
    this.#everyMs = everyMs
    this.#savedAt = host.scheduler.elapsed()
  }

  get metrics(): CheckpointMetrics {
    const { saved, failed, bytes, captureMs, waitMs, saveMs } = this.#counts
    return { saved, failed, ageMs: this.#host.scheduler.elapsed() - this.#savedAt, bytes, captureMs, waitMs, saveMs }
  }

  /** Takes checkpoints from now on. */
  start(claim: CheckpointClaim): void {
    this.#claim = claim
    this.#number = claim.latest?.number ?? 0
    this.#later()
  }

  /** A checkpoint now, or as soon as the one that is being taken is done. */
  hurry(): void {
    if (this.#claim === undefined) return
    this.#host.flushOutlets()
    if (this.#pending) this.#isDue = true
    else void this.#begin()
  }

  /** Resolves when all that has gone through the operators is settled, saved and committed. */
  async finish(): Promise<void> {
    while (this.#pending) await this.#pending
    await this.#begin()
    for (const { committer } of this.#intakes) await committer.idle()
  }

  /** @throws FencedError when another process has taken over; StorageError when that cannot be found out */
  async check(): Promise<void> {
    await this.#claim?.check?.()
  }

  /** Whether processes share the splits out. */
  get sharesSplits(): boolean {
    return this.#claim?.take !== undefined
  }

  /** Takes one split over from whoever had it. */
  async take(source: string, split: string, fenced: () => void): Promise<TakenSplit> {
    const progress = (share: number): void => {
      const why = `reading the state of split ${split}: ${Math.floor(100 * share)} %`
      this.#host.component('checkpoints', 'checkpoints', 'connecting', why)
    }
    try {
      const taken = await this.#claim!.take!(source, split, { progress, fenced })
      this.#host.component('checkpoints', 'checkpoints', 'running')
      return taken
    } catch (error) {
      const why = `the state of split ${split} could not be read: ${(error as Error).message}; until then it is not read`
      this.#host.component('checkpoints', 'checkpoints', 'degraded', why)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#cancel?.()
    await this.#claim?.close?.()
  }

  #later(): void {
    this.#cancel?.()
    this.#cancel = this.#host.scheduler.after(this.#everyMs, () => {
      this.#later()
      if (this.#pending) this.#isDue = true
      else void this.#begin()
    })
  }

  async #begin(): Promise<void> {
    const work = this.#take()
    this.#pending = work.catch((error: unknown) => this.#host.fail(error))
    await this.#pending
    this.#pending = undefined
    if (!this.#isDue || this.#host.isOver) return
    this.#isDue = false
    void this.#begin()
  }

  async #take(): Promise<void> {
    const { scheduler } = this.#host
    const parts = await this.#host.betweenTurns(() => this.#capture())
    if (parts.every(({ account, tracked }) => account.saved === tracked)) return
    const captured = scheduler.elapsed()
    for (const { account, tracked } of parts) await this.#settling.until(account.ledger, tracked)
    if (this.#host.isOver) return
    this.#counts.waitMs = scheduler.elapsed() - captured
    // what has become someone else's meanwhile is theirs to save
    const kept = parts.filter(({ account }) => !account.ledger.isFenced)
    await this.#save(kept)
    if (this.#host.isOver) return
    for (const { intake, account, tracked, state } of kept) {
      if (account.ledger.isFenced) continue
      intake.accounts.saved(account, state)
      if (account.saved === tracked) continue
      account.saved = tracked
      intake.committer.advance(state.split, state.at)
    }
  }

  /** What was captured, and of splits that come and go what the checkpoint before had. */
  #withDurable(parts: readonly Part[]): SplitState[] {
    const states = new Map<string, SplitState>()
    const add = (state: SplitState): unknown => states.set(JSON.stringify([state.source, state.split]), state)
    for (const { accounts } of this.#intakes) for (const state of accounts.durable()) add(state)
    for (const { state } of parts) add(state)
    return Array.from(states.values())
  }

  #capture(): Part[] {
    const { scheduler } = this.#host
    const began = scheduler.elapsed()
    const parts: Part[] = []
    for (const intake of this.#intakes) {
      for (const [account, state] of intake.accounts.capture(this.#steps)) {
        parts.push({ intake, account, tracked: account.ledger.tracked, state })
      }
    }
    this.#counts.captureMs = scheduler.elapsed() - began
    return parts
  }

  /** Repeats until it is saved, for as long as the store says that this may help. */
  async #save(parts: readonly Part[]): Promise<void> {
    const { scheduler, signal } = this.#host
    const began = scheduler.elapsed()
    this.#number += 1
    const takenAt = scheduler.now()
    const steps = this.#steps.map(({ key }) => key)
    const backoff = keepTrying()
    while (!this.#host.isOver) {
      // also of what was taken away, and perhaps given back, while the store was away
      const splits = this.#withDurable(parts.filter(({ account }) => !account.ledger.isFenced))
      const error = await this.#try({ number: this.#number, takenAt, steps, splits })
      if (error === undefined) break
      const wait = backoff.next()
      const why = `${error.message}; next try in ${(wait / 1000).toFixed(1)} s; until then nothing is committed`
      this.#host.component('checkpoints', 'checkpoints', 'degraded', why)
      await sleep(wait, scheduler, signal)
    }
    this.#savedAt = scheduler.elapsed()
    this.#counts.saveMs = this.#savedAt - began
  }

  async #try(checkpoint: Checkpoint): Promise<Error | undefined> {
    try {
      this.#counts.bytes = (await this.#claim?.save(checkpoint)) ?? 0
      this.#counts.saved += 1
      this.#host.component('checkpoints', 'checkpoints', 'running')
      return undefined
    } catch (error) {
      this.#counts.failed += 1
      if (!(isSdkError(error) && error.retryable)) throw error
      return error
    }
  }
}
