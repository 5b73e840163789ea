import { type SpoolBounds, type SpoolLimits, spoolLimits } from '../../model/spool-bounds.ts'
import type { Scheduler } from '../../time/scheduler.ts'
import type { SpoolFiles } from './spool-files.ts'

/**
 * Options of {@link fileSpool}.
 *
 * @example
 * ```ts
 * import type { SpoolOptions } from '@messwerk/core/node'
 *
 * const options: SpoolOptions = { path: 'spool', bytes: '4GiB', onFull: 'dropOldest', age: '7d' }
 * options.onFull // => 'dropOldest'
 * ```
 */
export interface SpoolOptions extends SpoolBounds {
  /** The folder, made when it does not exist. One writer each, on a local disk. */
  readonly path: string
  /** What waiting is done with. @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
  /** @internal */
  readonly files?: SpoolFiles | undefined
}

/** @throws TypeError, RangeError naming option, rule and value @internal */
export function checkedLimits(options: Omit<SpoolOptions, 'files' | 'scheduler'>, name: string): SpoolLimits {
  const { path } = options
  if (typeof path === 'string' && path !== '') return spoolLimits(options, `${name}: `)
  throw new TypeError(`${name}: path must be the path of a folder, got ${JSON.stringify(path) ?? String(path)}`)
}
