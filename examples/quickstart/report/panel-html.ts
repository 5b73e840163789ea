import { escapeHtml } from './escape-html.ts'
import { labelFit } from './label-fit.ts'
import { PATH_UNITS, pathData } from './path-data.ts'
import type { ChartGap, Panel, Series } from './report.ts'
import { thinSeries } from './thin-series.ts'
import { percent, type TimeRange } from './time-range.ts'
import { timeTicks } from './time-ticks.ts'
import { unitLabel } from './unit-label.ts'
import { type ValueScale, valueScale } from './value-scale.ts'

export interface PanelPlace {
  readonly range: TimeRange
  readonly gaps: readonly ChartGap[]
  /** What lies below and above the lines, as SVG. */
  readonly bands: string
  readonly labels: string
  /** Room below the lowest value for the labels, as a part of the height. */
  readonly foot: number | undefined
  readonly height: number
  /** What the picture shows, for those who do not see it. */
  readonly description: string
  /** Write the times below this panel. */
  readonly times: boolean
}

const SIGNAL_COLOURS = 6

/**
 * A panel: its name and legend as text, its lines as an SVG that is as wide as the page. Only the lines lie in a viewBox
 * that is stretched, so that words and strokes keep their size on a phone, in a window and on paper.
 */
export function panelHtml(panel: Panel, place: PanelPlace): string {
  const scale = valueScale(panel, place.foot)
  const classes = lineClasses(panel.series)
  const lines = panel.series.map((series, i) => {
    const d = pathData(thinSeries(series, place.range, place.gaps), series, place.range, scale)
    return `<path class="line ${classes[i]}" d="${d}"/>`
  })
  const unit = escapeHtml(unitLabel(panel.unit))
  return `<div class="panel">
<div class="panel-head"><h3>${escapeHtml(panel.label)}${headNote(unit, scale)}</h3>${legend(panel.series, classes)}</div>
<svg class="plot${place.times ? ' timed' : ''}" height="${place.height}" role="img" aria-label="${escapeHtml(place.description)}" data-low="${scale.low}" data-high="${scale.high}" data-log="${scale.log}">
${place.bands}
${grid(place.range, scale)}
<svg class="lines" width="100%" height="100%" viewBox="0 0 ${PATH_UNITS} ${PATH_UNITS}" preserveAspectRatio="none">${lines.join('\n')}</svg>
${place.labels}${place.times ? timeLabels(place.range) : ''}
</svg>
</div>`
}

function headNote(unit: string, { log }: ValueScale): string {
  const words = [unit, log ? 'logarithmic' : ''].filter((word) => word !== '').join(', ')
  return words === '' ? '' : ` <span class="unit">${words}</span>`
}

/** Signals by number: six colours, then the same dashed; the first score of a panel in the colour of the text. */
function lineClasses(series: readonly Series[]): string[] {
  let signals = 0
  let scores = 0
  return series.map(({ role = 'signal' }) => {
    const plain = role === 'signal' || (role === 'score' && scores++ > 0)
    if (!plain) return role
    const again = signals >= SIGNAL_COLOURS ? ' again' : ''
    return `signal-${signals++ % SIGNAL_COLOURS}${again}`
  })
}

function legend(series: readonly Series[], classes: readonly string[]): string {
  const items = series.map(({ name }, i) => {
    const swatch = `<svg width="22" height="10" aria-hidden="true"><path class="line ${classes[i]}" d="M1 5H21"/></svg>`
    return `<li>${swatch}${escapeHtml(name)}<span class="value"></span></li>`
  })
  return `<ul class="legend">${items.join('')}</ul>`
}

function grid(range: TimeRange, { ticks }: ValueScale): string {
  const levels = ticks.map(({ at, label }) => {
    const y = percent(1 - at)
    return `<line x2="100%" y1="${y}" y2="${y}"/><text x="-8" y="${y}" dy="4" text-anchor="end">${label}</text>`
  })
  const times = timeTicks(range).map(({ at }) => `<line x1="${percent(at)}" x2="${percent(at)}" y2="100%"/>`)
  return `<g class="grid">${times.join('')}${levels.join('')}</g>`
}

function timeLabels(range: TimeRange): string {
  const ticks = timeTicks(range).map(({ at, label }) => ({ at, text: label }))
  const fits = labelFit(ticks)
  const texts = ticks.map(({ at, text }, i) => {
    const anchor = at > 0.97 ? 'end' : 'middle'
    return `<text class="${fits[i]}" x="${percent(at)}" y="100%" dy="19" text-anchor="${anchor}">${text}</text>`
  })
  return `<g class="times">${texts.join('')}</g>`
}
