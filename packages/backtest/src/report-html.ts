import type { MeasurementEvent } from '@messwerk/core/model'
import type { BacktestReport, ThresholdResult } from './backtest-report.ts'
import { curveSvg } from './curve-svg.ts'
import { shortNumber, shortSeconds, thresholdLine } from './report-text.ts'

/** Events shown for each threshold, those of the highest score first. */
const SHOWN = 50

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f23}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{text-align:right;padding:.25rem .6rem;border-bottom:1px solid #d8dee4}
th:first-child,td:first-child{text-align:left}th{background:#f6f8fa}svg{max-width:100%;height:auto}.missed{color:#b42318}.note{color:#57606a}`

/** The report as a page that needs nothing else. @internal */
export function reportHtml(title: string, report: BacktestReport): string {
  const { scans, scored, seconds, thresholds, curve } = report
  const all = curve.length > 0 ? curve : thresholds
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Backtest of ${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>Backtest of ${escaped(title)}</h1>
<p>${scans} scans, ${scored} of them scored: ${shortSeconds(seconds)}. Everything before that was learned from.</p>
<ul>${thresholds.map((one) => `<li>${escaped(thresholdLine(one))}</li>`).join('')}</ul>
${curveSvg(all, thresholds)}
${table(all)}
${thresholds.map(events).join('\n')}
<p class="note">An alarm counts when it is raised; one that a gap in the data cuts in two counts twice. A label is found when an alarm overlaps it. Rates are for scored time; from few alarms they are rough: none in a week of data is no promise of none.</p>
</body></html>
`
}

function table(rows: readonly ThresholdResult[]): string {
  const hasLabels = rows.some(({ labels }) => labels !== undefined)
  const head = ['threshold', 'alarms', 'a week', 'in alarm']
  if (hasLabels) head.push('false a week', 'found', 'precision', 'median delay')
  const body = rows.map((row) => {
    const cells = [row.name, String(row.alarms), shortNumber(row.alarmsPerWeek), percent(row.inAlarm)]
    if (hasLabels)
      cells.push(
        shortNumber(row.falseAlarmsPerWeek ?? Number.NaN),
        percent(row.recall ?? Number.NaN),
        percent(row.precision ?? Number.NaN),
        shortSeconds(row.medianDelay ?? Number.NaN)
      )
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`
  })
  return `<table><thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function events({ name, events, labels }: ThresholdResult): string {
  const top = events.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0)).slice(0, SHOWN)
  const rows = top.map(
    (event) =>
      `<tr><td>${time(event.start)}</td><td>${shortSeconds(((event.end ?? event.start) - event.start) / 1000)}</td><td>${shortNumber(event.score ?? Number.NaN)}</td><td>${escaped(cause(event))}</td></tr>`
  )
  const missed = (labels ?? []).filter(({ delay }) => delay === undefined)
  const missedList = missed.map(
    ({ label }) =>
      `<li class="missed">missed: ${escaped(label.name ?? 'label')} ${time(label.start)} to ${time(label.end)}</li>`
  )
  const more = events.length > top.length ? ` (the ${SHOWN} highest of ${events.length})` : ''
  return `<h2>Threshold ${escaped(name)}: events${more}</h2><ul>${missedList.join('')}</ul>
<table><thead><tr><th>start</th><th>length</th><th>highest score</th><th>channels</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

/** The channels with the largest shares, with their values. */
function cause({ contributions = {}, values = {} }: MeasurementEvent): string {
  return Object.entries(contributions)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name]) => (values[name] ? `${name} ${shortNumber(values[name].value)} ${values[name].unit}` : name))
    .join(', ')
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function percent(share: number): string {
  return Number.isNaN(share) ? 'none' : `${shortNumber(100 * share)} %`
}

/** Text as HTML. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
