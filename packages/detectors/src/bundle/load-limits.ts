import { type Duration, durationMs, type Size, sizeBytes } from '@messwerk/core/model'
import type { SourceLimits } from '../onnx-runtime/read-source.ts'
import type { ZipLimits } from './zip-directory.ts'

/**
 * What loading a model may cost: what goes beyond is a ModelError with reason `too-large`, before it is unpacked.
 *
 * @example
 * ```ts
 * import type { LoadLimits } from '@messwerk/detectors/models'
 *
 * const onAnEdgeDevice: LoadLimits = { bytes: '4MiB', unpacked: '16MiB', timeout: '5s' }
 * onAnEdgeDevice.bytes // => '4MiB'
 * ```
 */
export interface LoadLimits {
  /** Of the file. @defaultValue '256MiB' */
  readonly bytes?: Size | undefined
  /** Of all its parts, unpacked. @defaultValue '512MiB' */
  readonly unpacked?: Size | undefined
  /** Parts, at most. @defaultValue 64 */
  readonly entries?: number | undefined
  /** How many times larger a part of more than a mebibyte may become. @defaultValue 200 */
  readonly ratio?: number | undefined
  /** Until all bytes are there. @defaultValue '60s' */
  readonly timeout?: Duration | undefined
}

/** The limits, checked. @throws RangeError @internal */
export function loadLimits(limits: LoadLimits = {}): SourceLimits & ZipLimits {
  const { bytes = '256MiB', unpacked = '512MiB', entries = 64, ratio = 200, timeout = '60s' } = limits
  for (const [option, value] of Object.entries({ entries, ratio }))
    if (!(typeof value === 'number' && value >= 1 && value < Number.POSITIVE_INFINITY))
      throw new RangeError(`loadModel: limits.${option} must be a number of at least 1, got ${String(value)}`)
  return {
    bytes: sizeBytes(bytes, 'loadModel: limits.bytes'),
    unpacked: sizeBytes(unpacked, 'loadModel: limits.unpacked'),
    entries,
    ratio,
    timeoutMs: durationMs(timeout, 'loadModel: limits.timeout')
  }
}
