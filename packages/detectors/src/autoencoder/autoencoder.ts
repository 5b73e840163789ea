import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { autoencoderSpec } from './autoencoder-spec.ts'

/**
 * Options of {@link autoencoder}.
 *
 * @example
 * ```ts
 * import type { AutoencoderOptions } from '@messwerk/detectors'
 *
 * const options: AutoencoderOptions = { hidden: [16, 4, 16], activation: 'relu', window: { scans: 8 } }
 * options.hidden // => [16, 4, 16]
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface AutoencoderOptions<K extends string = any> {
  /**
   * Channels to use.
   *
   * @defaultValue all of role measurement or feature
   */
  readonly channels?: readonly K[]
  /**
   * Units of the layers between input and output, the narrowest in the middle: 1 to 16 sizes from 1 to 4096.
   *
   * @defaultValue `[outer, code, outer]` with twice the inputs, at most 64, and half of them, at least 1 and at most 16
   */
  readonly hidden?: readonly number[]
  /**
   * What a hidden layer makes of its sums.
   *
   * @defaultValue `'tanh'`
   */
  readonly activation?: 'relu' | 'tanh' | 'sigmoid' | 'leaky-relu' | 'elu' | 'linear'
  /**
   * What the last layer makes of its sums; `'sigmoid'` goes with the scaler `'min-max'`.
   *
   * @defaultValue `'linear'`
   */
  readonly output?: 'linear' | 'sigmoid' | 'tanh'
  /**
   * What is made small while training: the squared error, or Huber's, to which a wild value counts only straight on beyond 1.
   *
   * @defaultValue `'mse'`
   */
  readonly loss?: 'mse' | 'huber'
  /**
   * Times that all scans are gone through, at most.
   *
   * @defaultValue 100
   */
  readonly epochs?: number
  /**
   * Scans, or windows, that make one step.
   *
   * @defaultValue 32
   */
  readonly batch?: number
  /**
   * Step size of Adam, above 0 to 1.
   *
   * @defaultValue 0.005
   */
  readonly rate?: number
  /**
   * Decoupled weight decay (AdamW), 0 to below 1: each step takes `rate` times this part of every weight.
   *
   * @defaultValue 0
   */
  readonly weightDecay?: number
  /**
   * Epochs without a lower loss on what is held back, after which training ends; the weights of the best epoch are kept.
   *
   * @defaultValue 10
   */
  readonly patience?: number
  /**
   * Part of the scans, 0 to 0.5, that is not trained on: the end of each tenth of the time learned. 0 = the loss of training decides.
   *
   * @defaultValue 0.1
   */
  readonly holdBack?: number
  /**
   * What is done to each channel before: mean 0 and deviation 1, least value 0 and greatest 1, or nothing.
   *
   * @defaultValue `'standard'`
   */
  readonly scaler?: 'standard' | 'min-max' | 'none'
  /**
   * What `fit` makes of a scan with a value that is missing: `'skip'` leaves the scan out, `'mask'` learns the others; the missing one goes
   * in as 0 behind the scaler and has no loss. Scored is only what is complete.
   *
   * @defaultValue `'skip'`
   */
  readonly missing?: 'skip' | 'mask'
  /**
   * Takes that many scans at once, 2 to 1024: a number, or a time, which is taken for scans by the mean period of the scans learned.
   *
   * @defaultValue each scan by itself
   */
  readonly window?: Span
  /**
   * Whole number from 0; equal seeds and data give equal bits.
   *
   * @defaultValue 0
   */
  readonly seed?: number
  /**
   * Least deviation, or range, of a channel for the scaler, in the unit of the signal: one for all channels, or by channel. 0 = none.
   *
   * @defaultValue the `resolution` of the channel where it is known, else none
   */
  readonly minDeviation?: MinDeviation<NoInfer<K>>
}

/**
 * Scores a scan, or a window of them, by how badly a small neural network gives it back that has learned to pass normal ones through a
 * bottleneck.
 *
 * For channels that hang together along curves, where a plane ({@link t2}, {@link spe}) is too simple, and for the forms of signals with
 * `window`. It wants some thousand scans of clean normal operation; with less, or for straight relations, `spe` is as good and learns at once.
 *
 * - Input: `Samples` of all channels given to `create`, by position. A scan with a value that is not finite in a used channel scores
 *   NaN; with `window` the window begins anew behind it, as after a gap: NaN until it is full.
 * - Output: root of the mean squared error of all values that went in, in units of the scaler (deviations with `'standard'`): 0 or more.
 * - Shares: the score in proportion to the squared errors of each channel; exact. A fault that is given back in part by the other
 *   channels is named for them in part, too.
 * - Learning: `fit` trains with Adam in mini-batches of shuffled scans until `epochs` or `patience` is over. Scan by scan it first collects
 *   512 and fits; then each `batch` of scans learned makes one small step downhill at `rate`, while the scaler stays: it follows slow
 *   changes slowly. `train` of `@messwerk/detectors/models` fits in a thread of its own, tells how it goes and can be stopped.
 * - Flat channels: each has a deviation, or range, of at least `minDeviation`, by default one step (`resolution`) of the channel; at least
 *   1e-12 of its level, which is rounding; 1e-12 where a channel has only ever been 0.
 * - Cost: two operations a weight to score, no allocation; about six a weight, scan and epoch to train.
 *
 * `restore` takes `minDeviation` from the options of today, from the next `fit` on; the other options must be those of the snapshot.
 *
 * @throws RangeError, TypeError when an option is wrong; `create` throws RangeError when a named channel is missing, or when the network
 * would exceed 8192 inputs or 2^22 weights
 *
 * @example
 * ```ts
 * import { autoencoder, samples } from '@messwerk/detectors'
 *
 * // two channels on a curve: each value is in its range, only together they can be wrong
 * const turn = Array.from({ length: 600 }, (_, i) => i * 0.37)
 * const detector = autoencoder({ hidden: [12, 1, 12] }).create([{ name: 'x', unit: 'mm' }, { name: 'y', unit: 'mm' }])
 * detector.fit(samples({ x: turn.map((a) => a % 2), y: turn.map((a) => (a % 2) ** 2) }))
 * const [onTheCurve, beside] = detector.score(samples({ x: [1, 1], y: [1, 3] }))
 * beside! > 3 * onTheCurve! // => true
 * ```
 *
 * Reference: M. Sakurada, T. Yairi, "Anomaly detection using autoencoders with nonlinear dimensionality reduction", MLSDA 2014
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function autoencoder<const K extends string = any>(options: AutoencoderOptions<K> = {}): DetectorSpec<K> {
  return autoencoderSpec(options)
}
