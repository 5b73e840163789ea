import type { AsyncDetector, AsyncDetectorSpec } from '../model/async-detector.ts'
import type { Channel } from '../model/channel.ts'
import type { Samples } from '../model/samples.ts'
import { normalOperation, scansOf } from './detector-samples.ts'
import { farFrom } from './detector-subject.ts'
import type { Skips } from './suite.ts'

/**
 * What the checks of an asynchronous detector need to know of it.
 *
 * @example
 * ```ts
 * import type { AsyncDetectorSubject } from '@messwerk/core/testing'
 *
 * const score = async ({ length }: { length: number }) => new Float64Array(length)
 * const subject: AsyncDetectorSubject = {
 *   spec: { kind: 'calm', async: true, create: () => ({ lookBack: 0, score }) },
 *   skip: { A2: 'shown as an example only' }
 * }
 * subject.spec.kind // => 'calm'
 * ```
 */
export interface AsyncDetectorSubject {
  readonly spec: AsyncDetectorSpec
  /**
   * Scans of normal operation, all values finite, more than the detector looks back.
   *
   * @defaultValue `normalOperation()`: 500 scans of four correlated channels
   */
  readonly normal?: Samples
  /**
   * One value a channel of `normal`: a scan that the model ranks above all of `normal`. For one that looks back: it comes last, behind
   * scans of `normal`. Or scans, the last of which is ranked so.
   *
   * @defaultValue 15 standard deviations from the mean, up and down in turn
   */
  readonly outlier?: readonly number[] | Samples
  /**
   * Channels to create detectors on.
   *
   * @defaultValue the names of `normal`, with unit 1
   */
  readonly channels?: readonly Channel[]
  /** Checks that this detector cannot pass, with the reason. */
  readonly skip?: Skips | undefined
}

/** A subject with its defaults filled in. @internal */
export interface AsyncDetectorCase {
  readonly normal: Samples
  readonly outlier: Samples
  readonly channels: readonly Channel[]
  readonly create: (channels?: readonly Channel[]) => AsyncDetector
  /** Runs a check with an open detector, and closes it. */
  readonly using: <T>(check: (detector: AsyncDetector) => Promise<T>, channels?: readonly Channel[]) => Promise<T>
}

/** @internal */
export function asyncDetectorCase(subject: AsyncDetectorSubject): AsyncDetectorCase {
  const { spec, normal = normalOperation() } = subject
  const named = subject.channels ?? normal.channels.map((name) => ({ name, unit: '1' }))
  const create = (channels = named): AsyncDetector => spec.create(channels)
  const { outlier = farFrom(normal) } = subject
  return {
    normal,
    outlier:
      'values' in outlier && !Array.isArray(outlier) ? (outlier as Samples) : behind(normal, outlier as number[]),
    channels: named,
    create,
    using: async (check, channels) => {
      const detector = create(channels)
      try {
        await detector.open?.()
        return await check(detector)
      } finally {
        await detector.close?.()
      }
    }
  }
}

/** `normal`, its last scan replaced. */
function behind(normal: Samples, values: readonly number[]): Samples {
  const samples = scansOf(normal, 0, normal.length)
  values.forEach((value, c) => {
    samples.values[(c + 1) * samples.length - 1] = value
  })
  return samples
}
