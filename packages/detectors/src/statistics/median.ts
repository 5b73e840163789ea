/**
 * Median of the first `length` values of an ascending array; NaN of none.
 *
 * @internal
 */
export function medianOf(sorted: Float64Array, length: number): number {
  const upper = length >> 1
  if (length === 0) return Number.NaN
  return length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2
}

/**
 * Median of the distances of ascending values from their median, in O(log length).
 *
 * The distances to the left of the median (leftwards) and those to the right are two ascending sequences already; a binary search
 * finds how many of the smaller half lie on the left. Equals sorting the distances, to the bit.
 *
 * @internal
 */
export function medianAbsoluteDeviation(sorted: Float64Array, length: number, median: number): number {
  if (length === 0) return Number.NaN
  const split = length >> 1
  const smaller = (length - 1) >> 1
  let left = leftOfSmallest(sorted, median, split, smaller)
  let right = smaller - left
  const leftDistance = left < split ? median - sorted[split - 1 - left]! : Number.POSITIVE_INFINITY
  const rightDistance = split + right < length ? sorted[split + right]! - median : Number.POSITIVE_INFINITY
  if (length % 2 === 1) return Math.min(leftDistance, rightDistance)
  if (leftDistance <= rightDistance) left += 1
  else right += 1
  const nextLeft = left < split ? median - sorted[split - 1 - left]! : Number.POSITIVE_INFINITY
  const nextRight = split + right < length ? sorted[split + right]! - median : Number.POSITIVE_INFINITY
  return (Math.min(leftDistance, rightDistance) + Math.min(nextLeft, nextRight)) / 2
}

/** How many of the `count` smallest distances lie left of `split`; neither side has fewer than `count`. */
function leftOfSmallest(sorted: Float64Array, median: number, split: number, count: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const left = (low + high) >> 1
    if (median - sorted[split - 1 - left]! < sorted[split + count - left - 1]! - median) low = left + 1
    else high = left
  }
  return low
}

/**
 * Mean distance of ascending values from their median.
 *
 * @internal
 */
export function meanAbsoluteDeviation(sorted: Float64Array, length: number, median: number): number {
  let sum = 0
  // It is asked for where most values equal the median, and those need no look.
  for (let i = 0; i < length && sorted[i]! < median; i += 1) sum += median - sorted[i]!
  let above = length
  while (above > 0 && sorted[above - 1]! > median) above -= 1
  for (let i = above; i < length; i += 1) sum += sorted[i]! - median
  return sum / length
}
