import { BehaviorSubject, type Observable, Subject } from 'rxjs'
import type { Delivery, Ledger } from '../delivery/ledger.ts'
import type { RetryPolicy } from '../delivery/retry-policy.ts'
import type { Block } from '../model/block.ts'
import type { CheckpointClaim, CheckpointStore } from '../model/checkpoint.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { isSdkError, OperatorError, PipelineError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch, Rejected, Source } from '../model/source.ts'
import { durationMs } from '../model/span.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import { type Built, buildSteps } from './build-steps.ts'
import { Checkpointer, type CheckpointHost } from './checkpointer.ts'
import { Components } from './components.ts'
import { Credit, type CreditHost } from './credit.ts'
import { Intake } from './intake.ts'
import type { IntakeHost } from './intake-host.ts'
import type { Log } from './log.ts'
import { describePlan, type Plan, type PlanNode } from './plan.ts'
import { logProgress } from './progress.ts'
import { restore } from './restore.ts'
import type { Run, StartOptions, StopOptions } from './run.ts'
import { RunCounts } from './run-counts.ts'
import { type Settings, settingsOf } from './settings.ts'
import { Settling } from './settling.ts'
import type { ComponentStatus, Health, RunMetrics, RunStatus } from './status.ts'
import type { Lane } from './steps.ts'

/** Runs a plan: its status, its end, and what happens to what goes wrong. @internal */
export class PipelineRun implements Run, IntakeHost, CreditHost, CheckpointHost {
  readonly done: Promise<void>
  readonly tap$: Subject<Block> = new Subject()
  readonly scheduler: Scheduler
  readonly streams: number
  readonly retry: RetryPolicy
  readonly commitsOnSettle: boolean
  delivery: Delivery | undefined
  // flags beside the signals: asking a signal costs 50 ns, and these are asked for every batch
  isOver = false
  isStopping = false
  held: Promise<void> | undefined
  readonly #plan: Plan
  readonly #settings: Settings
  readonly #log: Log
  readonly #credit: Credit
  readonly #built: Built
  readonly #intakes: readonly Intake[]
  readonly #checkpointer: Checkpointer
  readonly #settling = new Settling()
  readonly #components: Components
  readonly #counts = new RunCounts()
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #status: BehaviorSubject<RunStatus>
  readonly #repeating = new Set<Source>()
  /** Ends the wait for sinks that are away, once the run is stopped. */
  #leaveWhenAway: (() => void) | undefined
  #finish!: (error?: { readonly cause: unknown }) => void

  constructor(plan: Plan, tail: PlanNode, options: StartOptions) {
    const settings = settingsOf(plan.id, options)
    const { scheduler, streams, retry, log } = settings
    this.#plan = plan
    this.#settings = settings
    this.#log = log
    this.scheduler = scheduler
    this.streams = streams
    this.retry = retry
    this.commitsOnSettle = settings.store === undefined
    if (!this.commitsOnSettle) checkIds(plan)
    this.#credit = new Credit(settings.creditBytes, this)
    this.#components = new Components(scheduler, () => this.#changed())
    this.#status = new BehaviorSubject<RunStatus>(this.#statusOf('connecting'))
    this.#built = buildSteps(this, plan, tail, settings)
    this.#intakes = plan.sources.map((source) => new Intake(this, source, this.#built.root))
    this.#checkpointer = new Checkpointer(this, this.#intakes, this.#built.stateful, this.#settling, settings.everyMs)
    this.done = this.#main()
  }

  get id(): string {
    return this.#plan.id
  }

  get status$(): Observable<RunStatus> {
    return this.#status
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  get metrics(): RunMetrics {
    const { unsettled, largest, pausedMs } = this.#credit
    const sources = Object.fromEntries(this.#intakes.map((intake) => [intake.source.id, intake.metrics]))
    return this.#counts.metrics({
      streams: this.#intakes.reduce((sum, intake) => sum + intake.lanes.size, 0),
      commits: this.#intakes.reduce((sum, intake) => sum + intake.committer.commits, 0),
      unsettledBytes: unsettled,
      largestUnsettledBytes: largest,
      pausedMs,
      sources,
      outlets: Object.fromEntries(this.#built.outlets.map((outlet) => [outlet.id, outlet.metrics])),
      checkpoints: this.commitsOnSettle ? undefined : this.#checkpointer.metrics
    })
  }

  describe(): string {
    return describePlan(this.#plan)
  }

  health(): Health {
    return this.#components.health(this.#status.value.state)
  }

  relearn(stream?: string): void {
    for (const intake of this.#intakes) {
      for (const lane of intake.lanes.all()) {
        if (stream !== undefined && lane.stream.id !== stream) continue
        for (const step of this.#built.operators) step.relearn(lane)
      }
    }
  }

  async checkpoint(): Promise<void> {
    if (this.commitsOnSettle) return
    this.flushOutlets()
    await this.#checkpointer.finish()
  }

  async stop({ drain = '10s' }: StopOptions = {}): Promise<void> {
    const deadline = durationMs(drain, 'stop: drain')
    if (!this.isStopping) {
      this.isStopping = true
      this.#setStatus('stopping')
      this.#stop.abort()
      this.#leaveWhenAway?.()
      this.flushOutlets()
      const cancel = this.scheduler.after(deadline, () => {
        this.#log.warn(
          `stopped after ${drain} with ${this.#credit.unsettled} bytes that were not durable; they are not committed`
        )
        this.#finish()
      })
      this.#end.signal.addEventListener('abort', cancel)
    }
    await this.done
  }

  get hasCapacity(): boolean {
    const { asyncSteps } = this.#built
    if (this.held) return false
    for (let i = 0; i < asyncSteps.length; i += 1) if (!asyncSteps[i]?.hasRoom) return false
    return true
  }

  room(): Promise<void> | undefined {
    return this.#credit.room()
  }

  took(bytes: number): void {
    this.#credit.take(bytes)
  }

  entered(batch: Batch, source: Source): void {
    this.#counts.entered(batch)
    const { blocks, events, rejected } = batch
    for (let i = 0; i < blocks.length; i += 1) {
      const { gap, stream } = blocks[i] as Block
      if (gap !== undefined) this.#logGap(stream.id, gap)
    }
    if (events) for (const event of events) this.#notice(event)
    if (rejected) for (const payload of rejected) this.#refuse(payload, batch, source)
  }

  declared(stream: string, gap: Gap): void {
    this.#counts.gap(gap)
    this.#logGap(stream, gap)
  }

  gave(bytes: number): void {
    this.#credit.give(bytes)
  }

  advanced(): void {
    this.#settling.look()
  }

  settles(ledger: Ledger, count: number): Promise<void> {
    return this.#settling.until(ledger, count)
  }

  settled(): void {
    this.#credit.look()
  }

  paused(): void {
    this.flushOutlets()
    this.#setStatus('paused')
  }

  resumed(afterMs: number): void {
    const { pausedBy, state } = this.#status.value
    if (afterMs >= 1000) this.#log.warn(`${this.id}: paused ${(afterMs / 1000).toFixed(0)} s by sink ${pausedBy}`)
    if (state === 'paused') this.#setStatus('running')
  }

  async betweenTurns<T>(capture: () => T): Promise<T> {
    if (this.#built.asyncSteps.every((step) => step.isIdle)) return capture()
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
      this.#credit.look()
    }
  }

  hurry(): void {
    if (!this.commitsOnSettle && !this.isOver) this.#checkpointer.hurry()
  }

  reject(operator: string, inARow: number, block: Block, cause: unknown): void {
    const error = new OperatorError(operator, block.stream.id, { cause })
    const { split, position } = block.origin
    const what = `a block of ${block.length} scans (split ${split}, position ${position}) could not be processed`
    if (!this.#bury({ error, from: operator, split, position, at: this.scheduler.now(), block }, what)) return
    if (inARow < 3) return
    this.fail(new PipelineError(this.id, `three blocks in a row were rejected. ${error.message}`, { cause: error }))
  }

  trailingGap(lane: Lane, gap: Gap, atMs: number): void {
    const { id } = lane.stream
    this.#notice({
      id: `${id}/gap/${Math.round(atMs * 1e3)}`,
      kind: 'notice',
      phase: 'end',
      stream: id,
      rule: 'gap',
      start: atMs,
      end: atMs,
      origin: { split: lane.split, position: 0 },
      data: gap
    })
  }

  evicted(lane: Lane): void {
    this.#counts.evictedStreams += 1
    this.#log.warn(`the operator state of stream ${lane.stream.id} was forgotten: more than ${this.streams} streams`)
  }

  repeatsRows(source: Source): void {
    if (this.#repeating.has(source)) return
    this.#repeating.add(source)
    const why = 'its rows have the time of their arrival, so what is delivered again after a crash is a new row'
    this.#log.warn(`${source.id}: at least once: ${why}. Give a time field of the payload`)
    this.#changed()
  }

  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void {
    if (state === 'degraded') this.#log.warn(`${kind} ${id}: ${why}`)
    this.#components.set(id, kind, state, why)
    this.#leaveWhenAway?.()
  }

  optional(id: string): void {
    this.#components.excuse(id)
  }

  warn(message: string, error?: unknown): void {
    this.#log.warn(message, error)
  }

  fail(error: unknown): void {
    this.#finish({ cause: error })
  }

  async idle(): Promise<void> {
    while (!this.isOver && this.#built.asyncSteps.some((step) => !step.isIdle)) await this.scheduler.macrotask()
  }

  flushOutlets(): void {
    for (const outlet of this.#built.outlets) outlet.flush()
  }

  async #main(): Promise<void> {
    const ended = new Promise<{ readonly cause: unknown } | undefined>((resolve) => {
      this.#finish = (error) => {
        if (!this.isOver) this.#end.abort()
        this.isOver = this.isStopping = true
        this.#stop.abort()
        this.settled()
        resolve(error)
      }
    })
    const stopProgress = logProgress(this.scheduler, this.#log, this.#intakes, this.#built.operators)
    this.#work().then(
      () => this.#finish(),
      (cause: unknown) => this.#finish({ cause })
    )
    const failure = await ended
    stopProgress()
    const closing = await this.#close()
    const error = failure ?? closing
    this.#setStatus(error ? 'failed' : 'stopped', error?.cause)
    this.#status.complete()
    this.tap$.complete()
    if (error) throw error.cause
  }

  async #work(): Promise<void> {
    await Promise.resolve() // errors of the first step reach a caller that has `done` by then
    await this.#restore()
    if (!(await this.#opened()) || this.isOver) return
    if (!this.isStopping) {
      this.#setStatus('running')
      this.#log.info(`${this.id}: connected to ${this.#plan.sources.map((source) => source.id).join(', ')}`)
    }
    await Promise.all(this.#intakes.map((intake) => intake.read(this.#stop.signal)))
    await Promise.all(this.#built.outlets.map((outlet) => outlet.drain()))
    await this.checkpoint()
    await Promise.all(this.#intakes.map((intake) => intake.committer.idle()))
  }

  /** Opens every sink; false when the run was stopped and one of them is away. */
  async #opened(): Promise<boolean> {
    const opened = Promise.all(this.#built.outlets.map((outlet) => outlet.open())).then(() => true)
    opened.catch(() => {}) // is told by the race, or was overtaken by the stop
    const left = new Promise<boolean>((resolve) => {
      this.#leaveWhenAway = () => {
        const isAway = this.#built.outlets.some(({ state }) => state.state === 'connecting' && state.why !== undefined)
        if (this.isStopping && isAway) resolve(false)
      }
    })
    const areOpen = await Promise.race([opened, left])
    this.#leaveWhenAway = undefined
    return areOpen
  }

  async #restore(): Promise<void> {
    const { store, onMismatch } = this.#settings
    if (!store) return
    const claim = await this.#claim(store)
    if (!claim) return
    const warn = (message: string): unknown => this.#log.warn(message)
    for (const why of claim.skipped ?? []) warn(`${this.id}: ${why}`)
    if (claim.latest) {
      restore(this.id, claim.latest, this.#intakes, this.#built.stateful, onMismatch, warn)
      const age = Math.max(0, this.scheduler.now() - claim.latest.takenAt) / 1000
      this.#log.info(`${this.id}: goes on from checkpoint ${claim.latest.number}, ${age.toFixed(1)} s old`)
    }
    this.#components.set('checkpoints', 'checkpoints', 'running')
    this.#checkpointer.start(claim)
  }

  /** Waits for a store that is away or full; undefined when the run was stopped meanwhile. */
  async #claim(store: CheckpointStore): Promise<CheckpointClaim | undefined> {
    const backoff = this.retry.backoff()
    while (!this.isStopping) {
      try {
        return await store.claim(this.id)
      } catch (error) {
        if (!(isSdkError(error) && error.retryable)) throw error
        const wait = backoff.next()
        const why = `${error.message}; next try in ${(wait / 1000).toFixed(1)} s`
        this.component('checkpoints', 'checkpoints', 'degraded', why)
        await sleep(wait, this.scheduler, this.#stop.signal)
      }
    }
    return undefined
  }

  /** Closes every part; the first error is returned, not thrown, so that all are closed. */
  async #close(): Promise<{ readonly cause: unknown } | undefined> {
    const closing = this.#built.outlets.map((outlet) => outlet.close())
    const results = await Promise.allSettled([...closing, this.#checkpointer.close()])
    const failed = results.find((result) => result.status === 'rejected')
    return failed && { cause: failed.reason as unknown }
  }

  /** Gives something to the dead letters; without a place for it the run fails. */
  #bury(letter: DeadLetter, what: string): boolean {
    const { error } = letter
    this.#counts.rejected += 1
    this.#log.error(error.message, error)
    const { deadLetters } = this.#built
    if (deadLetters) deadLetters.add(letter, this.delivery)
    else {
      const why = `${error.message}. So ${what}, and there is no place for it: mend that, or give start({ deadLetters: sink }) or start({ directory })`
      this.fail(new PipelineError(this.id, why, { cause: error }))
    }
    return deadLetters !== undefined
  }

  #refuse({ error, payload, from }: Rejected, { split, position }: Batch, source: Source): void {
    const what = `a payload of ${payload.byteLength} bytes of ${source.id} (split ${split}, position ${position}) was rejected`
    this.#bury({ error, from, split, position, at: this.scheduler.now(), payload }, what)
  }

  #slowest(): string | undefined {
    let slowest: { readonly id: string; readonly queuedBytes: number } | undefined
    for (const outlet of this.#built.outlets) {
      const { queuedBytes } = outlet.metrics
      if (outlet.delivery === 'required' && (!slowest || queuedBytes > slowest.queuedBytes))
        slowest = { id: outlet.id, queuedBytes }
    }
    return slowest?.id
  }

  #logGap(stream: string, { scans, cause }: Gap): void {
    this.#log.warn(`${stream}: gap of ${scans === 'unknown' ? 'an unknown number of' : scans} scans (${cause})`)
  }

  #notice(event: MeasurementEvent): void {
    for (const outlet of this.#built.eventOutlets) outlet.add(event, this.delivery)
  }

  #statusOf(state: RunStatus['state'], error?: unknown): RunStatus {
    const pausedBy = state === 'paused' ? this.#slowest() : undefined
    const keepsState = this.commitsOnSettle ? 'in memory' : 'checkpoints'
    const rows = this.#repeating.size > 0 ? 'at least once' : 'once'
    return { state, since: this.scheduler.now(), keepsState, rows, components: this.#components.all(), pausedBy, error }
  }

  #setStatus(state: RunStatus['state'], error?: unknown): void {
    const isEnding = this.#status.value.state === 'stopping' && (state === 'running' || state === 'paused')
    if (!isEnding) this.#status.next(this.#statusOf(state, error))
  }

  /** A part changed; the state of the whole did not. */
  #changed(): void {
    const { state, since, keepsState, pausedBy, error } = this.#status.value
    const rows = this.#repeating.size > 0 ? 'at least once' : 'once'
    this.#status.next({ state, since, keepsState, rows, components: this.#components.all(), pausedBy, error })
  }
}

/** @throws RangeError when two sources have the same id: a checkpoint could not tell them apart */
function checkIds({ id, sources }: Plan): void {
  const ids = sources.map((source) => source.id)
  const twice = ids.find((name, i) => ids.indexOf(name) !== i)
  if (twice === undefined) return
  throw new RangeError(`pipeline ${id}: two sources have the id '${twice}', so a checkpoint could not tell them apart`)
}
