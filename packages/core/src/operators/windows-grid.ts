import { parseSpan, type Span } from '../model/span.ts'

/** Where windows lie: window `k` is `[k * hop, k * hop + size)`, in ns since the Unix epoch or in scans. @internal */
export interface WindowGrid {
  readonly unit: 'ns' | 'scans'
  readonly size: number
  readonly hop: number
}

const LONGEST_NS = 2 ** 53

/** @throws RangeError that names option, rule and value. @internal */
export function windowGrid(id: string, window: Span, hop: Span = window): WindowGrid {
  const size = parsed(`${id}: window`, window)
  const step = parsed(`${id}: hop`, hop)
  if (size.unit === step.unit) return { unit: size.unit, size: size.length, hop: step.length }
  throw new RangeError(
    `${id}: hop must be of the same kind as window (${wordOf(size.unit)}), got ${JSON.stringify(hop)}`
  )
}

/** @throws RangeError when no scan fits into a window at this rate. @internal */
export function checkFits(id: string, grid: WindowGrid, rate: number | undefined): void {
  if (grid.unit === 'scans' || rate === undefined || grid.size >= 1e9 / rate) return
  throw new RangeError(`${id}: window of ${grid.size / 1e6} ms holds less than one scan at ${rate} Hz; make it longer`)
}

function parsed(option: string, span: Span): { unit: WindowGrid['unit']; length: number } {
  const parts = parseSpan(span, option)
  if ('scans' in parts) return { unit: 'scans', length: parts.scans }
  const length = Math.round(parts.ms * 1e6)
  if (length >= 1 && length < LONGEST_NS) return { unit: 'ns', length }
  throw new RangeError(`${option} must be from 1 ns to 104 days, got ${JSON.stringify(span)}`)
}

function wordOf(unit: WindowGrid['unit']): string {
  return unit === 'ns' ? 'a span of time' : '{ scans }'
}
