import type { AlarmRules, ThresholdSpec } from '@messwerk/core/model'
import { quantileOf } from '../statistics/running-median.ts'
import { alarmRules, rulesText } from './alarm-rules.ts'
import { calibratedSpec, needScores } from './calibrated-threshold.ts'

/**
 * Options of {@link quantile}, with the rules of an alarm: `kOfN`, `delay`, `clearDelay`, `refractory`.
 *
 * @example
 * ```ts
 * import type { QuantileOptions } from '@messwerk/detectors'
 *
 * const options: QuantileOptions = { q: 0.999, factor: 1.5, kOfN: [3, 5] }
 * options.factor // => 1.5
 * ```
 */
export interface QuantileOptions extends AlarmRules {
  /** Share of normal scores that lie at or below the quantile, 0..1; 1 is the highest score. */
  readonly q: number
  /** The limit is so many times the quantile, above 0. @defaultValue 1 */
  readonly factor?: number | undefined
}

/**
 * A limit at a quantile of normal scores, times a factor.
 *
 * Simple, and hard to beat with a running median in front: `quantile({ q: 0.95, kOfN: [3, 5] })`. It promises that 1 - q of the scores
 * of the calibration span lie above the quantile, and nothing of how many alarms that will be: see `falseAlarms`.
 *
 * - The quantile is linear between the two nearest scores (numpy's default).
 * - Needs 10 scores; `learn` of `detect` must be a span.
 *
 * @throws RangeError when an option is out of range
 *
 * @example
 * ```ts
 * import { quantile } from '@messwerk/detectors'
 *
 * const threshold = quantile({ q: 0.5, factor: 2 }).create()
 * threshold.calibrate?.(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
 * threshold.limit // => 12
 * ```
 */
export function quantile(options: QuantileOptions): ThresholdSpec {
  const { q, factor = 1 } = options
  if (!(typeof q === 'number' && q >= 0 && q <= 1))
    throw new RangeError(`quantile: q must be a number in 0..1, got ${String(q)}`)
  if (!(typeof factor === 'number' && factor > 0 && factor < Number.POSITIVE_INFINITY))
    throw new RangeError(`quantile: factor must be a finite number above 0, got ${String(factor)}`)
  const rules = alarmRules('quantile', options)
  return calibratedSpec({
    kind: 'quantile',
    settings: `q ${q}, factor ${factor}, ${rulesText(rules)}`,
    find(scores) {
      needScores('quantile', 10, scores)
      const raise = factor * quantileOf(scores.slice().sort(), scores.length, q)
      const summary = `limit ${Number(raise.toPrecision(3))}: ${factor} times the ${q} quantile of ${scores.length} scores`
      return { limits: Object.assign({ raise }, rules), summary }
    }
  })
}
