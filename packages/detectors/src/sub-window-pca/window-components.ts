import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { type Components, chosenComponents } from '../pca/components.ts'
import { scaleOf } from '../statistics/scale-of.ts'

/** What the windows of one channel look like: their mean, their components, and how far they are off them. @internal */
export interface WindowShape {
  /** Mean window. */
  readonly mean: Float64Array
  /** Components one behind the other, `count * mean.length` values. */
  readonly components: Float64Array
  /** Mean squared distance of the windows from the components, > 0. */
  readonly error: number
}

/** Components of all windows of a column, which holds at least two. @param floor - least deviation of a value @internal */
export function windowShape(column: Float64Array, window: number, wanted: Components, floor: number): WindowShape {
  const level = column.reduce((sum, x) => sum + x / column.length, 0)
  const away = column.map((x) => x - level)
  const windows = column.length - window + 1
  const mean = meanWindow(away, window)
  const covariance = windowCovariance(away, mean, windows)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true })
  const descending = realEigenvalues.map((_, k) => k).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]! || a - b)
  const eigenvalues = Float64Array.from(descending, (k) => Math.max(0, realEigenvalues[k]!))
  const count = eigenvalues[0]! > 0 ? Math.min(chosenComponents(wanted, eigenvalues, windows), window - 1) : 0
  const components = new Float64Array(count * window)
  for (let k = 0; k < count; k += 1)
    for (let i = 0; i < window; i += 1) components[k * window + i] = eigenvectorMatrix.get(i, descending[k]!)
  const least = scaleOf(0, level, floor)
  const error = Math.max(
    eigenvalues.subarray(count).reduce((sum, x) => sum + x, 0),
    window * least * least
  )
  return { mean: mean.map((x) => x + level), components, error: error > 0 ? error : Number.MIN_VALUE }
}

/** Squared distance of a window from the components. @param away - as long as the window, overwritten @internal */
export function windowError(
  { mean, components }: WindowShape,
  values: Float64Array,
  from: number,
  away: Float64Array
): number {
  const window = mean.length
  for (let i = 0; i < window; i += 1) away[i] = values[from + i]! - mean[i]!
  for (let at = 0; at < components.length; at += window) {
    let along = 0
    for (let i = 0; i < window; i += 1) along += components[at + i]! * away[i]!
    for (let i = 0; i < window; i += 1) away[i] = away[i]! - along * components[at + i]!
  }
  let sum = 0
  for (let i = 0; i < window; i += 1) sum += away[i]! * away[i]!
  return sum
}

function meanWindow(column: Float64Array, window: number): Float64Array {
  const windows = column.length - window + 1
  const mean = new Float64Array(window)
  for (let i = 0; i < window; i += 1) {
    let sum = 0
    for (let t = 0; t < windows; t += 1) sum += column[t + i]!
    mean[i] = sum / windows
  }
  return mean
}

/** Sample covariance: the first row in full, each other entry from the one before it on its diagonal, in O(scans x window). */
function windowCovariance(column: Float64Array, mean: Float64Array, windows: number): Matrix {
  const size = mean.length
  const covariance = new Matrix(size, size)
  for (let lag = 0; lag < size; lag += 1) {
    let sum = 0
    for (let t = 0; t < windows; t += 1) sum += column[t]! * column[t + lag]!
    for (let i = 0, k = lag; k < size; i += 1, k += 1) {
      if (i > 0) sum += column[windows + i - 1]! * column[windows + k - 1]! - column[i - 1]! * column[k - 1]!
      const value = (sum - windows * mean[i]! * mean[k]!) / (windows - 1)
      covariance.set(i, k, value).set(k, i, value)
    }
  }
  return covariance
}
