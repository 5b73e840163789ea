import type { Numbers } from './scored-rows.ts'

/** Calls `found` with the first and the last row of each run of values other than 0 (and NaN). @internal */
export function eachRun(values: Numbers, found: (first: number, last: number) => void): void {
  let first = -1
  for (let i = 0; i < values.length; i += 1) {
    const isSet = Math.abs(values[i]!) > 0
    if (isSet && first < 0) first = i
    if (isSet || first < 0) continue
    found(first, i - 1)
    first = -1
  }
  if (first >= 0) found(first, values.length - 1)
}

/** How many values other than 0 (and NaN) stand before each row, and at the end in all. @internal */
export function runningCount(values: Numbers): Uint32Array {
  const counts = new Uint32Array(values.length + 1)
  for (let i = 0; i < values.length; i += 1) counts[i + 1] = counts[i]! + (Math.abs(values[i]!) > 0 ? 1 : 0)
  return counts
}
