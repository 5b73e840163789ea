import type { AlarmRules, ThresholdSpec } from '@messwerk/core/model'
import { alarmRules, rulesText } from './alarm-rules.ts'
import { calibratedSpec } from './calibrated-threshold.ts'

/**
 * Options of {@link conformal}, with the rules of an alarm: `kOfN`, `delay`, `clearDelay`, `refractory`.
 *
 * @example
 * ```ts
 * import type { ConformalOptions } from '@messwerk/detectors'
 *
 * const options: ConformalOptions = { alpha: 0.001 }
 * options.alpha // => 0.001
 * ```
 */
export interface ConformalOptions extends AlarmRules {
  /** Greatest share of normal scans at or over the limit, above 0 and below 1. */
  readonly alpha: number
}

/**
 * A limit by a conformal p-value: (1 + number of normal scores at least as high) / (n + 1) at most `alpha`.
 *
 * Whatever the distribution of scores, a normal scan is at or over the limit with a probability of at most `alpha`, over calibrations
 * and scans, if scans are exchangeable. Scans of a machine hardly are: they resemble the ones before, and days differ. Then the share
 * holds on average at best, and alarms come in clusters: see `falseAlarms` for a number of alarms.
 *
 * 1 / (n + 1) is the least p-value: `alpha` of 0.0001 needs 9 999 scores. `learn` of `detect` must be a span.
 *
 * @throws RangeError when an option is out of range; `calibrate` throws RangeError when the scores are too few for `alpha`
 *
 * @example
 * ```ts
 * import { conformal } from '@messwerk/detectors'
 *
 * const threshold = conformal({ alpha: 0.2 }).create()
 * threshold.calibrate?.(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8))
 * threshold.decide(8.5, 9) // => 2
 * threshold.decide(8, 10) // => 0
 * ```
 */
export function conformal(options: ConformalOptions): ThresholdSpec {
  const { alpha } = options
  if (!(typeof alpha === 'number' && alpha > 0 && alpha < 1))
    throw new RangeError(`conformal: alpha must be a number above 0 and below 1, got ${String(alpha)}`)
  const rules = alarmRules('conformal', options)
  return calibratedSpec({
    kind: 'conformal',
    settings: `alpha ${alpha}, ${rulesText(rules)}`,
    find(scores) {
      const n = scores.length
      // So many scores may be as high: (1 + most) / (n + 1) <= alpha, also where the product is a rounding error short.
      const most = Math.floor(alpha * (n + 1) * (1 + 1e-12)) - 1
      if (most < 0) {
        throw new RangeError(
          `conformal: alpha ${alpha} needs at least ${Math.ceil(1 / alpha) - 1} scores of normal operation, got ${n}: let the detector learn longer`
        )
      }
      const raise = above(scores.slice().sort()[n - 1 - most] ?? 0)
      const summary = `limit ${Number(raise.toPrecision(3))}: p-value of at most ${alpha} by ${n} scores`
      return { limits: Object.assign({ raise }, rules), summary }
    }
  })
}

const bits = new Float64Array(1)
const words = new BigInt64Array(bits.buffer)

/** The next number above one that is not negative. */
function above(score: number): number {
  bits[0] = score + 0
  words[0]! += 1n
  return bits[0]
}
