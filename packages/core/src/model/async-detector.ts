import type { Channel } from './channel.ts'
import type { ModelRef } from './model-ref.ts'
import type { Samples } from './samples.ts'
import type { ThresholdSpec } from './threshold.ts'

/**
 * The description of a detector that answers later, such as a model in another runtime.
 *
 * @example
 * ```ts
 * import type { AsyncDetectorSpec } from '@messwerk/core/model'
 *
 * const score = async ({ values }: { values: Float64Array }) => values.map(Math.abs)
 * const spec: AsyncDetectorSpec = { kind: 'remote', async: true, create: () => ({ lookBack: 0, score }) }
 * spec.async // => true
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface AsyncDetectorSpec<N extends string = any> {
  readonly kind: string
  /** What tells it from a detector that answers at once. */
  readonly async: true
  /** Channels it uses; absent = all measured ones. */
  readonly channels?: readonly N[] | undefined
  /** The model that it scores with, as it is named on scores and events. */
  readonly model?: ModelRef | undefined
  /** The threshold that came with the model; options of `detect` go before it. */
  readonly threshold?: ThresholdSpec | undefined
  /** @throws RangeError when it cannot work on these channels */
  create(channels: readonly Channel[]): AsyncDetector
}

/**
 * Scores scans, later. It has learned elsewhere: here it only scores, and knows no clock, no labels and no limits.
 *
 * @example
 * ```ts
 * import type { AsyncDetector } from '@messwerk/core/model'
 *
 * const detector: AsyncDetector = { lookBack: 0, score: async ({ length }) => new Float64Array(length) }
 * await detector.score({ channels: ['a'], length: 2, values: Float64Array.of(1, 2), seconds: 1 }) // => Float64Array.of(0, 0)
 * ```
 */
export interface AsyncDetector {
  /** How many scans before its own the score of a scan depends on: one less than the window of the model. */
  readonly lookBack: number
  /** Loads what it needs and warms up; called once, before the first score. */
  open?(signal?: AbortSignal): Promise<void>
  /**
   * One score a scan: >= 0, higher = more anomalous; NaN where a value it depends on is not finite, and for the first `lookBack` scans,
   * which only stand before the others. Remembers nothing from call to call.
   */
  score(samples: Samples, signal?: AbortSignal): Promise<Float64Array>
  /**
   * The share of each channel in the score of one scan (counted in `samples`, with its `lookBack` scans before it), where the model
   * tells: >= 0, they sum to the score.
   */
  explain?(samples: Samples, scan: number, signal?: AbortSignal): Promise<Float64Array>
  /** Gives back memory and threads. */
  close?(): Promise<void>
}
