import { type Duration, durationMs } from '../model/span.ts'
import { type EventOperator, eventOperator } from '../rx/event-operator.ts'
import { ToEventsKernel } from './to-events-kernel.ts'

/**
 * What `toEvents` groups.
 *
 * @example
 * ```ts
 * import type { ToEventsOptions } from '@messwerk/core'
 *
 * const options: ToEventsOptions<'pressure'> = { of: 'pressure', model: 'press-3@7' }
 * options.of // => 'pressure'
 * ```
 */
export interface ToEventsOptions<K extends string = 'score'> {
  /** The score or channel whose flag, limit, shares and bands are read. @defaultValue 'score' */
  readonly of?: K | undefined
  /**
   * Name and version of the model that scored, put on every event.
   *
   * @defaultValue of a fitted model what `detect` says: `pump@3`, the version that scored the scan that the event tells of
   */
  readonly model?: string | undefined
  /**
   * Events that do not last so long, from the first to the last flagged scan, are left out. The beginning is then sent late, when
   * the event has lasted that long, with what the peak so far was.
   *
   * @defaultValue '0s'
   */
  readonly minLength?: Duration | undefined
}

/**
 * Groups the raised flags of `detect` or `threshold` into events.
 *
 * - An event begins at the first scan with flag 2 and ends at the first scan with a flag below 2; NaN keeps it open. `end` is
 *   the time of that normal scan.
 * - A declared hole or the end of the data ends an open event one period behind its last scan (at the last scan where scans
 *   come at irregular times), with `data: { endedBy: 'gap' }` or `{ endedBy: 'end of data' }`.
 * - Sent at its beginning with score, limit, shares, values and bands of the first scan, and at its end with those of the peak:
 *   the largest score or value, the smallest value where the limit is a lower one.
 * - `values` holds the channels that have a share, or the watched channel itself. What is not finite is left out.
 *
 * Any cutting into blocks gives the same events, and equal data gives equal ids.
 *
 * @throws TypeError when `of` or `model` is no name, RangeError when `minLength` is no span of time; at a stream's first block RangeError when it has no such channel or no flag
 * of it
 *
 * @example
 * ```ts
 * import { threshold, toEvents } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [5, 6, 7, 4] })
 * const watched = of(block).pipe(threshold({ of: 'pressure', raise: 6 }), toEvents({ of: 'pressure' }))
 * const { id, phase, start, peak, end, values } = await lastValueFrom(watched)
 * id // => 'pump-1/pressure/100000000'
 * phase // => 'end'
 * const times = [start, peak, end]
 * times // => [100, 200, 300]
 * values // => { pressure: { value: 7, unit: 'bar' } }
 * ```
 */
export function toEvents<const K extends string = 'score'>(options: ToEventsOptions<K> = {}): EventOperator<K> {
  const { of = 'score' as K, model, minLength = '0s' } = options
  if (typeof of !== 'string' || of === '') throw new TypeError(`toEvents: of must name a channel, got ${String(of)}`)
  if (model !== undefined && (typeof model !== 'string' || model === '')) {
    throw new TypeError(`toEvents: model must be a non-empty string, got ${String(model)}`)
  }
  const leastMs = durationMs(minLength, 'toEvents: minLength')
  return eventOperator({
    id: 'toEvents',
    needs: [of],
    settings: { of },
    kernel: (stream) => new ToEventsKernel(stream, of, model, leastMs)
  })
}
