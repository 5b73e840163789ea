import { format, type MeasurementEvent } from '@messwerk/core/model'
import { escapeHtml } from './escape-html.ts'
import { anchorOf, labelFit, type PlacedLabel, type Room } from './label-fit.ts'
import { countLabel } from './number-label.ts'
import type { ChartGap } from './report.ts'
import { fractionOf, percent, type TimeRange } from './time-range.ts'

const EDGE = 0.22 // half of a long label on a phone

/** What is missing in a gap: `1 000 scans missing (lost)`. */
export function gapText({ scans, cause }: ChartGap): string {
  if (scans === 'unknown') return `an unknown number of scans missing (${cause})`
  return `${countLabel(scans)} ${scans === 1 ? 'scan' : 'scans'} missing (${cause})`
}

/** Grey bands over the height of a panel. */
export function gapBands(gaps: readonly ChartGap[], range: TimeRange): string {
  const bands = gaps.map((gap) => {
    const place = placeOf(gap.from, gap.to, range)
    return place && `<g class="gap"><title>${escapeHtml(gapText(gap))}</title>${rect(place)}</g>`
  })
  return bands.join('')
}

/**
 * The words of the gaps at the foot of a panel, where there is room. Where most would have to be left out none is written:
 * the caption of the chart counts them, and each has its tooltip.
 */
export function gapLabels(gaps: readonly ChartGap[], range: TimeRange): string {
  const placed = gaps.flatMap((gap) => {
    const place = placeOf(gap.from, gap.to, range)
    return place ? [{ at: (place.left + place.right) / 2, text: gapText(gap) }] : []
  })
  const fits = labelFit(placed, EDGE)
  if (fits.filter((room) => room === 'none').length > placed.length / 2) return ''
  return placed.map((label, i) => (fits[i] === 'none' ? '' : gapLabel(label, fits[i] as Room))).join('')
}

function gapLabel({ at, text }: PlacedLabel, room: Room): string {
  const anchor = anchorOf(at, EDGE)
  return `<text class="gap-label ${room}" x="${percent(at)}" y="100%" dy="-7" text-anchor="${anchor}">${escapeHtml(text)}</text>`
}

/** A coloured band for each event, from its start to its end; one that has not ended goes on to the right edge. */
export function eventBands(events: readonly MeasurementEvent[], range: TimeRange): string {
  const bands = events.map((event) => {
    const place = placeOf(event.start, event.end ?? range.to, range)
    const title = `<title>${escapeHtml(format(event, { utc: true }))}</title>`
    return place && `<g class="band ${event.kind}" data-event-id="${escapeHtml(event.id)}">${title}${rect(place)}</g>`
  })
  return bands.join('')
}

interface Place {
  readonly left: number
  readonly right: number
}

/** The visible part of a stretch of time, as fractions of the axis; nothing when it lies outside. */
export function placeOf(from: number, to: number, range: TimeRange): Place | '' {
  const [left, right] = [fractionOf(from, range), fractionOf(Math.max(from, to), range)]
  if (!(right >= 0 && left <= 1)) return ''
  return { left: Math.max(0, left), right: Math.min(1, right) }
}

function rect({ left, right }: Place): string {
  return `<rect x="${percent(left)}" width="${percent(right - left)}" height="100%"/>`
}
