/**
 * Makes NaN of the score of each scan with a used value that is not finite: x - x is 0 for what is finite and NaN for the rest.
 *
 * @internal
 */
export function spreadNaN(values: Float64Array, length: number, used: Int32Array, scores: Float64Array): void {
  for (let u = 0; u < used.length; u += 1) {
    const from = used[u]! * length
    for (let i = 0; i < length; i += 1) scores[i] = scores[i]! + (values[from + i]! - values[from + i]!)
  }
}
