import { eventBands, gapBands, gapLabels, gapText } from './bands.ts'
import { escapeHtml } from './escape-html.ts'
import { eventLane } from './event-lane.ts'
import { latestEvents } from './latest-events.ts'
import { countLabel } from './number-label.ts'
import { panelHtml } from './panel-html.ts'
import type { Chart, ChartGap, Panel } from './report.ts'
import { dateLabel, isElapsed, timeLabel } from './time-label.ts'
import { type TimeRange, timeRange } from './time-range.ts'

const [TALL, LOW] = [200, 140]

/** One chart as a figure: caption, event numbers, panels over one time axis. */
export function chartHtml(chart: Chart, rows: ReadonlyMap<string, number>): string {
  const range = timeRange(chart)
  const events = latestEvents(chart.events).sort((a, b) => a.start - b.start)
  const bands = gapBands(chart.gaps, range) + eventBands(events, range)
  const panels = chart.panels.map((panel, i) =>
    panelHtml(panel, {
      range,
      gaps: chart.gaps,
      bands,
      labels: i === 0 ? gapLabels(chart.gaps, range) : '',
      foot: i === 0 && chart.gaps.length > 0 ? 0.14 : undefined,
      height: i === 0 ? TALL : LOW,
      description: descriptionOf(panel, range, events.length, chart.gaps),
      times: i === chart.panels.length - 1
    })
  )
  return `<figure class="chart" data-from="${range.from}" data-to="${range.to}" data-elapsed="${isElapsed(range.from)}">
<figcaption><h2>${escapeHtml(chart.title)}</h2><p>${escapeHtml(captionOf(range, events.length, chart.gaps))}</p></figcaption>
<div class="panels">${eventLane(events, range, rows)}${panels.join('\n')}
<p class="readout" aria-live="polite"></p></div>
</figure>`
}

function captionOf(range: TimeRange, events: number, gaps: readonly ChartGap[]): string {
  return [spanText(range), plural(events, 'event'), ...gapTexts(gaps)].join(' · ')
}

function descriptionOf({ label, series }: Panel, range: TimeRange, events: number, gaps: readonly ChartGap[]): string {
  const names = series.map(({ name }) => name).join(', ')
  return `${label}: ${names}; ${spanText(range)}; ${[plural(events, 'event'), ...gapTexts(gaps)].join(', ')}`
}

function spanText({ from, to }: TimeRange): string {
  const precision = to - from > 10_000 ? 1000 : 1
  const [first, last] = [from, to].map((ms) => timeLabel(Math.round(ms / precision) * precision, precision))
  return isElapsed(from) ? `${first} to ${last} of the recording` : `${dateLabel(from)}, ${first} to ${last} UTC`
}

function gapTexts(gaps: readonly ChartGap[]): string[] {
  if (gaps.length === 0) return []
  if (gaps.length === 1) return [gapText(gaps[0] as ChartGap)]
  const known = gaps.reduce((sum, { scans }) => sum + (scans === 'unknown' ? 0 : scans), 0)
  if (known === 0) return [`${gaps.length} gaps of unknown length`]
  const atLeast = gaps.some(({ scans }) => scans === 'unknown') ? 'at least ' : ''
  return [`${gaps.length} gaps, ${atLeast}${countLabel(known)} scans missing`]
}

function plural(count: number, word: string): string {
  return `${countLabel(count)} ${count === 1 ? word : `${word}s`}`
}
