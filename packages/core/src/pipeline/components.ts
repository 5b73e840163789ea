import type { Scheduler } from '../time/scheduler.ts'
import type { ComponentStatus, Health, RunStatus } from './status.ts'

/** How each part of a run is doing. @internal */
export class Components {
  readonly #scheduler: Scheduler
  readonly #changed: () => void
  readonly #status = new Map<string, ComponentStatus>()
  readonly #optional = new Set<string>()

  constructor(scheduler: Scheduler, changed: () => void) {
    this.#scheduler = scheduler
    this.#changed = changed
  }

  /** Of this one readiness does not depend. */
  excuse(id: string): void {
    this.#optional.add(id)
  }

  set(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void {
    const before = this.#status.get(id)
    if (before?.state === state && before.why === why) return
    const since = before?.state === state ? before.since : this.#scheduler.now()
    this.#status.set(id, why === undefined ? { kind, state, since } : { kind, state, since, why })
    this.#changed()
  }

  all(): Readonly<Record<string, ComponentStatus>> {
    return Object.fromEntries(this.#status)
  }

  health(state: RunStatus['state']): Health {
    const live = state !== 'failed' && state !== 'stopped'
    const why = Array.from(this.#status).flatMap(([id, status]) => {
      if (status.state === 'running' || this.#optional.has(id)) return []
      return [`${status.kind} ${id} is ${status.state}${status.why ? `: ${status.why}` : ''}`]
    })
    if (state !== 'running' && state !== 'paused') why.unshift(`the run is ${state}`)
    return { live, ready: why.length === 0, why }
  }
}
