import type { MeasurementEvent } from '../model/event.ts'
import type { Gap } from '../model/gap.ts'

/** The event that tells of a hole that no block could carry. @internal */
export function gapNotice(
  id: string,
  stream: string,
  gap: Gap,
  atMs: number,
  origin: MeasurementEvent['origin']
): MeasurementEvent {
  return { id, kind: 'notice', phase: 'end', stream, rule: 'gap', start: atMs, end: atMs, origin, data: gap }
}
