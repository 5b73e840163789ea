import { incompleteBeta } from './incomplete-beta.ts'

/**
 * Value that an F distributed number is above with probability `above`.
 *
 * Bisection of the incomplete beta function; relative error below 1e-11 for `above` from 1e-12 to 0.5.
 *
 * @param above - between 0 and 1
 * @internal
 */
export function fQuantile(above: number, d1: number, d2: number): number {
  // P(F > f) = I_y(d2/2, d1/2) with y = d2 / (d2 + d1 f).
  const y = bisect((at) => incompleteBeta(at, d2 / 2, d1 / 2) < above, 0, 1)
  return (d2 * (1 - y)) / (d1 * y)
}

/**
 * Value that a standard normal number is above with probability `above`; absolute error below 1e-9.
 *
 * @param above - between 0 and 1
 * @internal
 */
export function normalQuantile(above: number): number {
  if (above === 0.5) return 0
  if (above > 0.5) return -normalQuantile(1 - above)
  return bisect((z) => upperTail(z) > above, 0, 40)
}

/** P(Z > z) for z >= 0: series near 0, continued fraction in the tail. @internal */
export function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z > 3) {
    let tail = z
    for (let k = 80; k >= 1; k -= 1) tail = z + k / tail
    return density / tail
  }
  let term = z
  let sum = z
  for (let k = 1; k < 100; k += 1) {
    term *= (z * z) / (2 * k + 1)
    sum += term
  }
  return 0.5 - density * sum
}

/** Where `isBelow` turns from true to false. */
function bisect(isBelow: (at: number) => boolean, from: number, to: number): number {
  let [low, high] = [from, to]
  for (let k = 0; k < 200; k += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (isBelow(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}
