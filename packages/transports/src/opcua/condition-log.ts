import type { MeasurementEvent } from '@messwerk/core/model'
import type { ServerEvent } from './event-fields.ts'

/** A condition that is active. */
interface OpenCondition {
  readonly stream: string
  readonly id: string
  readonly start: number
  last: ServerEvent
}

type Draft = Omit<MeasurementEvent, 'origin'>

/**
 * Which conditions are active, over connections: their beginning is told once, and again where what is known of it has
 * changed; their end also when it came while nobody was connected.
 *
 * @internal
 */
export class ConditionLog {
  readonly #open = new Map<string, OpenCondition>()
  /** Conditions that a refresh has named so far, by stream. */
  readonly #named = new Map<string, Set<string>>()
  #ready: Draft[] = []

  /** @returns whether the server asks for a refresh */
  add(stream: string, event: ServerEvent, least: number): boolean {
    if (event.type === 'RefreshRequiredEventType') return true
    if (event.type === 'RefreshStartEventType') this.#named.set(stream, new Set())
    else if (event.type === 'RefreshEndEventType') this.#refreshed(stream, event)
    else if (event.condition !== undefined) this.#condition(stream, event, least)
    else if (event.severity >= least || isOverflow(event)) this.#plain(stream, event)
    return false
  }

  /** That events of a stream may be missing. */
  tear(stream: string, now: number): void {
    const data = { scans: 'unknown', cause: 'reconnect' }
    this.#ready.push({
      id: `${stream}/gap/${now}`,
      kind: 'notice',
      phase: 'end',
      stream,
      rule: 'gap',
      start: now,
      end: now,
      data
    })
  }

  /** A refresh that was not ended says nothing about what it has not named. */
  disconnected(): void {
    this.#named.clear()
  }

  take(split: string, position: number): MeasurementEvent[] {
    if (this.#ready.length === 0) return []
    const events = this.#ready.map((event) => Object.assign(event, { origin: { split, position } }))
    this.#ready = []
    return events
  }

  #condition(stream: string, event: ServerEvent, least: number): void {
    if (event.isBranch) return
    const key = `${stream}\n${event.condition}`
    const open = this.#open.get(key)
    const isActive = event.retain && (event.active ?? true)
    if (!isActive) {
      if (open) this.#end(key, open, event, event.since ?? event.time)
      return
    }
    this.#named.get(stream)?.add(key)
    // it was inactive in between, and nobody was told
    const isAnother = open && event.since !== undefined && event.since > open.start && event.since !== open.last.since
    if (open && isAnother) this.#end(key, open, open.last, event.since as number)
    if (open && !isAnother) {
      if (isSame(open.last, event)) return
      open.last = event
      this.#ready.push(begun(open))
      return
    }
    if (event.severity < least) return
    const start = event.since ?? event.time
    const id = `${stream}/${event.condition}/${start}`
    const fresh: OpenCondition = { stream, id, start, last: event }
    this.#open.set(key, fresh)
    this.#ready.push(begun(fresh))
  }

  #end(key: string, open: OpenCondition, event: ServerEvent, end: number, more?: object): void {
    this.#open.delete(key)
    this.#ready.push(Object.assign(begun(open), { phase: 'end', end, data: Object.assign(dataOf(event), more) }))
  }

  #refreshed(stream: string, { time }: ServerEvent): void {
    const named = this.#named.get(stream)
    this.#named.delete(stream)
    if (!named) return
    for (const [key, open] of this.#open) {
      if (open.stream === stream && !named.has(key))
        this.#end(key, open, open.last, time, { active: false, endedBy: 'refresh' })
    }
  }

  #plain(stream: string, event: ServerEvent): void {
    const { time, eventId, type } = event
    const rule = isOverflow(event) ? 'overflow' : type
    const id = `${stream}/${eventId || `${type}/${time}`}`
    this.#ready.push({ id, kind: 'notice', phase: 'end', stream, rule, start: time, end: time, data: dataOf(event) })
  }
}

function isOverflow({ type }: ServerEvent): boolean {
  return type === 'EventQueueOverflowEventType'
}

function isSame(a: ServerEvent, b: ServerEvent): boolean {
  return a.acked === b.acked && a.severity === b.severity && a.message === b.message
}

function begun({ id, stream, start, last }: OpenCondition): Draft {
  return { id, kind: 'notice', phase: 'begin', stream, rule: last.name ?? last.type, start, data: dataOf(last) }
}

function dataOf({ type, source, message, severity, condition, active, acked }: ServerEvent): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ type, source, message, severity, condition, active, acked }).filter(
      ([, value]) => value !== undefined
    )
  )
}
