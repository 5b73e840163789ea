import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Samples } from '@messwerk/core/model'

/** A file of comma-separated values: numbers by column, and columns of other text. */
export interface Table {
  readonly length: number
  readonly numbers: ReadonlyMap<string, Float64Array>
  readonly texts: ReadonlyMap<string, readonly string[]>
}

/** Reads `*.csv.gz` with a header. A column is text when its first value is no number; an empty value is NaN. */
export function readTable(file: string): Table {
  const text = gunzipSync(readFileSync(file)).toString('latin1')
  const lines = countLines(text)
  const headerEnd = text.indexOf('\n')
  const names = text.slice(0, headerEnd).trim().split(',')
  const first = text
    .slice(headerEnd + 1, text.indexOf('\n', headerEnd + 1))
    .trim()
    .split(',')
  const numbers = new Map<string, Float64Array>()
  const texts = new Map<string, string[]>()
  names.forEach((name, c) => {
    if (isText(first[c] ?? '')) texts.set(name, [])
    else numbers.set(name, new Float64Array(lines - 1))
  })
  const columns = names.map((name) => numbers.get(name) ?? texts.get(name)!)
  return { length: fill(text, headerEnd + 1, columns, file), numbers, texts }
}

const isText = (value: string): boolean => value !== '' && value.toLowerCase() !== 'nan' && Number.isNaN(Number(value))

function countLines(text: string): number {
  let lines = text.endsWith('\n') ? 0 : 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

function fill(text: string, from: number, columns: readonly (Float64Array | string[])[], file: string): number {
  let row = 0
  for (let at = from; at < text.length; row += 1) {
    const stop = text.indexOf('\n', at)
    const end = stop < 0 ? text.length : stop
    for (let c = 0; c < columns.length; c += 1) {
      const comma = c + 1 < columns.length ? text.indexOf(',', at) : end
      if (comma < 0 || comma > end) throw new Error(`${file}: row ${row + 1} has fewer than ${columns.length} values`)
      const value = text.slice(at, comma).trim()
      const column = columns[c]!
      if (Array.isArray(column)) column.push(value)
      else column[row] = value === '' ? Number.NaN : Number(value)
      at = comma + 1
    }
    at = end + 1
  }
  return row
}

/** A column that must be there. */
export function numbersOf(table: Table, name: string): Float64Array {
  const column = table.numbers.get(name)
  if (column === undefined) throw new Error(`no column '${name}' among ${[...table.numbers.keys()].join(', ')}`)
  return column
}

/** What a detector may see: all numeric columns but these. */
export function featuresOf(table: Table, without: readonly string[] = []): Samples {
  const left = [...table.numbers].filter(([name]) => name !== 'label' && !without.includes(name))
  return samplesOf(left, table.length)
}

/** Columns one behind the other. */
export function samplesOf(
  columns: readonly (readonly [string, ArrayLike<number>])[],
  length: number,
  seconds = 1
): Samples {
  const values = new Float64Array(columns.length * length)
  columns.forEach(([, column], c) => {
    values.set(column, c * length)
  })
  return { channels: columns.map(([name]) => name), length, values, seconds }
}

/** Some rows of samples, in the order given. */
export function rowsOf(all: Samples, rows: ArrayLike<number>): Samples {
  const values = new Float64Array(all.channels.length * rows.length)
  for (let c = 0; c < all.channels.length; c += 1)
    for (let i = 0; i < rows.length; i += 1) values[c * rows.length + i] = all.values[c * all.length + rows[i]!]!
  return { channels: all.channels, length: rows.length, values, seconds: all.seconds }
}

/** Values of some rows. */
export function pick(values: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!)
}

/** Row numbers from..to - 1. */
export function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

/** Rows for which `keep` holds. */
export function where(length: number, keep: (row: number) => boolean): Uint32Array {
  return range(0, length).filter((row) => keep(row))
}
