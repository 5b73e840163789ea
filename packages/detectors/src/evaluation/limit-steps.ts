import { type Numbers, sortedScores } from './scored-rows.ts'

/**
 * Walks the limit down through all scores: `step(hits, falseAlarms)` is told how many anomalous and how many normal rows join at each
 * distinct score.
 *
 * @internal
 */
export function limitSteps(scores: Numbers, labels: Numbers, step: (hits: number, falseAlarms: number) => void): void {
  const anomalous = sortedScores(scores, labels, true)
  const normal = sortedScores(scores, labels, false)
  let a = anomalous.length - 1
  let n = normal.length - 1
  while (a >= 0 || n >= 0) {
    const limit = a < 0 ? normal[n]! : n < 0 ? anomalous[a]! : Math.max(anomalous[a]!, normal[n]!)
    const [fromA, fromN] = [a, n]
    while (a >= 0 && anomalous[a]! === limit) a -= 1
    while (n >= 0 && normal[n]! === limit) n -= 1
    step(fromA - a, fromN - n)
  }
}
