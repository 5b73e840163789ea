import type { LiveState, LiveValue, LiveValues } from './live-values.ts'
import { gapText, table, valueText } from './text.ts'

const COLUMN = 10

/** Many lines, for a terminal that shows them in place. @internal */
export function monitorScreen(name: string, live: LiveValues, silentSeconds: number): string[] {
  const { state } = live
  const rows = live.values.map(({ name: channel, unit, last, min, max, doubtful }) => [
    channel,
    valueText(last).padStart(COLUMN),
    (unit === '1' ? '' : unit) + (doubtful ? ' ?' : ''),
    valueText(min).padStart(COLUMN),
    valueText(max).padStart(COLUMN)
  ])
  const heads = ['now', '', 'smallest', 'largest'].map((head) => (head ? head.padStart(COLUMN) : head))
  const last = state.lastGap ? `, last: ${gapText(state.lastGap).replace('gap: ', '')}` : ''
  return [
    name,
    `${clockText(state)}, ${state.scans} scans`,
    `${gapsText(state)}${last}`,
    silentSeconds > 0 ? `no data for ${silentSeconds} s` : '',
    ...(rows.length > 0 ? table([['', ...heads], ...rows]) : [])
  ]
}

/** One line, for a log. @internal */
export function monitorLine(live: LiveValues, time: string): string {
  const values = live.values.map((value) => `${value.name} ${lastText(value)}`)
  return `${time}  ${clockText(live.state)}, ${gapsText(live.state)}  ${values.join('  ')}`
}

/** @internal */
export function monitorJson(live: LiveValues, time: string): string {
  const values = live.values.map(({ name, unit, last, min, max, doubtful }) => [
    name,
    { value: last, unit, min, max, ...(doubtful ? { doubtful } : {}) }
  ])
  return JSON.stringify({ time, ...live.state, values: Object.fromEntries(values) })
}

function lastText({ last, unit, doubtful }: LiveValue): string {
  return `${valueText(last)}${unit === '1' ? '' : ` ${unit}`}${doubtful ? ' ?' : ''}`
}

function clockText({ rate, ppm, uncertaintyMs }: LiveState): string {
  if (Number.isNaN(rate)) return 'no data yet'
  const error = `${ppm >= 0.5 ? '+' : ''}${Math.round(ppm) || 0} ppm`
  return `${valueText(rate)} Hz (clock ${error}, times ±${Number(uncertaintyMs.toPrecision(2))} ms)`
}

function gapsText({ gaps, missing }: LiveState): string {
  if (gaps === 0) return 'no gaps'
  const scans = missing === 'unknown' ? 'an unknown number of' : missing
  return `${gaps === 1 ? '1 gap' : `${gaps} gaps`}, ${scans} scans missing`
}
