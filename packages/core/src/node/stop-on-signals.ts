import type { Duration } from '../model/span.ts'

/**
 * How {@link stopOnSignals} stops.
 *
 * @example
 * ```ts
 * import type { StopOnSignalsOptions } from '@messwerk/core/node'
 *
 * const options: StopOnSignalsOptions = { drain: '30s', signals: ['SIGTERM'] }
 * options.drain // => '30s'
 * ```
 */
export interface StopOnSignalsOptions {
  /** How long what has been taken may take to become durable. @defaultValue '10s' */
  readonly drain?: Duration | undefined
  /** @defaultValue SIGTERM and SIGINT */
  readonly signals?: readonly NodeJS.Signals[] | undefined
}

/**
 * Stops a run when the process is asked to end: takes no more, makes what was taken durable, saves, commits. The process
 * ends by itself when nothing is left to do; a second signal ends it at once.
 *
 * @returns undoes it
 *
 * @example
 * ```ts
 * import { pipeline, pushSource } from '@messwerk/core'
 * import { stopOnSignals } from '@messwerk/core/node'
 * import { recordingSink } from '@messwerk/core/testing'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const run = pipeline('pump').from(pump).to(recordingSink()).start()
 * stopOnSignals(run)
 * process.kill(process.pid, 'SIGTERM')
 * await run.done // => undefined
 * ```
 */
export function stopOnSignals(
  run: { stop(options?: { readonly drain?: Duration | undefined }): Promise<void> },
  { drain, signals = ['SIGTERM', 'SIGINT'] }: StopOnSignalsOptions = {}
): () => void {
  const undo = (): void => {
    for (const signal of signals) process.off(signal, stop)
  }
  // with the listeners gone, the next signal does what it does by default
  const stop = (): void => {
    undo()
    run.stop({ drain }).catch(() => {}) // why it failed is told by `done`
  }
  for (const signal of signals) process.on(signal, stop)
  return undo
}
