import { format, type MeasurementEvent } from '@messwerk/core/model'
import { escapeHtml } from './escape-html.ts'
import { numberLabel } from './number-label.ts'
import { dateLabel, durationLabel, timeLabel } from './time-label.ts'

const MOST_SHARES = 4

/** The table below the charts; the row of the first event has the number 1. */
export function eventsTable(events: readonly MeasurementEvent[]): string {
  if (events.length === 0) return '<p class="none-found">No events.</p>'
  const rows = events.map((event, i) => rowHtml(event, i + 1))
  return `<table>
<thead><tr><th scope="col">No.</th><th scope="col">Event</th><th scope="col">Start</th><th scope="col">Duration</th><th scope="col">Peak score</th><th scope="col">Contributions</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`
}

function rowHtml(event: MeasurementEvent, row: number): string {
  const id = escapeHtml(event.id)
  const cells = [
    `<td class="number"><span class="chip ${event.kind}">${row}</span></td>`,
    `<td class="sentence" data-label="Event">${escapeHtml(format(event, { utc: true }))}<code>${id}</code></td>`,
    `<td data-label="Start">${startHtml(event.start)}</td>`,
    `<td data-label="Duration">${durationText(event)}</td>`,
    `<td data-label="Peak score">${scoreText(event)}</td>`,
    `<td data-label="Contributions">${sharesHtml(event.contributions)}</td>`
  ]
  return `<tr id="event-${row}" data-event-id="${id}">${cells.join('')}</tr>`
}

function startHtml(start: number): string {
  const date = dateLabel(start)
  return `${timeLabel(start)}<small>${date === '' ? 'of the recording' : `UTC, ${date}`}</small>`
}

function durationText({ start, end, phase }: MeasurementEvent): string {
  if (end !== undefined) return durationLabel(end - start)
  return phase === 'begin' ? 'still open' : '–'
}

function scoreText({ score, limit }: MeasurementEvent): string {
  if (score === undefined) return '–'
  return `${numberLabel(score)}${limit === undefined ? '' : `<small>limit ${numberLabel(limit)}</small>`}`
}

function sharesHtml(contributions: MeasurementEvent['contributions']): string {
  const shares = Object.entries(contributions ?? {}).filter(([, share]) => share > 0 && Number.isFinite(share))
  if (shares.length === 0) return '–'
  shares.sort(([, a], [, b]) => b - a)
  const sum = shares.reduce((total, [, share]) => total + share, 0)
  const items = shares.slice(0, MOST_SHARES).map(([name, share]) => {
    const part = `${Math.round((100 * share) / sum)} %`
    const bar = `<span class="bar" aria-hidden="true"><span style="width:${((100 * share) / sum).toFixed(1)}%"></span></span>`
    return `<li><span class="name">${escapeHtml(name)}</span>${bar}<span class="part">${part}</span></li>`
  })
  const rest = shares.length - MOST_SHARES
  return `<ul class="shares">${items.join('')}${rest > 0 ? `<li class="rest">and ${rest} more</li>` : ''}</ul>`
}
