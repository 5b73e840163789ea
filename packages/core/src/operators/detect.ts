import type { GapRule } from '../kernels/kernel-cell.ts'
import type { DetectorSpec } from '../model/detector.ts'
import { parseSpan, type Span } from '../model/span.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { DetectKernel } from './detect-kernel.ts'
import type { DetectPlan } from './detect-plan.ts'
import { type Limits, limitsSpec, parseLimits } from './limits.ts'

/**
 * How `detect` learns, decides and explains.
 *
 * `onGap` is `hold` here: at a declared hole the model stays, a running delay of the threshold starts anew.
 *
 * @example
 * ```ts
 * import type { DetectOptions } from '@messwerk/core'
 *
 * const options: DetectOptions = { learn: '30s', then: 'adapt', threshold: { raise: 6, clear: 4 }, maxGap: '1h' }
 * options.learn // => '30s'
 * ```
 */
export interface DetectOptions extends GapRule {
  /**
   * What it learns from: a span of good scans first (all values of a scan finite; declared holes do not count), every scan from
   * the first on, or nothing, as the detector comes ready.
   *
   * @defaultValue 'always'
   */
  readonly learn?: Span | 'always' | 'never' | undefined
  /** What follows a span of learning: only scoring, or going on learning. @defaultValue 'freeze' */
  readonly then?: 'freeze' | 'adapt' | undefined
  /** Turns scores into verdicts. @defaultValue none, only scores */
  readonly threshold?: Limits | ThresholdSpec | undefined
  /** For which scans shares and bands are worked out. @defaultValue 'raised' with a threshold, 'never' without */
  readonly explain?: 'raised' | 'all' | 'never' | undefined
}

/**
 * Watches a stream with a detector: learns what is normal, scores every scan, decides and explains.
 *
 * Adds these channels (`score` is the name given by `as`):
 *
 * - `score`: how anomalous, >= 0; NaN while learning and where a value is missing.
 * - With a threshold `score.limit`, the score at which an alarm is raised, and `score.flag`: 0 normal, 1 warning, 2 alarm.
 *   A scan without a score keeps the flag.
 * - `score.by.<channel>`: the share of each channel; they sum to the score. With a threshold and a detector that knows its band
 *   also `score.lower.<channel>` and `score.upper.<channel>`: the normal band at the present limit, in the unit of the channel.
 *   By default only where the flag is raised, NaN elsewhere.
 *
 * A detector that goes on learning (`learn: 'always'`, `then: 'adapt'`) does not learn scans with a raised flag, nor any with
 * a score at or over the limit. Any cutting into blocks gives the same result.
 *
 * @param spec - which detector; without `channels` it uses all channels of role measurement or feature
 * @throws TypeError or RangeError when an option is wrong; at a stream's first block RangeError when a channel is unknown or a
 * name is taken, or when `learn` is 'never' and the detector is not ready
 *
 * @example
 * ```ts
 * import { detect } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { robustZ } from '@messwerk/detectors'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const pressure = [3, 3.1, 2.9, 3, 3.1, 3, 9, 3]
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure })
 * const watched = detect(robustZ(), { learn: { scans: 6 }, threshold: { raise: 6, clear: 4 } })
 * column(await lastValueFrom(of(block).pipe(watched)), 'score.flag') // => Float64Array.of(0, 0, 0, 0, 0, 0, 2, 0)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function detect<const K extends string = any, const As extends string = 'score'>(
  spec: DetectorSpec<K>,
  options: DetectOptions & { readonly as?: As | undefined } = {}
): Operator<K, As | `${As}.limit` | `${As}.flag` | `${As}.by.${K}` | `${As}.lower.${K}` | `${As}.upper.${K}`> {
  const plan = planOf(spec, options)
  const adds = namesAdded(plan) as `${As}.by.${K}`[]
  const { onGap = 'hold', maxGap } = options
  const needs = spec.channels ?? []
  // limits may change under a running verdict, and a detector checks itself whether a state is one of its own
  const settings = { kind: spec.kind, channels: spec.channels, as: plan.as, learn: options.learn, adapts: plan.adapts }
  return operator({
    id: 'detect',
    needs,
    adds,
    onGap,
    maxGap,
    settings,
    kernel: (stream) => new DetectKernel(plan, stream)
  })
}

function planOf(spec: DetectorSpec, options: DetectOptions & { readonly as?: string | undefined }): DetectPlan {
  const { learn = 'always', then = 'freeze', as = 'score' } = options
  if (typeof (spec as DetectorSpec | undefined)?.create !== 'function') {
    throw new TypeError(`detect: needs a detector such as robustZ(), got ${String(spec)}`)
  }
  if (spec.channels?.length === 0)
    throw new RangeError("detect: the detector's channels must name at least one, got []")
  if (typeof as !== 'string' || as === '')
    throw new TypeError(`detect: as must be a non-empty string, got ${String(as)}`)
  oneOf(then, ['freeze', 'adapt'], 'then')
  const isSpan = learn !== 'always' && learn !== 'never'
  if (!isSpan && options.then !== undefined) {
    throw new RangeError(`detect: then needs learn to be a span such as '30s', got learn '${learn}' and then '${then}'`)
  }
  return {
    spec,
    as,
    learn: isSpan ? parseSpan(learn, "detect: learn must be 'always' or 'never', or it") : learn,
    adapts: isSpan ? then === 'adapt' : learn === 'always',
    threshold: thresholdOf(options.threshold),
    explain: explainOf(options)
  }
}

function thresholdOf(threshold: Limits | ThresholdSpec | undefined): ThresholdSpec | undefined {
  if (threshold === undefined) return undefined
  if (typeof threshold !== 'object' || threshold === null) {
    throw new TypeError(`detect: threshold must be limits such as { raise: 6, clear: 4 }, got ${String(threshold)}`)
  }
  if ('create' in threshold) return threshold
  const parsed = parseLimits(threshold, 'detect: threshold.')
  if (parsed.sign === 1) return limitsSpec(parsed)
  const { raise, clear } = threshold
  throw new RangeError(
    `detect: threshold.clear must not be above raise (${raise}), as a higher score is more anomalous, got ${clear}`
  )
}

function explainOf({ threshold, explain }: DetectOptions): DetectPlan['explain'] {
  if (explain === undefined) return threshold === undefined ? 'never' : 'raised'
  oneOf(explain, ['raised', 'all', 'never'], 'explain')
  if (explain !== 'raised' || threshold !== undefined) return explain
  throw new RangeError("detect: explain 'raised' needs a threshold, got none; 'all' explains every scan")
}

function oneOf(value: unknown, allowed: readonly string[], option: string): void {
  if (allowed.includes(value as string)) return
  throw new RangeError(
    `detect: ${option} must be ${allowed.map((name) => `'${name}'`).join(' or ')}, got ${String(value)}`
  )
}

/** What is known before the stream: bands depend on the detector, and shares on its channels. */
function namesAdded({ spec, as, threshold, explain }: DetectPlan): string[] {
  const names = threshold === undefined ? [as] : [as, `${as}.limit`, `${as}.flag`]
  if (explain === 'never') return names
  return names.concat((spec.channels ?? []).map((channel) => `${as}.by.${channel}`))
}
