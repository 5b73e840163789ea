import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import type { RunningCovariance } from '../statistics/running-covariance.ts'

/** A deviation below this part of the level is rounding: the channel is flat. */
const ROUNDING = 1e-12

/** What the principal components of standardised channels are. @internal */
export interface PrincipalComponents {
  /** Used channels that move. */
  readonly live: readonly number[]
  /** Used channels that never moved. */
  readonly flat: readonly number[]
  /** Per used channel the deviation that counts 1. */
  readonly scale: Float64Array
  /** Of the correlation matrix of the live channels, largest first, >= 0. */
  readonly eigenvalues: Float64Array
  /** Entry of live channel u in component k. */
  vector(k: number, u: number): number
}

/**
 * Principal components of everything added, with the deviation of each channel at least its floor.
 *
 * A floor adds to the variance of its channel alone, as noise of the converter would.
 *
 * @internal
 */
export function principalComponents(covariance: RunningCovariance, floors: Float64Array): PrincipalComponents {
  const scale = new Float64Array(floors.length)
  const [live, flat]: [number[], number[]] = [[], []]
  for (let u = 0; u < floors.length; u += 1) {
    const rounding = ROUNDING * Math.abs(covariance.mean[u]!)
    scale[u] = Math.max(Math.sqrt(covariance.of(u, u)), floors[u]!)
    if (scale[u]! > rounding) live.push(u)
    else flat.push(u)
    if (scale[u]! <= rounding) scale[u] = rounding > 0 ? rounding : ROUNDING
  }
  const correlation = new Matrix(live.length, live.length)
  for (let i = 0; i < live.length; i += 1) {
    correlation.set(i, i, 1)
    for (let k = 0; k < i; k += 1) {
      const [u, v] = [live[i]!, live[k]!]
      const r = covariance.of(u, v) / scale[u]! / scale[v]!
      correlation.set(i, k, r).set(k, i, r)
    }
  }
  const { eigenvalues, vector } = decomposed(correlation)
  return { live, flat, scale, eigenvalues, vector }
}

function decomposed(correlation: Matrix): Pick<PrincipalComponents, 'eigenvalues' | 'vector'> {
  const size = correlation.rows
  if (size === 0) return { eigenvalues: new Float64Array(0), vector: () => 0 }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(correlation, { assumeSymmetric: true })
  const descending = realEigenvalues.map((_, k) => k).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]! || a - b)
  return {
    eigenvalues: Float64Array.from(descending, (k) => Math.max(0, realEigenvalues[k]!)),
    vector: (k, u) => eigenvectorMatrix.get(u, descending[k]!)
  }
}
