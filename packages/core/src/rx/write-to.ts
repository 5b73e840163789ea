import { Observable, type OperatorFunction } from 'rxjs'
import { DroppedScans } from '../delivery/dropped-scans.ts'
import { Outlet } from '../delivery/outlet.ts'
import { type Block, blockBytes } from '../model/block.ts'
import { BatchError, OverflowError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { type Size, sizeBytes } from '../model/span.ts'
import { systemTime } from '../time/system-time.ts'

/**
 * What one durable write held.
 *
 * @example
 * ```ts
 * import type { Written } from '@messwerk/core'
 *
 * const written: Written = { items: 3, bytes: 1200 }
 * written.items // => 3
 * ```
 */
export interface Written {
  readonly items: number
  readonly bytes: number
}

/**
 * Options of {@link writeTo}.
 *
 * @example
 * ```ts
 * import type { WriteToOptions } from '@messwerk/core'
 *
 * const options: WriteToOptions = { buffer: '1MiB', onFull: 'drop' }
 * options.onFull // => 'drop'
 * ```
 */
export interface WriteToOptions {
  /** Most that waits for the sink. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  /** RxJS cannot push back: `error` ends the stream, `drop` drops, counts and declares it on the next block. @defaultValue 'error' */
  readonly onFull?: 'error' | 'drop' | undefined
}

/**
 * Ends an RxJS chain in a sink, with a bound: emits once for every durable write, completes when everything is durable.
 * A write that failed is repeated where that may help, only what is not durable.
 *
 * @throws OverflowError (through the Observable) when the sink is slower than the source and `onFull` is `error`; the
 * sink's error when it refuses an item or cannot be repeated
 *
 * @example
 * ```ts
 * import { observe, pushSource, writeTo } from '@messwerk/core'
 * import { recordingSink } from '@messwerk/core/testing'
 * import { lastValueFrom } from 'rxjs'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * pump.push({ pressure: 3.1 })
 * pump.end()
 * const { items } = await lastValueFrom(observe(pump).pipe(writeTo(recordingSink())))
 * items // => 1
 * ```
 */
export function writeTo<T>(sink: Sink<T>, options: WriteToOptions = {}): OperatorFunction<T, Written> {
  const { buffer = '16MiB', onFull = 'error' } = options
  const limit = sizeBytes(buffer, 'writeTo: buffer')
  if (onFull !== 'error' && onFull !== 'drop') {
    throw new RangeError(`writeTo: onFull must be 'error' or 'drop', got '${String(onFull)}'`)
  }
  return (source) =>
    new Observable((subscriber) => {
      const dropped = new DroppedScans()
      const name = sink.id ?? 'sink'
      const fail = (error: unknown): void => {
        subscriber.error(error)
        void outlet.close().catch(() => {})
      }
      const outlet = new Outlet<T>({
        id: name,
        sink: reporting(sink, (written) => subscriber.next(written)),
        delivery: 'required',
        scheduler: systemTime,
        bytesOf: itemBytes,
        failed: fail,
        deadLetters: async (_, error) => {
          throw error // there are none: it ends the stream
        },
        warn: () => {}
      })
      const opened = outlet.open().catch(fail)
      const subscription = source.subscribe({
        next(item) {
          const full = outlet.metrics.queuedBytes + itemBytes(item) > limit
          if (!full) return void outlet.add(isBlock(item) ? (dropped.declare(item) as T) : item, undefined)
          if (onFull === 'error') return fail(new OverflowError(`buffer (${buffer}) in front of ${name}`, 1))
          if (isBlock(item)) dropped.drop(item)
        },
        error: fail,
        complete: () => {
          opened
            .then(() => outlet.drain())
            .then(() => outlet.close())
            .then(() => subscriber.complete(), fail)
        }
      })
      return () => {
        subscription.unsubscribe()
        void outlet.close().catch(() => {})
      }
    })
}

function reporting<T>(sink: Sink<T>, report: (written: Written) => void): Sink<T> {
  return {
    id: sink.id,
    open: async (signal) => sink.open?.(signal),
    async write(items, signal) {
      try {
        await sink.write(items, signal)
      } catch (error) {
        const durable = error instanceof BatchError ? items.filter((_, i) => !error.failed.has(i)) : []
        if (durable.length > 0) report(writtenOf(durable))
        throw error
      }
      report(writtenOf(items))
    },
    close: async () => sink.close?.()
  }
}

function writtenOf(items: readonly unknown[]): Written {
  return { items: items.length, bytes: items.reduce<number>((sum, item) => sum + itemBytes(item), 0) }
}

function isBlock(item: unknown): item is Block {
  return typeof item === 'object' && item !== null && 'values' in item && item.values instanceof Float64Array
}

function itemBytes(item: unknown): number {
  return isBlock(item) ? blockBytes(item) : 1000
}
