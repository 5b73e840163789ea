/**
 * What the output of a model means, and how a score (>= 0, higher = more anomalous) comes of it:
 *
 * - `'sklearn-score-samples'`: the output `score_samples` s, higher = more normal; the score is `max(0, -s)`: of an isolation forest the
 *   paper's, in (0, 1), of a local outlier factor the factor itself, about 1 where all is normal.
 * - `'sklearn-decision'`: the output `scores` d of `decision_function`, below 0 = outlier; the score is `max(0, 0.5 - d)`, so that
 *   scikit-learn's own limit lies at 0.5. Of an isolation forest with `contamination='auto'` this is the paper's score. Any other
 *   offset: `{ output: 'scores', higherIs: 'normal', offset }`.
 * - `'reconstruction'`: the output is the input as an autoencoder draws it; the score is the mean of the squared differences, over all
 *   values of a row or window, in the units behind the scaler.
 * - `{ output, higherIs, offset }`: one number v a row; the score is `max(0, offset + v)` or, where higher is normal, `max(0, offset - v)`.
 *
 * @example
 * ```ts
 * import type { OnnxScore } from '@messwerk/detectors/models'
 *
 * // A forest with contamination=0.01: its offset_ gives back the paper's score.
 * const score: OnnxScore = { output: 'scores', higherIs: 'normal', offset: 0.61 }
 * score.higherIs // => 'normal'
 * ```
 */
export type OnnxScore =
  | 'sklearn-score-samples'
  | 'sklearn-decision'
  | 'reconstruction'
  | {
      /** Name of the output. */
      readonly output: string
      readonly higherIs: 'anomalous' | 'normal'
      /** The score where the output is 0. @defaultValue 0 */
      readonly offset?: number
    }

/** One number a row: which output, and `score = max(0, offset + sign * value)`. @internal */
export interface ValueScore {
  readonly output: string
  readonly sign: 1 | -1
  readonly offset: number
  /** What to do where there is no such output. */
  readonly hint: string
}

/** Absent for `reconstruction`. @internal */
export function valueScore(score: OnnxScore): ValueScore | undefined {
  if (score === 'reconstruction') return undefined
  if (score === 'sklearn-score-samples') {
    const hint = "; convert with options={id(model): {'score_samples': True}}, or take 'sklearn-decision'"
    return { output: 'score_samples', sign: -1, offset: 0, hint }
  }
  if (score === 'sklearn-decision') return { output: 'scores', sign: -1, offset: 0.5, hint: '' }
  const { output, higherIs, offset = 0 } = score
  return { output, sign: higherIs === 'normal' ? -1 : 1, offset, hint: '' }
}

/** @throws TypeError, RangeError @internal */
export function checkScore(score: unknown): void {
  if (score === 'sklearn-score-samples' || score === 'sklearn-decision' || score === 'reconstruction') return
  const names = "'sklearn-score-samples', 'sklearn-decision', 'reconstruction' or { output, higherIs }"
  if (typeof score !== 'object' || score === null)
    throw new TypeError(`onnxDetector: score must be ${names}, got ${shown(score)}`)
  const { output, higherIs, offset = 0 } = score as { [K in 'output' | 'higherIs' | 'offset']?: unknown }
  if (typeof output !== 'string') throw new TypeError(`onnxDetector: score.output must be a name, got ${shown(output)}`)
  if (higherIs !== 'anomalous' && higherIs !== 'normal')
    throw new RangeError(`onnxDetector: score.higherIs must be 'anomalous' or 'normal', got ${shown(higherIs)}`)
  if (!Number.isFinite(offset))
    throw new RangeError(`onnxDetector: score.offset must be a finite number, got ${shown(offset)}`)
}

/** As in messages. @internal */
export function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
