/**
 * What a source has seen of its subscription since it was made.
 *
 * @example
 * ```ts
 * import type { OpcuaCounters } from '@messwerk/transports/opcua'
 *
 * const counters: OpcuaCounters = { notifications: 12, republished: 1, missing: 0, takenOver: 0 }
 * counters.republished // => 1
 * ```
 */
export interface OpcuaCounters {
  /** Messages with data. */
  notifications: number
  /** Messages that were lost on the way and came when they were asked for again. */
  republished: number
  /** Messages that the server did not have any more: each is a declared gap. */
  missing: number
  /** Subscriptions that were taken over after a lost connection, with what the server had kept. */
  takenOver: number
}
