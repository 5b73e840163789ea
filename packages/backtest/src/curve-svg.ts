import type { ThresholdResult } from './backtest-report.ts'
import { shortNumber } from './report-text.ts'

const WIDTH = 720
const HEIGHT = 300
const LEFT = 60
const BOTTOM = 40

/** Alarms a week over the limit, both logarithmic; with labels also the share found, from 0 to 1. @internal */
export function curveSvg(curve: readonly ThresholdResult[], marked: readonly ThresholdResult[]): string {
  const points = curve.filter(({ limit }) => limit > 0 && Number.isFinite(limit)).toSorted((a, b) => a.limit - b.limit)
  if (points.length < 2) return ''
  const x = scaleOf(points[0]!.limit, points.at(-1)!.limit, LEFT, WIDTH - 50)
  const rates = points.map(({ alarmsPerWeek }) => alarmsPerWeek).filter((rate) => rate > 0)
  const lowest = rates.length > 0 ? Math.min(...rates) / 2 : 0.5
  const y = scaleOf(lowest, Math.max(lowest * 4, ...rates), HEIGHT - BOTTOM, 15)
  const line = points.map(({ limit, alarmsPerWeek }) => `${x(limit)},${y(Math.max(lowest, alarmsPerWeek))}`)
  const dots = marked
    .filter(({ limit }) => limit >= points[0]!.limit && limit <= points.at(-1)!.limit)
    .map(
      ({ limit, alarmsPerWeek }) =>
        `<circle cx="${x(limit)}" cy="${y(Math.max(lowest, alarmsPerWeek))}" r="5" fill="#0969da"/>`
    )
  const found = points.some(({ recall }) => recall !== undefined && !Number.isNaN(recall))
  const share = (one: ThresholdResult): number => HEIGHT - BOTTOM - (one.recall ?? 0) * (HEIGHT - BOTTOM - 15)
  const recall = points.map((one) => `${x(one.limit)},${round(share(one))}`)
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="alarms a week over the threshold">
<path d="M${LEFT} 15V${HEIGHT - BOTTOM}H${WIDTH - 50}" fill="none" stroke="#57606a"/>
<polyline points="${line.join(' ')}" fill="none" stroke="#0969da" stroke-width="2"/>${dots.join('')}
${found ? `<polyline points="${recall.join(' ')}" fill="none" stroke="#1a7f37" stroke-width="2" stroke-dasharray="5 4"/>` : ''}
${ticks(points, x)}
<text x="5" y="20" font-size="12">${shortNumber(Math.max(lowest * 4, ...rates))}</text><text x="5" y="${HEIGHT - BOTTOM}" font-size="12">${shortNumber(lowest)}</text>
<text x="${LEFT + 8}" y="14" font-size="12" fill="#0969da">alarms a week</text>${found ? `<text x="${WIDTH - 190}" y="14" font-size="12" fill="#1a7f37">share of labels found, 0 to 1</text>` : ''}
<text x="${WIDTH / 2}" y="${HEIGHT - 4}" font-size="12">threshold</text></svg>`
}

function ticks(points: readonly ThresholdResult[], x: (limit: number) => number): string {
  const shown = [points[0]!, points[Math.floor(points.length / 2)]!, points.at(-1)!]
  return shown
    .map(
      ({ limit }) =>
        `<text x="${x(limit) - 10}" y="${HEIGHT - BOTTOM + 16}" font-size="12">${shortNumber(limit)}</text>`
    )
    .join('')
}

function scaleOf(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = Math.log(high / low) || 1
  return (value) => round(from + ((to - from) * Math.log(value / low)) / span)
}

function round(x: number): number {
  return Math.round(x * 10) / 10
}
