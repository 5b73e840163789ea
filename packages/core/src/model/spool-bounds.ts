import { type Duration, durationMs, type Size, sizeBytes } from './span.ts'

/**
 * How much a spool may hold, and when it is on disk.
 *
 * @example
 * ```ts
 * import type { SpoolBounds } from '@messwerk/core/model'
 *
 * const bounds: SpoolBounds = { bytes: '4GiB', onFull: 'dropOldest', age: '7d' }
 * bounds.onFull // => 'dropOldest'
 * ```
 */
export interface SpoolBounds {
  /** Most that it takes on disk. @defaultValue '1GiB' */
  readonly bytes?: Size | undefined
  /** What is older is dropped, and declared as a gap. @defaultValue never */
  readonly age?: Duration | undefined
  /**
   * When it is full: `block` lets what is appended wait until the reader has released something; `dropOldest` drops the
   * oldest segment, `dropNewest` what comes: both are declared as gaps and counted. @defaultValue 'block'
   */
  readonly onFull?: 'block' | 'dropOldest' | 'dropNewest' | undefined
  /** When what was appended is synced: `each` at once, or at the latest after so long, all together. @defaultValue '100ms' */
  readonly fsync?: 'each' | Duration | undefined
  /** Size of a file; space is given back by whole files. @defaultValue '64MiB', or an eighth of `bytes` where that is less */
  readonly segment?: Size | undefined
}

/** @internal */
export interface SpoolLimits {
  readonly bytes: number
  readonly ageMs: number | undefined
  readonly onFull: 'block' | 'dropOldest' | 'dropNewest'
  /** 0 = each. */
  readonly fsyncMs: number
  readonly segment: number
}

const POLICIES: readonly unknown[] = ['block', 'dropOldest', 'dropNewest']
const DEFAULT_SEGMENT = 64 * 2 ** 20

/**
 * @param prefix - begins the errors, before the option: `spooled: `
 * @throws TypeError, RangeError naming option, rule and value
 * @internal
 */
export function spoolLimits(bounds: SpoolBounds, prefix: string): SpoolLimits {
  const { bytes = '1GiB', age, onFull = 'block', fsync = '100ms', segment } = bounds
  if (!POLICIES.includes(onFull)) {
    throw new RangeError(`${prefix}onFull must be 'block', 'dropOldest' or 'dropNewest', got '${String(onFull)}'`)
  }
  const most = sizeBytes(bytes, `${prefix}bytes`)
  const each = segment === undefined ? Math.min(DEFAULT_SEGMENT, most / 8) : sizeBytes(segment, `${prefix}segment`)
  if (each > most / 2)
    throw new RangeError(`${prefix}segment must be at most half of bytes ('${bytes}'), got '${segment}'`)
  return {
    bytes: most,
    ageMs: age === undefined ? undefined : positiveMs(age, `${prefix}age`),
    onFull,
    fsyncMs: fsync === 'each' ? 0 : positiveMs(fsync, `${prefix}fsync`),
    segment: each
  }
}

function positiveMs(duration: Duration, option: string): number {
  const ms = durationMs(duration, option)
  if (ms > 0) return ms
  throw new RangeError(`${option} must be longer than 0, got '${duration}'`)
}
