import { format, type MeasurementEvent } from '@messwerk/core/model'
import { placeOf } from './bands.ts'
import { escapeHtml } from './escape-html.ts'
import { labelFit } from './label-fit.ts'
import { percent, type TimeRange } from './time-range.ts'

/** The numbers of the events above a chart, each a link to its row in the table; `rows` gives the row by event id. */
export function eventLane(
  events: readonly MeasurementEvent[],
  range: TimeRange,
  rows: ReadonlyMap<string, number>
): string {
  const placed = events.flatMap((event) => {
    const place = placeOf(event.start, event.end ?? range.to, range)
    const row = rows.get(event.id)
    return place && row !== undefined ? [{ ...place, event, row, at: place.left, text: String(row) }] : []
  })
  if (placed.length === 0) return ''
  const fits = labelFit(placed)
  const items = placed.map(({ left, right, event, row }, i) => {
    const sentence = escapeHtml(format(event, { utc: true }))
    const link = `<a href="#event-${row}" data-event-id="${escapeHtml(event.id)}" title="${sentence}"><span class="${fits[i]}">${row}</span></a>`
    return `<li class="${event.kind}" style="left:${percent(left)};width:${percent(right - left)}">${link}</li>`
  })
  return `<ol class="lane" aria-label="Events in this chart">${items.join('')}</ol>`
}
