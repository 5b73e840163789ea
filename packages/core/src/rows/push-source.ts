import { PushQueue } from '../driver/push-queue.ts'
import { type Block, blockBytes, withGap } from '../model/block.ts'
import { BlockBuilder } from '../model/block-builder.ts'
import type { Gap } from '../model/gap.ts'
import { joinGaps } from '../model/gap.ts'
import type { Batch, ReadOptions, Source } from '../model/source.ts'
import { type Duration, durationMs, type Size, sizeBytes } from '../model/span.ts'
import { defineStream, type Stream } from '../model/stream.ts'
import { nsOfMs } from '../model/time-axis.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { systemTime } from '../time/system-time.ts'

/**
 * Options of {@link pushSource}.
 *
 * @example
 * ```ts
 * import type { PushSourceOptions } from '@messwerk/core'
 *
 * const options: PushSourceOptions<'pressure'> = { stream: 'pump-1', channels: { pressure: 'bar' }, block: { age: '5ms' } }
 * options.stream // => 'pump-1'
 * ```
 */
export interface PushSourceOptions<C extends string> {
  /** Id of the stream. */
  readonly stream: string
  /** Unit (UCUM code) by channel name. */
  readonly channels: Readonly<Record<C, string>>
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** When collected scans go on as a block. @defaultValue 256 scans or 20 ms */
  readonly block?: { readonly scans?: number | undefined; readonly age?: Duration | undefined } | undefined
  /** Most that waits for a reader; what does not fit is dropped and declared as a gap. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  /** @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
}

/**
 * A source that one's own program pushes into.
 *
 * @example
 * ```ts
 * import { pushSource, type PushSource } from '@messwerk/core'
 *
 * const pump: PushSource<'pressure'> = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * pump.id // => 'push pump-1'
 * ```
 */
export interface PushSource<C extends string> extends Source<C> {
  /**
   * Takes one scan.
   *
   * @param values - one number a channel; NaN = no value
   * @param time - event time; without it the time of arrival, which strictly increases
   * @throws TypeError when a channel is missing or not a number, or the time is not a time
   */
  push(values: Readonly<Record<C, number>>, time?: Date | number): void
  /** Ends the data: readers get what is there, then the end. */
  end(): void
}

/**
 * The way in for one's own numbers: a source with a `push` method.
 *
 * Scans are collected into blocks (256 scans or 20 ms). A scan whose time lies before the last one is dropped and
 * declared as a gap (`late`). What was pushed before the first reader came is kept, up to the bound.
 *
 * @throws TypeError or RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { observe, pushSource, rows } from '@messwerk/core'
 * import { firstValueFrom } from 'rxjs'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar', current: 'A' } })
 * pump.push({ pressure: 3.1, current: 0.9 }, 1_700_000_000_000)
 * const block = await firstValueFrom(observe(pump))
 * rows(block) // => [{ time: new Date(1_700_000_000_000), pressure: 3.1, current: 0.9 }]
 * ```
 */
export function pushSource<const C extends string>(options: PushSourceOptions<C>): PushSource<C> {
  return new Push(options)
}

class Push<C extends string> implements PushSource<C> {
  readonly id: string
  readonly replay = 'none'
  readonly #options: PushSourceOptions<C>
  readonly #stream: Stream<C>
  readonly #names: readonly C[]
  readonly #row: Float64Array
  readonly #scheduler: Scheduler
  readonly #ageMs: number
  readonly #limit: number
  #waiting: PushQueue<Block<C>>
  readonly #readers = new Set<PushQueue<Block<C>>>()
  #builder: BlockBuilder<C> | undefined
  #hasExplicitTime = false
  #cancelFlush: (() => void) | undefined
  #gap: Gap | undefined
  #lastTime = 0n
  #position = -1
  #isRead = false
  #isEnded = false

  constructor(options: PushSourceOptions<C>) {
    const { stream, channels, tags, block = {}, buffer = '16MiB', scheduler = systemTime } = options
    if (typeof channels !== 'object' || channels === null) {
      throw new TypeError(
        `pushSource '${stream}': channels must be a record of units by name, such as { pressure: 'bar' }`
      )
    }
    this.id = `push ${stream}`
    this.#options = options
    this.#names = Object.keys(channels) as C[]
    this.#stream = defineStream({
      id: stream,
      channels: this.#names.map((name) => ({ name, unit: channels[name] })),
      tags
    })
    this.#row = new Float64Array(this.#names.length)
    this.#scheduler = scheduler
    this.#ageMs = durationMs(block.age ?? '20ms', `pushSource '${stream}': block.age`)
    this.#limit = sizeBytes(buffer, `pushSource '${stream}': buffer`)
    this.#waiting = new PushQueue({ bytes: this.#limit })
  }

  push(values: Readonly<Record<C, number>>, time?: Date | number): void {
    if (this.#isEnded) throw new TypeError(`${this.id}: end() was called; nothing more can be pushed`)
    for (let c = 0; c < this.#names.length; c += 1) this.#row[c] = this.#valueOf(values, this.#names[c] as C)
    const ns = time === undefined ? this.#arrival() : this.#explicit(time)
    this.#position += 1
    if (ns === undefined) return this.#declare({ scans: 1, cause: 'late' })
    this.#lastTime = ns
    const builder = this.#builderFor(time !== undefined)
    if (builder.add(this.#row, ns, this.#position)) this.#flush()
    else this.#cancelFlush ??= this.#scheduler.after(this.#ageMs, () => this.#flush())
  }

  end(): void {
    if (this.#isEnded) return
    this.#flush()
    this.#isEnded = true
    this.#waiting.end()
    for (const reader of this.#readers) reader.end()
  }

  async *read({ signal }: ReadOptions): AsyncGenerator<Batch<C>, void, void> {
    const queue = this.#reader()
    const stop = (): void => {
      this.#flush()
      this.#readers.delete(queue)
      queue.end()
    }
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      for await (const block of queue) {
        yield {
          split: this.#options.stream,
          position: block.origin.position,
          blocks: [block],
          events: undefined,
          ids: undefined
        }
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#readers.delete(queue)
    }
  }

  /** The first reader takes over what waited for it; later ones start with what comes. */
  #reader(): PushQueue<Block<C>> {
    const queue = this.#isRead ? new PushQueue<Block<C>>({ bytes: this.#limit }) : this.#waiting
    this.#isRead = true
    if (this.#isEnded) queue.end()
    this.#readers.add(queue)
    return queue
  }

  #valueOf(values: Readonly<Record<C, number>>, name: C): number {
    const value = values[name]
    if (typeof value === 'number') return value
    throw new TypeError(
      `${this.id}: push needs a number for channel '${name}', got ${value === undefined ? 'nothing' : String(value)}`
    )
  }

  #arrival(): bigint {
    const now = nsOfMs(this.#scheduler.now())
    return now > this.#lastTime ? now : this.#lastTime + 1n
  }

  #explicit(time: Date | number): bigint | undefined {
    const ms = typeof time === 'number' ? time : time.getTime()
    if (!Number.isFinite(ms))
      throw new TypeError(`${this.id}: time must be a Date or ms since the Unix epoch, got ${String(time)}`)
    const ns = nsOfMs(ms)
    return ns >= this.#lastTime ? ns : undefined
  }

  #builderFor(isExplicit: boolean): BlockBuilder<C> {
    if (this.#builder && isExplicit === this.#hasExplicitTime) return this.#builder
    this.#flush()
    this.#hasExplicitTime = isExplicit
    this.#builder = new BlockBuilder<C>(this.#stream, {
      split: this.#options.stream,
      clock: isExplicit ? 'source' : 'arrival',
      capacity: this.#options.block?.scans ?? 256
    })
    return this.#builder
  }

  #declare(gap: Gap): void {
    this.#flush()
    this.#gap = joinGaps(this.#gap, gap)
  }

  #flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    const block = this.#builder?.take()
    if (!block) return
    const marked = this.#gap ? withGap(block, this.#gap) : block
    this.#gap = undefined
    const bytes = blockBytes(marked)
    if (!this.#isRead) return this.#offer(this.#waiting, marked, bytes)
    for (const reader of this.#readers) this.#offer(reader, marked, bytes)
  }

  #offer(queue: PushQueue<Block<C>>, block: Block<C>, bytes: number): void {
    if (queue.push(block, bytes)) return
    this.#gap = joinGaps(this.#gap, joinGaps(block.gap, { scans: block.length, cause: 'overflow' }))
  }
}
