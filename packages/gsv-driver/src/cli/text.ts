import type { Gap, MeasurementEvent } from '@messwerk/core/model'

/** At most six significant digits. @internal */
export function valueText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : 'no value'
}

/** Unit as it stands behind a name; nothing for plain numbers. @internal */
export function withUnit(name: string, unit: string): string {
  return unit === '1' || unit === '' ? name : `${name} [${unit}]`
}

/** @internal */
export function gapText({ scans, cause }: Gap): string {
  return `gap: ${scans === 'unknown' ? 'an unknown number of' : scans} scans missing (${cause})`
}

/** The hole that a notice at the end of data tells of. @internal */
export function gapOfNotice(event: MeasurementEvent): Gap | undefined {
  return event.rule === 'gap' ? (event.data as Gap) : undefined
}

/** ISO 8601 in UTC with six decimal places. @internal */
export function timeText(ns: bigint): string {
  const us = String((ns / 1000n) % 1000n).padStart(3, '0')
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, -1)}${us}Z`
}

/** Rows as columns, numbers to the right. @internal */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => (row[c] ?? '').length)))
  return rows.map((row) => aligned(row, widths))
}

/** @internal */
export function aligned(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, c) =>
    /^[-+]?\d[\d.e+-]*\??$/.test(cell) ? cell.padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0)
  )
  return cells.join('  ').trimEnd()
}
