import { BehaviorSubject } from 'rxjs'
import type { Gap } from '../model/gap.ts'
import type { Source } from '../model/source.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { Components } from './components.ts'
import { GapNews } from './gap-news.ts'
import type { Log } from './log.ts'
import type { ComponentStatus, Health, RunStatus } from './status.ts'

/** What a status board needs of its run. @internal */
export interface StatusHost {
  readonly scheduler: Scheduler
  readonly commitsOnSettle: boolean
  /** The required outlet with the most in its queue. */
  slowest(): string | undefined
}

/** How a run and its parts are doing. @internal */
export class StatusBoard {
  readonly status$: BehaviorSubject<RunStatus>
  readonly #host: StatusHost
  readonly #log: Log
  readonly #components: Components
  readonly #gaps: GapNews
  readonly #repeating = new Set<Source>()
  readonly #degraded = new Set<string>()

  constructor(host: StatusHost, log: Log) {
    this.#host = host
    this.#log = log
    this.#components = new Components(host.scheduler, () => this.#changed())
    this.#gaps = new GapNews(host.scheduler, () => this.#changed())
    this.status$ = new BehaviorSubject(this.#statusOf('connecting'))
  }

  get state(): RunStatus['state'] {
    return this.status$.value.state
  }

  get pausedBy(): string | undefined {
    return this.status$.value.pausedBy
  }

  set(state: RunStatus['state'], error?: unknown): void {
    const isEnding = this.state === 'stopping' && (state === 'running' || state === 'paused')
    if (!isEnding) this.status$.next(this.#statusOf(state, error))
  }

  end(state: 'failed' | 'stopped', error?: unknown): void {
    this.#gaps.close()
    this.set(state, error)
    this.status$.complete()
  }

  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void {
    if (state === 'degraded') {
      this.#degraded.add(id)
      this.#log.warn(`${kind} ${id}: ${why}`)
    } else if (state === 'running' && this.#degraded.delete(id)) this.#log.info(`${kind} ${id}: running again`)
    this.#components.set(id, kind, state, why)
  }

  /** On this part readiness does not depend. */
  excuse(id: string): void {
    this.#components.excuse(id)
  }

  health(): Health {
    return this.#components.health(this.state)
  }

  gap(source: string, stream: string, gap: Gap): void {
    const { scans, cause } = gap
    this.#log.warn(`${stream}: gap of ${scans === 'unknown' ? 'an unknown number of' : scans} scans (${cause})`)
    this.#gaps.note(source, stream, gap)
  }

  /** A source that delivers again gives rows the time of their arrival. */
  repeatsRows(source: Source): void {
    if (this.#repeating.has(source)) return
    this.#repeating.add(source)
    const why = 'its rows have the time of their arrival, so what is delivered again after a crash is a new row'
    this.#log.warn(`${source.id}: at least once: ${why}. Give a time field of the payload`)
    this.#changed()
  }

  #statusOf(state: RunStatus['state'], error?: unknown): RunStatus {
    const pausedBy = state === 'paused' ? this.#host.slowest() : undefined
    return this.#with({ state, since: this.#host.scheduler.now(), pausedBy, error })
  }

  /** A part changed; the state of the whole did not. */
  #changed(): void {
    this.status$.next(this.#with(this.status$.value))
  }

  #with({ state, since, pausedBy, error }: Pick<RunStatus, 'state' | 'since' | 'pausedBy' | 'error'>): RunStatus {
    const keepsState = this.#host.commitsOnSettle ? 'in memory' : 'checkpoints'
    const rows = this.#repeating.size > 0 ? 'at least once' : 'once'
    const [components, gaps] = [this.#components.all(), this.#gaps.all()]
    return { state, since, keepsState, rows, components, gaps, pausedBy, error }
  }
}
