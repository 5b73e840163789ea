import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { scaleOf } from '../statistics/scale-of.ts'
import type { SettledOptions } from './settled-options.ts'

/** Scaled values stay within: squares of sums of products of them are finite. */
const LARGEST = 1e60

/** `(x - shift) / scale` of each channel of a row. @internal */
export class RowScaler {
  readonly shift: Float64Array
  readonly scale: Float64Array

  constructor(shift: Float64Array, scale: Float64Array) {
    this.shift = shift
    this.scale = scale
  }

  static restored(reader: SnapshotReader, width: number): RowScaler {
    return new RowScaler(reader.floats('shift', width), reader.floats('scale', width))
  }

  /** Row-major rows of any number of scans; NaN is left out. */
  static learned(kind: SettledOptions['scaler'], rows: Float64Array, floors: Float64Array): RowScaler {
    const width = floors.length
    const [shift, scale] = [new Float64Array(width), new Float64Array(width).fill(1)]
    if (kind === 'none') return new RowScaler(shift, scale)
    for (let u = 0; u < width; u += 1) {
      const { level, spread } = (kind === 'standard' ? meanAndDeviation : leastAndRange)(rows, u, width)
      shift[u] = level
      scale[u] = scaleOf(spread, level, floors[u]!)
    }
    return new RowScaler(shift, scale)
  }

  /** From `rows[from]` on, as many whole rows as `to` takes from `at` on. NaN stays NaN. */
  apply(rows: Float64Array, from: number, to: Float64Array, at: number, values: number): void {
    const { shift, scale } = this
    const width = shift.length
    for (let k = 0, u = 0; k < values; k += 1) {
      const z = (rows[from + k]! - shift[u]!) / scale[u]!
      to[at + k] = Math.max(-LARGEST, Math.min(z, LARGEST))
      u = u + 1 === width ? 0 : u + 1
    }
  }
}

interface Place {
  readonly level: number
  readonly spread: number
}

/** Population deviation. */
function meanAndDeviation(rows: Float64Array, u: number, width: number): Place {
  let count = 0
  let sum = 0
  for (let k = u; k < rows.length; k += width) {
    if (Number.isNaN(rows[k]!)) continue
    count += 1
    sum += rows[k]!
  }
  if (count === 0) return { level: 0, spread: 1 }
  const level = sum / count
  let squares = 0
  for (let k = u; k < rows.length; k += width) if (!Number.isNaN(rows[k]!)) squares += (rows[k]! - level) ** 2
  return { level, spread: Math.sqrt(squares / count) }
}

function leastAndRange(rows: Float64Array, u: number, width: number): Place {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let k = u; k < rows.length; k += width) {
    if (rows[k]! < least) least = rows[k]!
    if (rows[k]! > most) most = rows[k]!
  }
  return least <= most ? { level: least, spread: most - least } : { level: 0, spread: 1 }
}
