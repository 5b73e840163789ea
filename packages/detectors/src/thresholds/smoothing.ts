/** k of n scores that must be at or over a limit: the k-th largest of the last n is what is judged. @internal */
export interface Smoothing {
  readonly k: number
  readonly n: number
}

const ALL: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [2, 3],
  [3, 4],
  [3, 5],
  [4, 6],
  [4, 7],
  [5, 8]
]

/** Those that look at no more than `longest` scores, shortest first. @internal */
export function smoothings(longest: number): readonly Smoothing[] {
  return ALL.filter(([, n]) => n <= longest).map(([k, n]) => ({ k, n }))
}

/** The k-th largest of the last n scores, from the n-th score on. @internal */
export function smoothed(scores: Float64Array, { k, n }: Smoothing): Float64Array {
  if (n === 1) return scores
  const length = Math.max(0, scores.length - n + 1)
  const out = new Float64Array(length)
  const last = new Float64Array(n)
  for (let i = 0; i < length; i += 1) {
    for (let j = 0; j < n; j += 1) last[j] = scores[i + j]!
    last.sort()
    out[i] = last[n - k]!
  }
  return out
}
