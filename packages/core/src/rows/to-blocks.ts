import { Observable } from 'rxjs'
import type { Block } from '../model/block.ts'
import { BlockBuilder } from '../model/block-builder.ts'
import type { Batch, ReadOptions, Source } from '../model/source.ts'
import { defineStream, type Stream } from '../model/stream.ts'
import { nsOfMs } from '../model/time-axis.ts'
import { observe } from '../rx/observe.ts'
import { pushSource } from './push-source.ts'

/**
 * Options of {@link toBlocks}.
 *
 * @example
 * ```ts
 * import type { ToBlocksOptions } from '@messwerk/core'
 *
 * const options: ToBlocksOptions<'t', { t: number; at: number }> = {
 *   stream: 'oven', channels: { t: 'Cel' }, time: (row) => row.at,
 * }
 * options.stream // => 'oven'
 * ```
 */
export interface ToBlocksOptions<C extends string, T> {
  /** Id of the stream. */
  readonly stream: string
  /** Unit (UCUM code) by channel name: the fields of the objects that are taken. */
  readonly channels: Readonly<Record<C, string>>
  /** Event time of an object, ms since the Unix epoch; without it the time of arrival. */
  readonly time?: ((item: T) => Date | number) | undefined
}

/**
 * Turns objects into blocks: an RxJS operator for an Observable of objects, and for an async iterable of objects a
 * source that a pipeline can read, which slows the iterable down when sinks are slow.
 *
 * @throws TypeError when a field is not a number
 *
 * @example
 * ```ts
 * import { toBlocks } from '@messwerk/core'
 * import { column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const rows = of({ at: 0, t: 20.5 }, { at: 1000, t: 20.7 })
 * const blocks = toBlocks({ stream: 'oven', channels: { t: 'Cel' }, time: (row: { at: number; t: number }) => row.at })
 * column(await lastValueFrom(rows.pipe(blocks)), 't') // => Float64Array.of(20.5, 20.7)
 * ```
 */
export function toBlocks<const C extends string, T extends Readonly<Record<C, number>>>(
  options: ToBlocksOptions<C, T>
): ToBlocks<C, T> {
  const convert = (input: Observable<T> | AsyncIterable<T>): Observable<Block<C>> | Source<C> =>
    Symbol.asyncIterator in input ? fromIterable(options, input) : fromObservable(options, input)
  return convert as ToBlocks<C, T>
}

/**
 * What {@link toBlocks} returns.
 *
 * @example
 * ```ts
 * import { toBlocks, type ToBlocks } from '@messwerk/core'
 *
 * const convert: ToBlocks<'t', { t: number }> = toBlocks({ stream: 'oven', channels: { t: 'Cel' } })
 * typeof convert // => 'function'
 * ```
 */
export interface ToBlocks<C extends string, T> {
  (input: AsyncIterable<T>): Source<C>
  (input: Observable<T>): Observable<Block<C>>
}

function fromObservable<C extends string, T extends Readonly<Record<C, number>>>(
  { stream, channels, time }: ToBlocksOptions<C, T>,
  input: Observable<T>
): Observable<Block<C>> {
  return new Observable((subscriber) => {
    const source = pushSource<C>({ stream, channels })
    const blocks = observe(source).subscribe(subscriber)
    const items = input.subscribe({
      next: (item) => {
        try {
          source.push(item, time?.(item))
        } catch (error) {
          subscriber.error(error)
        }
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => source.end()
    })
    return () => {
      items.unsubscribe()
      blocks.unsubscribe()
    }
  })
}

function fromIterable<C extends string, T extends Readonly<Record<C, number>>>(
  options: ToBlocksOptions<C, T>,
  input: AsyncIterable<T>
): Source<C> {
  const names = Object.keys(options.channels) as C[]
  const channels = names.map((name) => ({ name, unit: options.channels[name] }))
  const stream: Stream<C> = defineStream({ id: options.stream, channels })
  return {
    id: `rows ${options.stream}`,
    replay: 'none',
    read: ({ signal }: ReadOptions) => batches(options, input, stream, names, signal)
  }
}

async function* batches<C extends string, T extends Readonly<Record<C, number>>>(
  { stream: split, time }: ToBlocksOptions<C, T>,
  input: AsyncIterable<T>,
  stream: Stream<C>,
  names: readonly C[],
  signal: AbortSignal
): AsyncGenerator<Batch<C>, void, void> {
  const builder = new BlockBuilder<C>(stream, { split, clock: time ? 'source' : 'arrival' })
  const row = new Float64Array(names.length)
  let position = -1
  let last = 0n
  const batch = (): Batch<C> => ({
    split,
    position,
    blocks: [builder.take() as Block<C>],
    events: undefined,
    ids: undefined
  })
  for await (const item of input) {
    for (let c = 0; c < names.length; c += 1) row[c] = numberOf(item[names[c] as C], names[c] as C, split)
    const ns = nsOfMs(msOf(time ? time(item) : Date.now()))
    last = ns > last || time ? ns : last + 1n
    position += 1
    if (builder.add(row, last, position)) yield batch()
    if (signal.aborted) break
  }
  if (builder.length > 0) yield batch()
}

function msOf(time: Date | number): number {
  return typeof time === 'number' ? time : time.getTime()
}

function numberOf(value: number, name: string, stream: string): number {
  if (typeof value === 'number') return value
  throw new TypeError(
    `toBlocks '${stream}': needs a number in field '${name}', got ${value === undefined ? 'nothing' : String(value)}`
  )
}
