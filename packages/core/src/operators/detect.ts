import type { Observable } from 'rxjs'
import type { GapRule } from '../kernels/kernel-cell.ts'
import type { AsyncDetectorSpec } from '../model/async-detector.ts'
import type { DetectorSpec } from '../model/detector.ts'
import type { Limits } from '../model/limits.ts'
import type { ModelRef } from '../model/model-ref.ts'
import type { Duration, Span } from '../model/span.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { DetectEach } from './detect-each.ts'
import { DetectKernel } from './detect-kernel.ts'
import { areModels } from './detect-models.ts'
import { isLater, planOf } from './detect-options.ts'
import type { AnySpec, DetectPlan } from './detect-plan.ts'
import { detectLater, detectModels } from './detect-shared.ts'

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
   * the first on, or nothing, as the detector comes ready. A fitted model learns nothing by default, and of a span its threshold
   * alone calibrates itself.
   *
   * @defaultValue 'always', of a fitted model 'never'
   */
  readonly learn?: Span | 'always' | 'never' | undefined
  /** What follows a span of learning: only scoring, or going on learning. @defaultValue 'freeze' */
  readonly then?: 'freeze' | 'adapt' | undefined
  /**
   * Turns scores into verdicts. One that calibrates itself (`falseAlarms`, `quantile`, `spot`, `conformal`) does so behind the
   * learning, on scores of what was learned as if it had not been, and needs `learn` to be a span.
   *
   * @defaultValue that of the model, where it comes with one; else none, only scores
   */
  readonly threshold?: Limits | ThresholdSpec | undefined
  /**
   * `'raw'`: the score of the detector. `'p-value'`: -log10 of the share of normal scans that score at least as high, one scale for
   * all detectors (`pValue`); `learn` must be a span.
   *
   * @defaultValue 'raw'
   */
  readonly scale?: 'raw' | 'p-value' | undefined
  /**
   * Least change that is worth an alarm, in the unit of the signal: one for all channels, or by channel (others 0). A score counts
   * as 0 for the threshold unless a channel with at least an even share of it is that far from its normal centre: the middle of the
   * detector's band, or the median of what was learned where it knows no band (`learn` must then be a span).
   *
   * @defaultValue none
   */
  readonly minChange?: number | Readonly<Record<string, number>> | undefined
  /**
   * Once an alarm has stayed raised for this long, and the last scans of that length keep one level, they are the new normal: the
   * detector learns them alone, and the flag goes back to 0. Without it nothing is learned while a flag is raised, and an alarm
   * over a new level stays until it is acknowledged by `relearn`.
   *
   * @defaultValue never
   */
  readonly rebase?: Span | undefined
  /** For which scans shares and bands are worked out. @defaultValue 'raised' with a threshold, 'never' without */
  readonly explain?: 'raised' | 'all' | 'never' | undefined
  /**
   * Adds `score.z.<channel>`: how far each channel is from normal and to which side, in deviations, below 0 where it is too low. Needs
   * a detector that counts deviations: `zScore`, `robustZ`, `ewmaChart`, `seedCompatible`.
   *
   * @defaultValue false
   */
  readonly deviations?: boolean | undefined
  /**
   * One detector for each channel instead of one for all: what it adds is called `score.<channel>`, `score.<channel>.flag` and so
   * on. They learn the same span of scans, in which every channel is good; each has its own limit and verdict and, where it goes on
   * learning, admits scans by itself. A value that is missing in one channel leaves the others alone.
   *
   * @defaultValue false
   */
  readonly each?: boolean | undefined
}

/**
 * The options of `detect` for a detector that has learned elsewhere: one that answers later, or models that take each other's place.
 *
 * @example
 * ```ts
 * import type { DetectModelOptions } from '@messwerk/core'
 *
 * const options: DetectModelOptions = { threshold: { raise: 6, clear: 4 }, explain: 'never' }
 * options.explain // => 'never'
 * ```
 */
export interface DetectModelOptions extends GapRule {
  /** How long the threshold calibrates itself on scores of normal operation; it must be one that does. @defaultValue 'never' */
  readonly learn?: Span | 'never' | undefined
  /** Turns scores into verdicts. @defaultValue that of the model; none where it has none */
  readonly threshold?: Limits | ThresholdSpec | undefined
  /** For which scans shares are worked out, where the model tells. @defaultValue 'raised' with a threshold, 'never' without */
  readonly explain?: 'raised' | 'all' | 'never' | undefined
}

/**
 * The options of `detect` for models that take each other's place.
 *
 * @example
 * ```ts
 * import type { DetectModelsOptions } from '@messwerk/core'
 *
 * const options: DetectModelsOptions = { threshold: { raise: 6, clear: 4 }, restoreWithin: '1min' }
 * options.restoreWithin // => '1min'
 * ```
 */
export interface DetectModelsOptions extends DetectModelOptions {
  /**
   * Gets the model that a checkpoint names, before anything is read.
   *
   * @defaultValue none: the run waits until the models give it
   */
  readonly resolve?: ((model: ModelRef) => AnyModel | Promise<AnyModel>) | undefined
  /** How long the model that a checkpoint names is waited for; then the newest one takes its place. @defaultValue '30s' */
  readonly restoreWithin?: Duration | undefined
}

/**
 * A detector, whether it answers at once or later.
 *
 * @example
 * ```ts
 * import { robustZ } from '@messwerk/detectors'
 * import type { AnyModel } from '@messwerk/core'
 *
 * const spec: AnyModel = robustZ()
 * spec.model // => undefined
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export type AnyModel<K extends string = any> = DetectorSpec<K> | AsyncDetectorSpec<K>

/**
 * Names that `detect` adds: `A` is the score, `K` the channels of the detector.
 *
 * @example
 * ```ts
 * import type { DetectAdds } from '@messwerk/core'
 *
 * const name: DetectAdds<'pressure', 'score'> = 'score.by.pressure'
 * const own: DetectAdds<'pressure', 'score', true> = 'score.pressure.flag'
 * name.length < own.length // => true
 * ```
 */
export type DetectAdds<K extends string, A extends string, E extends boolean = false> = E extends true
  ? K extends unknown
    ? AddedNames<K, `${A}.${K}`>
    : never
  : AddedNames<K, A>

type AddedNames<K extends string, A extends string> =
  | A
  | `${A}.${'limit' | 'flag' | 'version' | `${'by' | 'lower' | 'upper' | 'z'}.${K}`}`

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
 * - With `deviations` `score.z.<channel>`, signed; NaN where there is no score.
 * - Of a fitted model `score.version`; its name is the tag `score.model` of the stream. `toEvents` names both.
 *
 * With `each` every channel has a detector of its own, and `score` above is `score.<channel>`.
 *
 * A detector that goes on learning (`learn: 'always'`, `then: 'adapt'`) does not learn scans with a raised flag, nor any with
 * a score at or over the limit. Any cutting into blocks gives the same result.
 *
 * @param spec - which detector; without `channels` it uses all channels of role measurement or feature
 * @throws TypeError or RangeError when an option is wrong; at a stream's first block RangeError when a channel is unknown or a
 * name is taken, when `learn` is 'never' and the detector is not ready, or when `deviations` are wanted of one that counts none
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
export function detect<
  // biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
  const K extends string = any,
  const As extends string = 'score',
  const E extends boolean = false
>(
  spec: DetectorSpec<K>,
  options?: DetectOptions & { readonly as?: As | undefined; readonly each?: E | undefined }
): Operator<K, DetectAdds<K, As, E>>

/**
 * Watches a stream with a model that may answer later, such as one in another runtime.
 *
 * The channels added are the same, without bands; shares are NaN where the model does not tell. Blocks are scored one at a time, in
 * order; for a model with a window the last scans of each stream stand before them, none across a gap.
 */
export function detect<
  // biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
  const K extends string = any,
  const As extends string = 'score'
>(spec: AnyModel<K>, options?: DetectModelOptions & { readonly as?: As | undefined }): Operator<K, DetectAdds<K, As>>

/**
 * Watches a stream with models of one name that take each other's place, each from the turn on that begins after it came and was made
 * ready. No scan is left out or scored twice, and `score.version` names the model of each.
 *
 * - Before the first model nothing is read: a pipeline waits for it, an Observable keeps its blocks.
 * - An open event goes on where limits decide, with its id; a threshold that calibrates itself starts anew.
 * - A model that does not fit (its channels, its name, it cannot be opened) is refused, with a notice; the one before goes on. So it
 *   does when no more models come.
 * - After a restart the model that the checkpoint names scores on; see `resolve`.
 *
 * Score, version, limit, flag and shares are there whatever a model brings; bands are not.
 */
export function detect<
  // biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
  const K extends string = any,
  const As extends string = 'score'
>(
  models: Observable<AnyModel<K>> | AsyncIterable<AnyModel<K>>,
  options?: DetectModelsOptions & { readonly as?: As | undefined }
): Operator<K, DetectAdds<K, As>>

export function detect(
  given: AnySpec | Observable<AnySpec> | AsyncIterable<AnySpec>,
  options: DetectOptions & { readonly as?: string | undefined } = {}
): Operator {
  if (areModels(given)) return detectModels(given, options as DetectModelsOptions)
  return given !== null && typeof given === 'object' && isLater(given)
    ? detectLater(given, options as DetectModelOptions)
    : detectNow(given as DetectorSpec, options)
}

function detectNow(spec: DetectorSpec, options: DetectOptions & { readonly as?: string | undefined }): Operator {
  const plan = planOf(spec, options)
  const adds = namesAdded(plan)
  const { onGap = 'hold', maxGap } = options
  const needs = spec.channels ?? []
  // limits may change under a running verdict, and a detector checks itself whether a state is one of its own
  const settings = {
    kind: plan.spec.kind,
    channels: spec.channels,
    as: plan.as,
    learn: options.learn,
    adapts: plan.adapts,
    each: plan.each || undefined,
    model: plan.model?.name
  }
  return operator({
    id: 'detect',
    needs,
    adds,
    onGap,
    maxGap,
    settings,
    kernel: (stream) => (plan.each ? new DetectEach(plan, stream) : new DetectKernel(plan, stream))
  }) as Operator
}

/** What is known before the stream: bands depend on the detector, and shares on its channels. */
function namesAdded({ spec, as, model, threshold, explain, deviations, each }: DetectPlan): string[] {
  const { channels = [] } = spec
  const names = (score: string, of: readonly string[]): string[] =>
    (threshold === undefined ? [score] : [score, `${score}.limit`, `${score}.flag`]).concat(
      explain === 'never' ? [] : of.map((channel) => `${score}.by.${channel}`),
      deviations ? of.map((channel) => `${score}.z.${channel}`) : [],
      model === undefined ? [] : [`${score}.version`]
    )
  return each ? channels.flatMap((channel) => names(`${as}.${channel}`, [channel])) : names(as, channels)
}
