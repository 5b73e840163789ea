/**
 * Largest distance of the distribution functions of two samples (Kolmogorov-Smirnov), 0..1.
 *
 * @param one - ascending
 * @param two - ascending
 * @internal
 */
export function kolmogorovSmirnov(one: Float64Array, two: Float64Array): number {
  let [i, k, largest] = [0, 0, 0]
  while (i < one.length && k < two.length) {
    const x = Math.min(one[i]!, two[k]!)
    while (i < one.length && one[i]! <= x) i += 1
    while (k < two.length && two[k]! <= x) k += 1
    largest = Math.max(largest, Math.abs(i / one.length - k / two.length))
  }
  return largest
}

/**
 * Area between the distribution functions of two samples (Wasserstein distance, earth mover's), in the unit of the values.
 *
 * @param one - ascending
 * @param two - ascending
 * @internal
 */
export function wasserstein(one: Float64Array, two: Float64Array): number {
  let [i, k, area] = [0, 0, 0]
  let x = Math.min(one[0]!, two[0]!)
  while (i < one.length || k < two.length) {
    const next = Math.min(one[i] ?? Number.POSITIVE_INFINITY, two[k] ?? Number.POSITIVE_INFINITY)
    area += Math.abs(i / one.length - k / two.length) * (next - x)
    while (i < one.length && one[i]! <= next) i += 1
    while (k < two.length && two[k]! <= next) k += 1
    x = next
  }
  return area
}

/**
 * Population stability index: sum of (q - p) ln(q / p) over bins that hold equal parts of the reference; half a value is added to
 * each bin, so that an empty one does not make it infinite.
 *
 * @param reference - ascending
 * @param edges - upper ends of all bins but the last, ascending
 * @internal
 */
export function populationStability(reference: Float64Array, recent: Float64Array, edges: Float64Array): number {
  const [p, q] = [binParts(reference, edges), binParts(recent, edges)]
  let index = 0
  for (let b = 0; b < p.length; b += 1) index += (q[b]! - p[b]!) * Math.log(q[b]! / p[b]!)
  return index
}

function binParts(values: Float64Array, edges: Float64Array): Float64Array {
  const parts = new Float64Array(edges.length + 1).fill(0.5)
  for (let i = 0; i < values.length; i += 1) {
    let bin = 0
    while (bin < edges.length && values[i]! > edges[bin]!) bin += 1
    parts[bin] = parts[bin]! + 1
  }
  const all = values.length + parts.length / 2
  return parts.map((part) => part / all)
}

/** Probability that the Kolmogorov distribution is above `x`. @internal */
export function kolmogorovTail(x: number): number {
  if (x < 0.3) return 1
  let [sum, sign] = [0, 1]
  for (let k = 1; k <= 100; k += 1) {
    const term = Math.exp(-2 * k * k * x * x)
    sum += sign * term
    if (term < 1e-18) break
    sign = -sign
  }
  return Math.min(1, Math.max(0, 2 * sum))
}
