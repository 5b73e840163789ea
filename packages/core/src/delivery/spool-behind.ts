import type { Size } from '../model/span.ts'
import type { SpoolBounds } from '../model/spool-bounds.ts'

/**
 * The spool behind a sink with `delivery: 'spooled'`. When it is full and blocks, the source waits for the sink.
 *
 * @example
 * ```ts
 * import type { SpoolBehind } from '@messwerk/core'
 *
 * const spool: SpoolBehind = { bytes: '20GiB', onFull: 'dropOldest', backfill: '5MiB' }
 * spool.onFull // => 'dropOldest'
 * ```
 */
export interface SpoolBehind extends SpoolBounds {
  /** The folder; one writer each, on a local disk. @defaultValue `spool-<id of the sink>` in the run's directory */
  readonly path?: string | undefined
  /** Bytes of back-fill a second, beside new data. @defaultValue '50MiB' */
  readonly backfill?: Size | undefined
}
