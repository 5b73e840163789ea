/** Spearman's rank correlation; equal values share the mean of their ranks. NaN where one column does not vary. @internal */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  const [x, y] = [ranks(a), ranks(b)]
  const mean = (a.length - 1) / 2
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < a.length; i += 1) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Number.NaN
}

/** From 0. */
function ranks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((i, k) => values[i]! - values[k]!)
  const of = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1
    for (let i = from; i < to; i += 1) of[order[i]!] = (from + to - 1) / 2
    from = to
  }
  return of
}
