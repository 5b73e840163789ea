import type { Gap } from '@messwerk/core/model'
import type { ScanBuffer } from '../codec/index.ts'

/** Scans taken out of the parser, before it is known whether some are missing in front of them. @internal */
export interface Cut {
  first: number
  gap: Gap | undefined
  readonly length: number
  readonly values: Float64Array
  readonly quality: Uint8Array | undefined
}

/** Copies columns out of the parser's buffer. @internal */
export function columnsOf(
  { values, capacity }: ScanBuffer,
  start: number,
  end: number,
  columns: readonly number[]
): Float64Array {
  const length = end - start
  const copied = new Float64Array(columns.length * length)
  for (let c = 0; c < columns.length; c += 1) {
    const from = (columns[c] as number) * capacity + start
    copied.set(values.subarray(from, from + length), c * length)
  }
  return copied
}
