import { Observable, type Subscriber } from 'rxjs'
import type { Block } from '../model/block.ts'
import type { Positions, Source, Splits } from '../model/source.ts'
import { systemTime } from '../time/system-time.ts'

const YIELD_MS = 5

const unaccounted: Splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

/**
 * A source as an ordinary Observable of blocks. Cold: each subscriber reads for itself.
 *
 * What was pushed counts as accepted: there are no accounts and no backpressure here. Where every scan must become
 * durable, use `pipeline()`.
 *
 * @example
 * ```ts
 * import { observe, pushSource } from '@messwerk/core'
 * import { lastValueFrom, map, toArray } from 'rxjs'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * pump.push({ pressure: 3.1 })
 * pump.end()
 * await lastValueFrom(observe(pump).pipe(map((block) => block.length), toArray())) // => [1]
 * ```
 */
export function observe<C extends string>(source: Source<C>): Observable<Block<C>> {
  return new Observable((subscriber) => {
    const abort = new AbortController()
    read(source, subscriber, abort.signal).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error)
    )
    return () => abort.abort()
  })
}

async function read<C extends string>(
  source: Source<C>,
  subscriber: Subscriber<Block<C>>,
  signal: AbortSignal
): Promise<void> {
  let yielded = performance.now()
  let due: Record<string, number> | undefined
  let committing: Promise<void> | undefined
  const commit = async (): Promise<void> => {
    while (due) {
      const at: Positions = due
      due = undefined
      await source.commit?.(at)
    }
    committing = undefined
  }
  for await (const batch of source.read({ signal, from: {}, splits: unaccounted })) {
    for (const block of batch.blocks) subscriber.next(block)
    if (source.commit) {
      due ??= {}
      due[batch.split] = batch.position
      committing ??= commit()
    }
    if (signal.aborted) break
    if (performance.now() - yielded < YIELD_MS) continue
    await systemTime.macrotask()
    yielded = performance.now()
  }
  await committing
}
