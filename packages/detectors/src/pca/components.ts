/**
 * How many principal components: a number, or the fewest that hold this share of the variance.
 *
 * @example
 * ```ts
 * import { type Components, t2 } from '@messwerk/detectors'
 *
 * const most: Components = { variance: 0.95 }
 * t2({ components: most }).kind // => 't2'
 * ```
 */
export type Components = number | { readonly variance: number }

/** Eigenvalues below this part of the first are rounding. */
const RANK = 1e-6
/** Share of the variance that `auto` keeps at most. */
const AUTO_VARIANCE = 0.9

/** Checks the option `components`. @internal */
export function checkComponents(factory: string, components: unknown, rule: 'all' | 'auto' | undefined): void {
  if (rule !== undefined && components === rule) return
  if (typeof components === 'number') {
    if (Number.isInteger(components) && components >= 1) return
    throw new RangeError(`${factory}: components must be a whole number from 1, got ${components}`)
  }
  const { variance } = Object(components) as { variance?: unknown }
  if (typeof variance !== 'number')
    throw new TypeError(
      `${factory}: components must be ${rule === undefined ? '' : `'${rule}', `}a number or { variance: 0.9 }, got ${JSON.stringify(components)}`
    )
  if (!(variance > 0 && variance <= 1))
    throw new RangeError(
      `${factory}: components must hold a share of the variance above 0 and up to 1, got ${variance}`
    )
}

/** As kept in snapshots. @internal */
export function componentsText(components: Components | 'all' | 'auto'): string {
  return typeof components === 'object' ? `{ variance: ${components.variance} }` : String(components)
}

/**
 * How many of these eigenvalues: never one that is rounding, and never more than half as many as there are scans beside the mean, as
 * the others would be learned by heart.
 *
 * `auto` takes those larger than channels without any tie have by chance (Marchenko and Pastur), up to 0.9 of the variance.
 *
 * @param eigenvalues - of a correlation matrix, largest first
 * @internal
 */
export function chosenComponents(
  components: Components | 'all' | 'auto',
  eigenvalues: Float64Array,
  scans: number
): number {
  let rank = 0
  while (rank < eigenvalues.length && eigenvalues[rank]! > RANK * eigenvalues[0]!) rank += 1
  const most = Math.min(rank, Math.max(1, Math.floor((scans - 1) / 2)))
  if (components === 'all') return most
  if (typeof components === 'number') return Math.min(components, most)
  if (components === 'auto')
    return Math.min(beyondChance(eigenvalues, scans), fewestHolding(AUTO_VARIANCE, eigenvalues, most))
  return fewestHolding(components.variance, eigenvalues, most)
}

function beyondChance(eigenvalues: Float64Array, scans: number): number {
  const edge = 1 + Math.sqrt(eigenvalues.length / scans)
  let beyond = 0
  while (beyond < eigenvalues.length && eigenvalues[beyond]! > edge * edge) beyond += 1
  return beyond
}

function fewestHolding(variance: number, eigenvalues: Float64Array, most: number): number {
  const wanted = variance * eigenvalues.reduce((sum, x) => sum + x, 0)
  let held = 0
  for (let k = 0; k < most; k += 1) {
    held += eigenvalues[k]!
    // A billionth of slack: all of the variance is not lost to the rounding of a sum.
    if (held >= wanted * (1 - 1e-9)) return k + 1
  }
  return most
}
