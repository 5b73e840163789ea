/** A line of the table and of `bench/results/<name>.json`; `ours` and `peer` are medians, `min` and `max` are of ours. */
export interface Row {
  readonly case: string
  readonly unit: string
  readonly ours: number
  readonly peer: number | null
  readonly peerName: string | null
  /** More than 1: ours is better. Median of the ratios of neighbouring runs. */
  readonly ratio: number | null
  readonly min: number
  readonly max: number
}

/** The rows as aligned text: medians, the range of ours, the ratio (more than 1: ours is better). */
export function table(name: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.case,
    row.unit,
    shown(row.ours),
    `${shown(row.min)} .. ${shown(row.max)}`,
    row.peer === null ? '' : `${shown(row.peer)} (${row.peerName})`,
    row.ratio === null ? '' : row.ratio.toFixed(3)
  ])
  const lines = [['case', 'unit', 'ours, median', 'min .. max', 'peer, median', 'ratio'], ...cells]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return [
    `bench ${name} (Node ${process.version})`,
    ...lines.map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()
    )
  ].join('\n')
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function shown(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
