/** From used columns to all columns, finite; NaN where a column is not used. @internal */
export function spreadDeviations(
  ofUsed: Float64Array,
  used: Int32Array,
  width: number,
  to: Float64Array
): Float64Array {
  to.fill(Number.NaN, 0, width)
  for (let u = 0; u < used.length; u += 1)
    to[used[u]!] = Math.max(-Number.MAX_VALUE, Math.min(ofUsed[u]!, Number.MAX_VALUE))
  return to
}
