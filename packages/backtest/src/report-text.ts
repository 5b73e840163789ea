import type { ThresholdResult } from './backtest-report.ts'

/** A number as people read it: three digits that count. @internal */
export function shortNumber(x: number): string {
  if (Number.isNaN(x)) return 'none'
  if (!Number.isFinite(x)) return String(x)
  return String(Number(x.toPrecision(3)))
}

/** A span of time in the unit that suits it. @internal */
export function shortSeconds(seconds: number): string {
  if (Number.isNaN(seconds)) return 'none'
  if (seconds === 0) return '0 s'
  const units: readonly [number, string][] = [
    [604_800, 'weeks'],
    [86_400, 'days'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
    [0.001, 'ms']
  ]
  const [size, unit] = units.find(([least]) => seconds >= 2 * least) ?? [0.001, 'ms']
  return `${shortNumber(seconds / size)} ${unit}`
}

/** "Threshold 8.5: 1 alarm, 0.9 a week; 3 of 3 labels found, median delay 12 s; 0 false alarms". @internal */
export function thresholdLine(result: ThresholdResult): string {
  const { name, alarms, alarmsPerWeek, labels } = result
  const parts = [`Threshold ${name}: ${counted(alarms, 'alarm')}, ${shortNumber(alarmsPerWeek)} a week`]
  if (labels) {
    const found = labels.filter(({ delay }) => delay !== undefined).length
    parts.push(
      `${found} of ${counted(labels.length, 'label')} found${found > 0 ? `, median delay ${shortSeconds(result.medianDelay!)}` : ''}`,
      `${counted(result.falseAlarms!, 'false alarm')}, ${shortNumber(result.falseAlarmsPerWeek!)} a week`
    )
  }
  return parts.join('; ')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
