import { BehaviorSubject, type Observable, Subject } from 'rxjs'
import type { Delivery } from '../delivery/ledger.ts'
import type { Block } from '../model/block.ts'
import { OperatorError, PipelineError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch } from '../model/source.ts'
import { durationMs, sizeBytes } from '../model/span.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { systemTime } from '../time/system-time.ts'
import { type Built, buildSteps } from './build-steps.ts'
import { Credit, type CreditHost } from './credit.ts'
import { Intake, type IntakeHost } from './intake.ts'
import { type Log, silent } from './log.ts'
import { describePlan, type Plan, type PlanNode } from './plan.ts'
import { logProgress } from './progress.ts'
import type { Run, StartOptions, StopOptions } from './run.ts'
import type { RunMetrics, RunStatus } from './status.ts'
import type { Lane } from './steps.ts'

/** Runs a plan: its status, its end, and what happens to what goes wrong. @internal */
export class PipelineRun implements Run, IntakeHost, CreditHost {
  readonly done: Promise<void>
  readonly tap$: Subject<Block> = new Subject()
  readonly scheduler: Scheduler
  readonly streams: number
  delivery: Delivery | undefined
  // flags beside the signals: asking a signal costs 50 ns, and these are asked for every batch
  isOver = false
  isStopping = false
  readonly #plan: Plan
  readonly #log: Log
  readonly #credit: Credit
  readonly #built: Built
  readonly #intakes: readonly Intake[]
  readonly #stop = new AbortController()
  readonly #end = new AbortController()
  readonly #status: BehaviorSubject<RunStatus>
  readonly #counts = {
    batches: 0,
    blocks: 0,
    scans: 0,
    values: 0,
    gaps: 0,
    missingScans: 0,
    rejected: 0,
    evictedStreams: 0
  }
  #finish!: (error?: { readonly cause: unknown }) => void

  constructor(plan: Plan, tail: PlanNode, options: StartOptions) {
    const { credit = '64MiB', log = silent, scheduler = systemTime, streams = 100_000, deadLetters } = options
    this.#credit = new Credit(sizeBytes(credit, `pipeline ${plan.id}: credit`), this)
    if (!(Number.isInteger(streams) && streams > 0)) {
      throw new RangeError(`pipeline ${plan.id}: streams must be a positive whole number, got ${streams}`)
    }
    this.#plan = plan
    this.#log = log
    this.scheduler = scheduler
    this.streams = streams
    this.#status = new BehaviorSubject<RunStatus>(this.#statusOf('connecting'))
    this.#built = buildSteps(this, plan, tail, deadLetters, log)
    this.#intakes = plan.sources.map((source) => new Intake(this, source, this.#built.root))
    this.done = this.#main()
  }

  get status$(): Observable<RunStatus> {
    return this.#status
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  get metrics(): RunMetrics {
    const { unsettled, largest, pausedMs } = this.#credit
    return {
      // eslint-disable-next-line no-restricted-syntax -- made when someone asks for the metrics, not where data flows
      ...this.#counts,
      streams: this.#intakes.reduce((sum, intake) => sum + intake.lanes.size, 0),
      commits: this.#intakes.reduce((sum, intake) => sum + intake.committer.commits, 0),
      unsettledBytes: unsettled,
      largestUnsettledBytes: largest,
      pausedMs,
      outlets: Object.fromEntries(this.#built.outlets.map((outlet) => [outlet.id, outlet.metrics]))
    }
  }

  describe(): string {
    return describePlan(this.#plan)
  }

  relearn(stream?: string): void {
    for (const intake of this.#intakes) {
      for (const lane of intake.lanes.all()) {
        if (stream !== undefined && lane.stream.id !== stream) continue
        for (const step of this.#built.operators) step.relearn(lane)
      }
    }
  }

  async stop({ drain = '10s' }: StopOptions = {}): Promise<void> {
    const deadline = durationMs(drain, 'stop: drain')
    if (!this.isStopping) {
      this.isStopping = true
      this.#setStatus('stopping')
      this.#stop.abort()
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
    for (let i = 0; i < asyncSteps.length; i += 1) if (!asyncSteps[i]?.hasRoom) return false
    return true
  }

  room(): Promise<void> | undefined {
    return this.#credit.room()
  }

  took(bytes: number, { blocks, events }: Batch): void {
    this.#credit.take(bytes)
    const counts = this.#counts
    counts.batches += 1
    counts.blocks += blocks.length
    for (let i = 0; i < blocks.length; i += 1) {
      const block = blocks[i] as Block
      counts.scans += block.length
      counts.values += block.values.length
      if (block.gap !== undefined) this.#noteGap(block.stream.id, block.gap)
    }
    if (events) for (const event of events) this.#notice(event)
  }

  gave(bytes: number): void {
    this.#credit.give(bytes)
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
    if (afterMs >= 1000) this.#log.warn(`${this.#plan.id}: paused ${(afterMs / 1000).toFixed(0)} s by sink ${pausedBy}`)
    if (state === 'paused') this.#setStatus('running')
  }

  reject(operator: string, lane: Lane, block: Block, cause: unknown): void {
    const error = new OperatorError(operator, block.stream.id, { cause })
    this.#counts.rejected += 1
    lane.failures += 1
    this.#log.error(error.message, cause)
    const { deadLetters } = this.#built
    if (!deadLetters) {
      const { split, position } = block.origin
      const what = `a block of ${block.length} scans (split ${split}, position ${position}) could not be processed`
      const why = `${error.message}. So ${what}, and there is no place for it: mend that, or give start({ deadLetters: sink })`
      return this.fail(new PipelineError(this.#plan.id, why, { cause: error }))
    }
    deadLetters.add({ error, block }, this.delivery)
    if (lane.failures < 3) return
    this.fail(
      new PipelineError(this.#plan.id, `three blocks in a row were rejected. ${error.message}`, { cause: error })
    )
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
    await Promise.all(this.#built.outlets.map((outlet) => outlet.open()))
    if (this.isOver) return
    if (!this.isStopping) {
      this.#setStatus('running')
      this.#log.info(`${this.#plan.id}: connected to ${this.#plan.sources.map((source) => source.id).join(', ')}`)
    }
    await Promise.all(this.#intakes.map((intake) => intake.read(this.#stop.signal, {})))
    await Promise.all(this.#built.outlets.map((outlet) => outlet.drain()))
    await Promise.all(this.#intakes.map((intake) => intake.committer.idle()))
  }

  /** Closes every outlet; the first error is returned, not thrown, so that all are closed. */
  async #close(): Promise<{ readonly cause: unknown } | undefined> {
    const results = await Promise.allSettled(this.#built.outlets.map((outlet) => outlet.close()))
    const failed = results.find((result) => result.status === 'rejected')
    return failed && { cause: failed.reason as unknown }
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

  #noteGap(stream: string, { scans, cause }: Gap): void {
    this.#counts.gaps += 1
    if (scans !== 'unknown') this.#counts.missingScans += scans
    this.#log.warn(`${stream}: gap of ${scans === 'unknown' ? 'an unknown number of' : scans} scans (${cause})`)
  }

  #notice(event: MeasurementEvent): void {
    for (const outlet of this.#built.eventOutlets) outlet.add(event, this.delivery)
  }

  #statusOf(state: RunStatus['state'], error?: unknown): RunStatus {
    const pausedBy = state === 'paused' ? this.#slowest() : undefined
    return { state, since: this.scheduler.now(), keepsState: 'in memory', pausedBy, error }
  }

  #setStatus(state: RunStatus['state'], error?: unknown): void {
    const isEnding = this.#status.value.state === 'stopping' && (state === 'running' || state === 'paused')
    if (!isEnding) this.#status.next(this.#statusOf(state, error))
  }
}
