// What the events must be, from the expected windows: no code of the SDK.
import type { ExpectedWindow } from './expected-windows.ts'
import { CLEAR, RAISE } from './records.ts'
import type { StoredEvent } from './stored.ts'

interface Open {
  readonly start: number
  peak: number
  value: number
  last: number
}

/**
 * The events of one machine.
 *
 * @param dataEnds - whether the end of the data ends the one that is open then
 * @param hop - from one window to the next, ms, where the axis is even: an event that is cut short lasts that much longer
 */
export function expectedEvents(
  windows: readonly ExpectedWindow[],
  rule: string,
  dataEnds: boolean,
  hop: number
): StoredEvent[] {
  const events: StoredEvent[] = []
  let raised = false
  let open: Open | undefined
  const close = (stream: string, { start, peak, value }: Open, end: number, endedBy?: string): void => {
    events.push({ ...head(stream, rule, start), phase: 'end', peak, end, value, endedBy })
    open = undefined
  }
  let stream = ''
  for (const window of windows) {
    stream = window.stream
    const { ms, value } = window
    if (window.afterHole && open) close(stream, open, open.last + hop, 'gap')
    raised = value >= (raised ? CLEAR : RAISE)
    if (!raised && open) close(stream, open, ms)
    if (!raised) continue
    open ??= { start: ms, peak: ms, value, last: ms }
    if (value > open.value) {
      open.value = value
      open.peak = ms
    }
    open.last = ms
  }
  if (open && dataEnds) close(stream, open, open.last + hop, 'end of data')
  else if (open) events.push({ ...head(stream, rule, open.start), phase: 'begin' })
  return events
}

function head(stream: string, rule: string, start: number): Pick<StoredEvent, 'id' | 'kind' | 'stream' | 'start'> {
  return { id: `${stream}/${rule}/${start}000000`, kind: 'anomaly', stream, start }
}
