/**
 * Where a pipeline says what it does: `console`, or any logger of that shape.
 *
 * @example
 * ```ts
 * import type { Log } from '@messwerk/core'
 *
 * const lines: string[] = []
 * const log: Log = { info: (line) => lines.push(line), warn: () => {}, error: () => {} }
 * log.info('connected')
 * lines // => ['connected']
 * ```
 */
export interface Log {
  /** What goes as planned. */
  info(message: string): unknown
  /** What needs a look: a gap, a drop, a long pause. */
  warn(message: string, error?: unknown): unknown
  /** What went wrong: a rejected block. */
  error(message: string, error?: unknown): unknown
}

/** @internal */
export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} }
