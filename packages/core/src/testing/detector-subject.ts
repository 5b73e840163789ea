import type { Channel } from '../model/channel.ts'
import type { Detector, DetectorSpec } from '../model/detector.ts'
import type { Samples } from '../model/samples.ts'
import { deviationOf, meanOf, normalOperation, scansOf } from './detector-samples.ts'
import type { Skips } from './suite.ts'

/**
 * What the checks of a detector need to know of it.
 *
 * @example
 * ```ts
 * import { robustZ } from '@messwerk/detectors'
 * import type { DetectorSubject } from '@messwerk/core/testing'
 *
 * const subject: DetectorSubject = { spec: robustZ(), skip: { D12: 'shown as an example only' } }
 * subject.spec.kind // => 'robust-z'
 * ```
 */
export interface DetectorSubject {
  readonly spec: DetectorSpec
  /**
   * Scans of normal operation, enough to become ready, all values finite.
   *
   * @defaultValue {@link normalOperation}: 500 scans of four correlated channels
   */
  readonly normal?: Samples
  /**
   * One value a channel of `normal`: a scan that any useful detector ranks above all of `normal`. For a detector that needs to see more
   * than one: scans, the last of which it ranks so.
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
  /**
   * Scans after which the memory of the detector no longer grows.
   *
   * @defaultValue eight times the length of `normal`
   */
  readonly saturated?: number
  /** Checks that this detector cannot pass, with the reason: `{ D12: 'keeps every scan' }`. */
  readonly skip?: Skips | undefined
}

/** A subject with its defaults filled in, and what every check starts from. @internal */
export interface DetectorCase {
  readonly spec: DetectorSpec
  readonly normal: Samples
  readonly outlier: Samples
  readonly channels: readonly Channel[]
  readonly saturated: number
  readonly create: () => Detector
  /** One that has learned `normal`. */
  readonly fitted: () => Detector
}

/** @internal */
export function detectorCase(subject: DetectorSubject): DetectorCase {
  const { spec, normal = normalOperation() } = subject
  const channels = subject.channels ?? normal.channels.map((name) => ({ name, unit: '1' }))
  const create = (): Detector => spec.create(channels)
  const { outlier = farFrom(normal) } = subject
  return {
    spec,
    normal,
    outlier: isSamples(outlier) ? outlier : { ...scansOf(normal, 0, 1), values: Float64Array.from(outlier) },
    channels,
    saturated: subject.saturated ?? 8 * normal.length,
    create,
    fitted: () => {
      const detector = create()
      detector.fit(normal)
      return detector
    }
  }
}

function isSamples(outlier: readonly number[] | Samples): outlier is Samples {
  return !Array.isArray(outlier)
}

/** @internal */
export function farFrom(normal: Samples): number[] {
  return normal.channels.map(
    (_, c) => meanOf(normal, c) + (c % 2 === 0 ? 15 : -15) * Math.max(deviationOf(normal, c), 1e-6)
  )
}
