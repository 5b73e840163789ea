import { Subject } from 'rxjs'
import type { Delivery, Ledger } from '../delivery/ledger.ts'
import type { RetryPolicy } from '../delivery/retry-policy.ts'
import type { Block } from '../model/block.ts'
import type { Checkpoint, TakenSplit } from '../model/checkpoint.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch, Source } from '../model/source.ts'
import type { OperatorHost } from '../rx/operator-run.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { type Built, buildSteps } from './build-steps.ts'
import { Checkpointer, type CheckpointHost } from './checkpointer.ts'
import { Credit, type CreditHost } from './credit.ts'
import { gapNotice } from './gap-notice.ts'
import { Graveyard, type GraveyardHost } from './graveyard.ts'
import { Intake } from './intake.ts'
import type { IntakeHost } from './intake-host.ts'
import { Joins } from './joins.ts'
import type { Lane } from './lane.ts'
import type { Log } from './log.ts'
import type { Plan, PlanNode } from './plan.ts'
import { type Restored, restore } from './restore.ts'
import { RunCounts } from './run-counts.ts'
import type { Settings } from './settings.ts'
import { Settling } from './settling.ts'
import type { ComponentStatus, RunMetrics } from './status.ts'
import { StatusBoard, type StatusHost } from './status-board.ts'
import type { StatefulStep } from './steps.ts'
import type { TakeOverHost } from './take-over.ts'

type Hosts = IntakeHost & CreditHost & CheckpointHost & StatusHost & GraveyardHost & TakeOverHost

/** The parts of a run, and what they need of each other. @internal */
export class RunParts implements Hosts {
  readonly id: string
  readonly tap$: Subject<Block> = new Subject()
  readonly scheduler: Scheduler
  readonly streams: number
  readonly retry: RetryPolicy
  readonly commitsOnSettle: boolean
  readonly operatorHost: OperatorHost
  readonly stateful: ReadonlyMap<string, StatefulStep>
  readonly board: StatusBoard
  readonly credit: Credit
  readonly built: Built
  readonly intakes: readonly Intake[]
  /** What a checkpoint is restored into. */
  readonly restored: Restored
  readonly checkpointer: Checkpointer
  readonly joins: Joins
  /** Aborted when the run is over. */
  readonly end: AbortController = new AbortController()
  delivery: Delivery | undefined
  // flags beside the signals: asking a signal costs 50 ns, and these are asked for every batch
  isOver = false
  isStopping = false
  held: Promise<void> | undefined
  /** Ends the run. */
  finish: (error?: { readonly cause: unknown }) => void = () => {}
  /** Ends the wait for sinks that are away, once the run is stopped. */
  leaveWhenAway: (() => void) | undefined
  readonly #log: Log
  readonly #settling = new Settling()
  readonly #graveyard: Graveyard
  readonly #counts = new RunCounts()

  constructor(plan: Plan, tail: PlanNode, settings: Settings) {
    const { scheduler, streams, retry, log, creditBytes, store, everyMs } = settings
    this.id = plan.id
    this.#log = log
    this.scheduler = scheduler
    this.streams = streams
    this.retry = retry
    this.commitsOnSettle = store === undefined
    if (!this.commitsOnSettle) checkIds(plan)
    this.joins = new Joins(plan, this)
    this.credit = new Credit(creditBytes, this)
    this.board = new StatusBoard(this, log)
    this.operatorHost = this.#operatorHost()
    this.built = buildSteps(this, plan, tail, settings)
    this.stateful = new Map(this.built.stateful.map((step) => [step.key, step]))
    this.#graveyard = new Graveyard(this, this.built.deadLetters, this.#counts, log)
    this.intakes = plan.sources.map((source) => new Intake(this, source, this.built.root))
    this.restored = { intakes: this.intakes, steps: this.built.stateful, onMismatch: settings.onMismatch }
    this.checkpointer = new Checkpointer(this, this.intakes, this.built.stateful, this.#settling, everyMs)
  }

  get signal(): AbortSignal {
    return this.end.signal
  }

  get metrics(): RunMetrics {
    const { unsettled, largest, pausedMs } = this.credit
    const sources = Object.fromEntries(this.intakes.map((intake) => [intake.source.id, intake.metrics]))
    return this.#counts.metrics({
      streams: this.intakes.reduce((sum, intake) => sum + intake.lanes.size, 0),
      commits: this.intakes.reduce((sum, intake) => sum + intake.committer.commits, 0),
      unsettledBytes: unsettled,
      largestUnsettledBytes: largest,
      pausedMs,
      sources,
      outlets: Object.fromEntries(this.built.outlets.map((outlet) => [outlet.id, outlet.metrics])),
      checkpoints: this.commitsOnSettle ? undefined : this.checkpointer.metrics
    })
  }

  async checkpoint(): Promise<void> {
    if (this.commitsOnSettle) return
    this.flushOutlets()
    await this.checkpointer.finish()
  }

  get hasCapacity(): boolean {
    const { asyncSteps } = this.built
    if (this.held) return false
    for (let i = 0; i < asyncSteps.length; i += 1) if (!asyncSteps[i]?.hasRoom) return false
    return true
  }

  room(): Promise<void> | undefined {
    return this.credit.room()
  }

  took(bytes: number): void {
    this.credit.take(bytes)
  }

  entered(batch: Batch, source: Source): void {
    this.#counts.entered(batch)
    const { blocks, events, rejected } = batch
    for (let i = 0; i < blocks.length; i += 1) {
      const { gap, stream } = blocks[i] as Block
      if (gap !== undefined) this.board.gap(source.id, stream.id, gap)
    }
    if (events) for (const event of events) this.notice(event)
    if (rejected) this.#graveyard.buryPayloads(batch, source)
  }

  declared(source: string, stream: string, gap: Gap): void {
    this.#counts.gap(gap)
    this.board.gap(source, stream, gap)
  }

  gave(bytes: number): void {
    this.credit.give(bytes)
  }

  advanced(): void {
    this.#settling.look()
  }

  settles(ledger: Ledger, count: number): Promise<void> {
    return this.#settling.until(ledger, count)
  }

  settled(): void {
    this.credit.look()
  }

  paused(): void {
    this.flushOutlets()
    this.board.set('paused')
  }

  resumed(afterMs: number): void {
    const { pausedBy, state } = this.board
    if (afterMs >= 1000) this.#log.warn(`${this.id}: paused ${(afterMs / 1000).toFixed(0)} s by sink ${pausedBy}`)
    if (state === 'paused') this.board.set('running')
  }

  async betweenTurns<T>(capture: () => T): Promise<T> {
    if (this.built.asyncSteps.every((step) => step.isIdle)) return capture()
    let release = (): void => {}
    this.held = new Promise((resolve) => {
      release = resolve
    })
    try {
      await this.idle()
      return capture()
    } finally {
      this.held = undefined
      release()
      this.credit.look()
    }
  }

  hurry(): void {
    if (!this.commitsOnSettle && !this.isOver) this.checkpointer.hurry()
  }

  get sharesSplits(): boolean {
    return this.checkpointer.sharesSplits
  }

  take(source: string, split: string, fenced: () => void): Promise<TakenSplit> {
    return this.checkpointer.take(source, split, fenced)
  }

  restore(checkpoint: Checkpoint): void {
    restore(this.id, checkpoint, this.restored, (message) => this.#log.warn(message))
  }

  checkClaim(): Promise<void> {
    return this.checkpointer.check()
  }

  reject(operator: string, inARow: number, block: Block, cause: unknown): void {
    this.#graveyard.buryBlock(operator, inARow, block, cause)
  }

  forgets(operator: string): void {
    const what =
      'its kernel has no snapshot, so what it keeps between blocks is gone after a restart, and nothing declares that'
    this.#log.warn(`${operator}: ${what}. Give the kernel snapshot() and restore(); operatorSuite checks them`)
  }

  trailingGap({ split, stream: { id } }: Lane, gap: Gap, atMs: number): void {
    this.notice(gapNotice(`${id}/gap/${Math.round(atMs * 1e3)}`, id, gap, atMs, { split, position: 0 }))
  }

  leftOpen(source: string, stream: string, gap: Gap, origin: MeasurementEvent['origin']): void {
    this.declared(source, stream, gap)
    const id = `${stream}/gap/${origin.split} ${origin.position}`
    this.notice(gapNotice(id, stream, gap, this.scheduler.now(), origin))
  }

  evicted(lane: Lane): void {
    this.#counts.evictedStreams += 1
    this.#log.warn(`the operator state of stream ${lane.stream.id} was forgotten: more than ${this.streams} streams`)
  }

  repeatsRows(source: Source): void {
    this.board.repeatsRows(source)
  }

  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void {
    this.board.component(id, kind, state, why)
    this.leaveWhenAway?.()
  }

  optional(id: string): void {
    this.board.excuse(id)
  }

  slowest(): string | undefined {
    let slowest: { readonly id: string; readonly queuedBytes: number } | undefined
    for (const outlet of this.built.outlets) {
      const { queuedBytes } = outlet.metrics
      if (outlet.delivery === 'required' && (!slowest || queuedBytes > slowest.queuedBytes))
        slowest = { id: outlet.id, queuedBytes }
    }
    return slowest?.id
  }

  info(message: string): void {
    this.#log.info(message)
  }

  warn(message: string, error?: unknown): void {
    this.#log.warn(message, error)
  }

  fail(error: unknown): void {
    this.finish({ cause: error })
  }

  async idle(): Promise<void> {
    while (!this.isOver && this.built.asyncSteps.some((step) => !step.isIdle)) await this.scheduler.macrotask()
  }

  flushOutlets(): void {
    for (const outlet of this.built.outlets) outlet.flush()
  }

  notice(event: MeasurementEvent): void {
    for (const outlet of this.built.eventOutlets) outlet.add(event, this.delivery)
  }

  #operatorHost(): OperatorHost {
    return {
      scheduler: this.scheduler,
      component: (id, state, why) => {
        // with a model that scores data flows, whatever comes of the next one
        if (state !== 'connecting') this.optional(id)
        this.component(id, 'operator', state, why)
      },
      info: (message) => this.info(`${this.id}: ${message}`),
      warn: (message, error) => this.warn(`${this.id}: ${message}`, error)
    }
  }
}

/** @throws RangeError when two sources have the same id: a checkpoint could not tell them apart */
function checkIds({ id, sources }: Plan): void {
  const ids = sources.map((source) => source.id)
  const twice = ids.find((name, i) => ids.indexOf(name) !== i)
  if (twice === undefined) return
  throw new RangeError(`pipeline ${id}: two sources have the id '${twice}', so a checkpoint could not tell them apart`)
}
