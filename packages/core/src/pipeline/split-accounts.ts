import type { Lanes } from '../kernels/lanes.ts'
import type { SplitState } from '../model/checkpoint.ts'
import { isSdkError } from '../model/errors.ts'
import { SeenIds } from '../model/seen-ids.ts'
import type { Positions, Source, Splits } from '../model/source.ts'
import { sleep } from '../time/scheduler.ts'
import type { Committer } from './committer.ts'
import { Holes } from './holes.ts'
import type { IntakeHost } from './intake-host.ts'
import { keepTrying } from './keep-trying.ts'
import type { Lane } from './lane.ts'
import type { SourceCounts } from './source-counts.ts'
import { SplitAccount } from './split-account.ts'
import type { StatefulStep } from './steps.ts'

/** The splits of one source: their accounts, how they are captured and restored, given to this process and taken away. @internal */
export class SplitAccounts {
  readonly lanes: Lanes<Lane>
  readonly #host: IntakeHost
  readonly #source: Source
  readonly #committer: Committer
  readonly #counts: SourceCounts
  readonly #accounts = new Map<string, SplitAccount>()
  /** What is durable of splits that were taken away, or are not given to this process yet. */
  readonly #parked = new Map<string, SplitState>()
  /** The source asks for its splits: one that was not assigned is someone else's. */
  #areAssigned = false
  #last: SplitAccount | undefined
  /** What `assigned` said of each split last; gone once the split is. */
  readonly #terms = new Map<string, object>()

  constructor(host: IntakeHost, source: Source, lanes: Lanes<Lane>, committer: Committer, counts: SourceCounts) {
    this.#host = host
    this.#source = source
    this.lanes = lanes
    this.#committer = committer
    this.#counts = counts
  }

  all(): Iterable<SplitAccount> {
    return this.#accounts.values()
  }

  get positions(): Positions {
    const from: Record<string, number> = {}
    for (const { split, pushed } of this.all()) if (pushed !== undefined) from[split] = pushed
    return from
  }

  find(split: string): SplitAccount | undefined {
    return split === this.#last?.split ? this.#last : this.#accounts.get(split)
  }

  /** The account of a split that a batch came from; undefined for one that is someone else's by now. */
  of(split: string): SplitAccount | undefined {
    if (split === this.#last?.split) return this.#last
    const account = this.#accounts.get(split) ?? (this.#areAssigned ? undefined : this.#unasked(split))
    this.#last = account
    return account
  }

  /** What a checkpoint holds of this source, by split. */
  *capture(steps: readonly StatefulStep[]): Generator<[SplitAccount, SplitState]> {
    for (const account of this.all()) {
      const { split, pushed, seen, holes } = account
      if (pushed === undefined) continue
      const lanes = Array.from(this.lanes.of(split), (lane) => ({
        stream: lane.stream,
        sequence: lane.sequence,
        steps: steps.flatMap((step) => step.capture(lane) ?? [])
      }))
      const [ids, gaps] = [seen?.snapshot(), holes?.snapshot()]
      yield [account, { source: this.#source.id, split, at: pushed, seen: ids, gaps, lanes }]
    }
  }

  /** What was durable before, of every split that may be given back. */
  *durable(): Generator<SplitState> {
    yield* this.#parked.values()
    for (const { durable } of this.all()) if (durable) yield durable
  }

  /** A checkpoint with this state of a split is durable. */
  saved(account: SplitAccount, state: SplitState): void {
    // what nothing was read of since it was restored may be assigned only later, and lost before the next checkpoint
    const mayComeBack = this.#areAssigned || account.ledger.tracked === 0
    account.durable = mayComeBack && !this.#host.sharesSplits ? state : undefined
  }

  /** Goes on where a checkpoint was taken. */
  restore(state: SplitState, steps: ReadonlyMap<string, StatefulStep>): void {
    const { split, at, seen, gaps, lanes } = state
    const account = this.#open(split)
    account.pushed = at
    account.saved = -1 // whether it was committed is not known: the next checkpoint commits it
    account.durable = this.#host.sharesSplits ? undefined : state
    if (seen) {
      account.seen = new SeenIds()
      account.seen.restore(seen)
    }
    if (gaps) {
      account.holes = new Holes()
      account.holes.restore(gaps)
    }
    for (const { stream, sequence, steps: states } of lanes) {
      const lane = this.lanes.get(split, stream)
      lane.sequence = sequence
      lane.isTorn = this.#source.replay === 'none'
      for (const one of states) steps.get(one.step)?.restore(lane, one)
    }
  }

  splits(): Splits {
    return {
      assigned: async (split) => {
        this.#refuseJoined()
        if (!this.#areAssigned) this.#parkUnused()
        this.#areAssigned = true
        const term = {}
        this.#terms.set(split, term)
        await this.#insist(() => this.#host.checkClaim())
        if (this.#host.sharesSplits) await this.#insist(() => this.#takeOver(split, term))
        return this.#terms.get(split) === term ? this.#assign(split) : undefined
      },
      revoked: async (split, deadlineMs) => {
        this.#terms.delete(split)
        await this.#revoke(split, deadlineMs)
      },
      lost: (split) => {
        this.#terms.delete(split)
        this.#giveAway(split)
      }
    }
  }

  /** A source that did not say at the start that its splits are handed over. */
  #refuseJoined(): void {
    try {
      this.#host.joins.refuseHandOver(this.#source)
    } catch (error) {
      this.#host.fail(error)
      throw error
    }
  }

  #open(split: string): SplitAccount {
    const account = new SplitAccount(split, (bytes, advanced) => this.#settled(account, bytes, advanced))
    this.#accounts.set(split, account)
    return account
  }

  /** The account of a split that the source did not ask for. @throws RangeError where that is the only way to get its state */
  #unasked(split: string): SplitAccount {
    if (!this.#host.sharesSplits) return this.#open(split)
    const why = `source ${this.#source.id} does not say which splits are given to this process`
    throw new RangeError(
      `pipeline ${this.#host.id}: checkpoint.store shares the state of its splits among processes, but ${why}: keep its checkpoints in a directory`
    )
  }

  #settled(account: SplitAccount, bytes: number, advanced: boolean): void {
    const { split, ledger } = account
    this.#counts.unsettledBytes -= bytes
    this.#host.gave(bytes)
    if (!advanced) return
    if (this.#host.commitsOnSettle) {
      account.saved = ledger.settled
      this.#committer.advance(split, ledger.settledTo as number)
    }
    this.#host.advanced()
  }

  /** A split may have been read by another process since this one had it, and its state is what that one saved. */
  async #takeOver(split: string, term: object): Promise<void> {
    if (this.#terms.get(split) !== term) return
    const fenced = (): void => {
      // what the store says of an earlier take does not concern this one
      if ((this.#terms.get(split) ?? term) === term) this.#giveAway(split)
    }
    const { checkpoint, isOurs } = await this.#host.take(this.#source.id, split, fenced)
    if (this.#terms.get(split) !== term) return
    const hasIt = this.#accounts.has(split)
    if (isOurs && hasIt) return
    if (hasIt) this.#giveAway(split)
    if (checkpoint) this.#host.restore(checkpoint)
  }

  /**
   * Asks the store until it answers: whether the checkpoints are ours still, as a split may have been read by the process that has them
   * now. Gives up at a stop; what asking again does not help fails the run.
   */
  async #insist(ask: () => Promise<void>): Promise<void> {
    const host = this.#host
    const backoff = keepTrying()
    while (!host.isStopping) {
      try {
        return await ask()
      } catch (error) {
        if (!(isSdkError(error) && error.retryable)) {
          host.fail(error)
          throw error
        }
        await sleep(backoff.next(), host.scheduler, host.signal)
      }
    }
  }

  #assign(split: string): number | undefined {
    const parked = this.#parked.get(split)
    this.#parked.delete(split)
    if (parked) this.restore(parked, this.#host.stateful)
    const account = this.#accounts.get(split) ?? this.#open(split)
    account.isLeaving = false
    return account.pushed
  }

  /** What a checkpoint had of splits may be someone else's by now: it waits until they are assigned. */
  #parkUnused(): void {
    for (const { split, durable, ledger } of Array.from(this.all())) {
      if (durable && ledger.tracked === 0) this.#giveAway(split)
    }
  }

  async #revoke(split: string, deadlineMs: number): Promise<void> {
    const account = this.#accounts.get(split)
    if (!account) return
    account.isLeaving = true
    await this.#handOver(account, deadlineMs)
    // it may have been lost meanwhile, or assigned again
    if (account.isLeaving && this.#accounts.get(split) === account) this.#giveAway(split)
  }

  /** Makes what was taken of a split durable and commits it, as far as the deadline allows. */
  async #handOver({ ledger }: SplitAccount, deadlineMs: number): Promise<void> {
    const host = this.#host
    host.flushOutlets()
    const done = (async () => {
      await host.settles(ledger, ledger.tracked)
      if (!host.commitsOnSettle) await host.checkpoint()
      await this.#committer.idle()
    })()
    await Promise.race([done, sleep(deadlineMs, host.scheduler)])
  }

  /** Nothing of it counts any more; what is durable stays, for when it is given back. */
  #giveAway(split: string): void {
    const account = this.#accounts.get(split)
    account?.ledger.fence()
    if (account?.durable) this.#parked.set(split, account.durable)
    this.#accounts.delete(split)
    this.#committer.forget(split)
    this.lanes.drop(split)
    this.#last = undefined
    this.#host.advanced()
  }
}
