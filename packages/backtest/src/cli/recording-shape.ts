import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { PassThrough, pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { TimeColumn } from '@messwerk/storage/files'
import { UsageError } from './usage-error.ts'

/** What a CSV file looks like, as far as its first two lines tell. @internal */
export interface RecordingShape {
  readonly delimiter: ',' | ';' | '\t'
  readonly decimal: '.' | ','
  readonly time: TimeColumn | undefined
  /** Unit by channel; the heading `force [kN]` is the channel `force` in kN. */
  readonly channels: Readonly<Record<string, string>>
  /** Heading by channel. */
  readonly columns: Readonly<Record<string, string>>
  /** A column whose name says that it holds the truth. */
  readonly label: string | undefined
}

const TIME = /^(time|timestamp|datetime|date|t|zeit|zeitstempel)\b/i
const LABEL = /^(label|labels|anomaly|is_anomaly|fault|is_fault)$/i
const ISO = /^\d{4}-\d\d-\d\d/

/**
 * Reads heading and first line of a CSV file, plain or gzipped.
 *
 * @throws UsageError when there is nothing to be read from them
 *
 * @internal
 */
export async function recordingShape(path: string): Promise<RecordingShape> {
  const [head, first] = await twoLines(path)
  if (head === undefined || first === undefined)
    throw new UsageError(`${path}: needs a line of headings and at least one line of values`)
  const delimiter = delimiterOf(head)
  const names = cellsOf(head, delimiter)
  const cells = cellsOf(first, delimiter)
  const decimal = delimiter !== ',' && cells.some((cell) => /^-?\d+,\d+$/.test(cell)) ? ',' : '.'
  const timeAt = timeColumn(names, cells)
  const label = names.find((name) => LABEL.test(name))
  const channels: Record<string, string> = {}
  const columns: Record<string, string> = {}
  names.forEach((heading, i) => {
    if (i === timeAt || LABEL.test(heading) || !isNumber(cells[i], decimal)) return
    const [, name = heading, unit = '1'] = /^(.*?)\s*\[([^\]]*)\]$/.exec(heading) ?? []
    channels[name] = unit
    if (name !== heading) columns[name] = heading
  })
  if (Object.keys(channels).length === 0)
    throw new UsageError(`${path}: there is no column with numbers among: ${names.join(', ')}`)
  return { delimiter, decimal, time: timeOf(names[timeAt], cells[timeAt]), channels, columns, label }
}

async function twoLines(path: string): Promise<readonly string[]> {
  const lines: string[] = []
  const input = await unpacked(path)
  for await (const line of createInterface({ input })) {
    if (line.trim() !== '') lines.push(line.replace(/^\uFEFF/, ''))
    if (lines.length === 2) break
  }
  input.destroy()
  return lines
}

async function unpacked(path: string): Promise<Readable> {
  const magic: Buffer[] = []
  for await (const chunk of createReadStream(path, { start: 0, end: 1 })) magic.push(chunk as Buffer)
  const isGzip = Buffer.concat(magic).equals(Buffer.of(0x1f, 0x8b))
  // an error of the file comes out of the reading
  return pipeline(createReadStream(path), isGzip ? createGunzip() : new PassThrough(), () => {})
}

function delimiterOf(head: string): RecordingShape['delimiter'] {
  const counts = ([',', ';', '\t'] as const).map((sign) => ({ sign, count: head.split(sign).length }))
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).sign
}

function cellsOf(line: string, delimiter: string): readonly string[] {
  return line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
}

function timeColumn(names: readonly string[], cells: readonly string[]): number {
  const named = names.findIndex((name) => TIME.test(name))
  return named >= 0 ? named : cells.findIndex((cell) => ISO.test(cell))
}

function timeOf(column: string | undefined, cell: string | undefined): TimeColumn | undefined {
  if (column === undefined || cell === undefined) return undefined
  if (ISO.test(cell)) return { column, unit: 'iso' }
  const size = Math.abs(Number(cell.replace(',', '.')))
  if (Number.isNaN(size)) return undefined
  const unit = size > 1e17 ? 'ns' : size > 1e14 ? 'us' : size > 1e11 ? 'ms' : 's'
  return { column, unit }
}

function isNumber(cell: string | undefined, decimal: string): boolean {
  if (cell === undefined) return false
  return cell === '' || !Number.isNaN(Number(decimal === ',' ? cell.replace(',', '.') : cell))
}
