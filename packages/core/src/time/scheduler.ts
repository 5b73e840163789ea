/**
 * The only way in which this SDK waits or asks for the time, so that tests can run an hour in milliseconds.
 *
 * @example
 * ```ts
 * import { systemTime, type Scheduler } from '@messwerk/core'
 *
 * const time: Scheduler = systemTime
 * time.now() > 1_600_000_000_000 // => true
 * ```
 */
export interface Scheduler {
  /** Wall-clock time, ms since the Unix epoch, with a fraction. */
  now(): number
  /** Time that only goes forward, ms since some origin, with a fraction. */
  elapsed(): number
  /**
   * The same, since an origin that all processes of this machine share until it starts again, ms: by it two of them can tell
   * whether the wall clock was set. Absent where there is none, as in browsers.
   */
  uptime?(): number
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void
  /** Resolves in a later macrotask, after timers and I/O had their turn. */
  macrotask(): Promise<void>
}

/**
 * Resolves after `ms` on a scheduler, or at once when the signal aborts.
 *
 * @example
 * ```ts
 * import { sleep, systemTime } from '@messwerk/core'
 *
 * await sleep(1, systemTime) // => undefined
 * ```
 */
export function sleep(ms: number, scheduler: Scheduler, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = scheduler.after(ms, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}
