import type { Observable } from 'rxjs'
import type { Block } from '../model/block.ts'
import { durationMs } from '../model/span.ts'
import type { Log } from './log.ts'
import { describePlan, type Plan, type PlanNode } from './plan.ts'
import { logProgress } from './progress.ts'
import type { Run, StartOptions, StopOptions } from './run.ts'
import { RunParts } from './run-parts.ts'
import { type Settings, settingsOf } from './settings.ts'
import type { Health, RunMetrics, RunStatus } from './status.ts'
import { takeOver } from './take-over.ts'

/** Runs a plan: from its start to its end. @internal */
export class PipelineRun implements Run {
  readonly done: Promise<void>
  readonly #plan: Plan
  readonly #settings: Settings
  readonly #log: Log
  readonly #parts: RunParts
  readonly #stop = new AbortController()

  constructor(plan: Plan, tail: PlanNode, options: StartOptions) {
    const settings = settingsOf(plan.id, options)
    this.#plan = plan
    this.#settings = settings
    this.#log = settings.log
    this.#parts = new RunParts(plan, tail, settings)
    this.done = this.#main()
  }

  get id(): string {
    return this.#plan.id
  }

  get status$(): Observable<RunStatus> {
    return this.#parts.board.status$
  }

  get tap$(): Observable<Block> {
    return this.#parts.tap$
  }

  get metrics(): RunMetrics {
    return this.#parts.metrics
  }

  describe(): string {
    return describePlan(this.#plan)
  }

  health(): Health {
    return this.#parts.board.health()
  }

  relearn(stream?: string): void {
    for (const intake of this.#parts.intakes) {
      for (const lane of intake.lanes.all()) {
        if (stream !== undefined && lane.stream.id !== stream) continue
        for (const step of this.#parts.built.operators) step.relearn(lane)
      }
    }
  }

  checkpoint(): Promise<void> {
    return this.#parts.checkpoint()
  }

  async stop({ drain = '10s' }: StopOptions = {}): Promise<void> {
    const deadline = durationMs(drain, 'stop: drain')
    if (!this.#parts.isStopping) {
      this.#parts.isStopping = true
      this.#parts.board.set('stopping')
      this.#stop.abort()
      this.#parts.leaveWhenAway?.()
      this.#parts.flushOutlets()
      const cancel = this.#parts.scheduler.after(deadline, () => {
        this.#log.warn(
          `stopped after ${drain} with ${this.#parts.credit.unsettled} bytes that were not durable; they are not committed`
        )
        this.#parts.finish()
      })
      this.#parts.signal.addEventListener('abort', cancel)
    }
    await this.done
  }

  async #main(): Promise<void> {
    const ended = new Promise<{ readonly cause: unknown } | undefined>((resolve) => {
      this.#parts.finish = (error) => {
        if (!this.#parts.isOver) this.#parts.end.abort()
        this.#parts.isOver = this.#parts.isStopping = true
        this.#stop.abort()
        this.#parts.settled()
        resolve(error)
      }
    })
    const stopProgress = logProgress(this.#parts.scheduler, this.#log, this.#parts.intakes, this.#parts.built.operators)
    this.#work().then(
      () => this.#parts.finish(),
      (cause: unknown) => this.#parts.finish({ cause })
    )
    const failure = await ended
    stopProgress()
    const closing = await this.#close()
    const error = failure ?? closing
    this.#parts.board.end(error ? 'failed' : 'stopped', error?.cause)
    this.#parts.tap$.complete()
    if (error) throw error.cause
  }

  async #work(): Promise<void> {
    await Promise.resolve() // errors of the first step reach a caller that has `done` by then
    await this.#restore()
    if (!(await this.#opened()) || this.#parts.isOver || !(await this.#hasModels()) || this.#parts.isOver) return
    if (!this.#parts.isStopping) {
      this.#parts.board.set('running')
      this.#log.info(`${this.id}: connected to ${this.#plan.sources.map((source) => source.id).join(', ')}`)
    }
    await Promise.all(this.#parts.intakes.map((intake) => intake.read(this.#stop.signal)))
    if (!this.#parts.isStopping) await this.#parts.joins.finish()
    await Promise.all(this.#parts.built.outlets.map((outlet) => outlet.drain()))
    await this.#parts.checkpoint()
    await Promise.all(this.#parts.intakes.map((intake) => intake.committer.idle()))
  }

  /** Opens every sink; false when the run was stopped and one of them is away. */
  async #opened(): Promise<boolean> {
    const opened = Promise.all(this.#parts.built.outlets.map((outlet) => outlet.open())).then(() => true)
    opened.catch(() => {}) // is told by the race, or was overtaken by the stop
    const left = new Promise<boolean>((resolve) => {
      this.#parts.leaveWhenAway = () => {
        const isAway = this.#parts.built.outlets.some(
          ({ state }) => state.state === 'connecting' && state.why !== undefined
        )
        if (this.#parts.isStopping && isAway) resolve(false)
      }
    })
    const areOpen = await Promise.race([opened, left])
    this.#parts.leaveWhenAway = undefined
    return areOpen
  }

  /** Waits for what operators need before the first block; false when the run was stopped meanwhile. */
  async #hasModels(): Promise<boolean> {
    const { asyncSteps } = this.#parts.built
    if (asyncSteps.length === 0) return true
    const opened = Promise.all(asyncSteps.map((step) => step.open())).then(() => true)
    opened.catch(() => {}) // is told by the race, or was overtaken by the stop
    const { signal } = this.#stop
    const stopped = new Promise<boolean>((resolve) => {
      if (signal.aborted) resolve(false)
      else signal.addEventListener('abort', () => resolve(false), { once: true })
    })
    return Promise.race([opened, stopped])
  }

  async #restore(): Promise<void> {
    const { store } = this.#settings
    if (!store) return
    const claim = await takeOver(this.#parts, store, this.#stop.signal, this.#parts.restored)
    if (claim) this.#parts.checkpointer.start(claim)
  }

  /** Closes every part; the first error is returned, not thrown, so that all are closed. */
  async #close(): Promise<{ readonly cause: unknown } | undefined> {
    const { outlets, asyncSteps } = this.#parts.built
    const closing = [...outlets.map((outlet) => outlet.close()), ...asyncSteps.map((step) => step.close())]
    const results = await Promise.allSettled([...closing, this.#parts.checkpointer.close()])
    const failed = results.find((result) => result.status === 'rejected')
    return failed && { cause: failed.reason as unknown }
  }
}
