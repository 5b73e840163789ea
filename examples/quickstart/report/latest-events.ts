import type { MeasurementEvent } from '@messwerk/core/model'

/** Each event once, by id, in the order given: its end replaces its beginning, whatever came first. */
export function latestEvents(events: readonly MeasurementEvent[]): MeasurementEvent[] {
  const byId = new Map<string, MeasurementEvent>()
  for (const event of events) {
    if (event.phase === 'end' || byId.get(event.id)?.phase !== 'end') byId.set(event.id, event)
  }
  return [...byId.values()]
}
