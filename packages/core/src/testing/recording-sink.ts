import { BatchError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { type Duration, durationMs } from '../model/span.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import { systemTime } from '../time/system-time.ts'

/**
 * How a {@link recordingSink} behaves at first.
 *
 * @example
 * ```ts
 * import { VirtualTime, type RecordingSinkOptions } from '@messwerk/core/testing'
 *
 * const options: RecordingSinkOptions = { id: 'slow', delay: '50ms', scheduler: new VirtualTime() }
 * options.delay // => '50ms'
 * ```
 */
export interface RecordingSinkOptions {
  /** @defaultValue 'recording' */
  readonly id?: string | undefined
  /** How long each write takes. @defaultValue none: a write resolves in the same macrotask */
  readonly delay?: Duration | undefined
  /** What the delay waits on. @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
}

/**
 * A sink that keeps what it was given, for tests.
 *
 * @example
 * ```ts
 * import { recordingSink, type RecordingSink } from '@messwerk/core/testing'
 *
 * const sink: RecordingSink<string> = recordingSink()
 * sink.items // => []
 * ```
 */
export interface RecordingSink<T> extends Sink<T> {
  readonly id: string
  /** What is durable, in the order in which it became so. */
  readonly items: readonly T[]
  /** What each call of `write` was given, refused or not. */
  readonly writes: readonly (readonly T[])[]
  /** Calls of `open` and `close`. */
  readonly opened: number
  readonly closed: number
  /** Writes that run now, and the most that ever ran at once. */
  readonly inFlight: number
  readonly mostInFlight: number
  /** Lets the next `times` writes fail as a whole: nothing of them is kept. @param times - default 1 */
  failNext(error: Error, times?: number): void
  /** Items for which it returns an error are not kept, and the write rejects with a BatchError. Undefined takes all again. */
  refuse(why: ((item: T) => Error | undefined) | undefined): void
  /** Changes how long each write takes. */
  delay(duration: Duration | undefined): void
}

/**
 * A sink in memory that can be told to fail, to refuse single items, and to take its time.
 *
 * A write whose signal aborts during the delay rejects with the reason of the signal and keeps nothing.
 *
 * @throws RangeError when the delay is not a span of time
 *
 * @example
 * ```ts
 * import { NotConnectedError } from '@messwerk/core/model'
 * import { recordingSink } from '@messwerk/core/testing'
 *
 * const sink = recordingSink<number>()
 * sink.failNext(new NotConnectedError('tcp://store'))
 * await sink.write([1], AbortSignal.timeout(1000)).catch(() => {})
 * await sink.write([2, 3], AbortSignal.timeout(1000))
 * sink.items // => [2, 3]
 * ```
 */
export function recordingSink<T>(options: RecordingSinkOptions = {}): RecordingSink<T> {
  return new Recorder<T>(options)
}

class Recorder<T> implements RecordingSink<T> {
  readonly id: string
  readonly items: T[] = []
  readonly writes: (readonly T[])[] = []
  opened = 0
  closed = 0
  inFlight = 0
  mostInFlight = 0
  readonly #scheduler: Scheduler
  #delayMs: number
  #failures: Error[] = []
  #refusal: ((item: T) => Error | undefined) | undefined

  constructor({ id = 'recording', delay, scheduler = systemTime }: RecordingSinkOptions) {
    this.id = id
    this.#scheduler = scheduler
    this.#delayMs = delayOf(delay)
  }

  async open(): Promise<void> {
    this.opened += 1
  }

  async write(items: readonly T[], signal: AbortSignal): Promise<void> {
    this.writes.push(items.slice())
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    const failure = this.#failures.shift()
    try {
      if (this.#delayMs > 0) await sleep(this.#delayMs, this.#scheduler, signal)
      signal.throwIfAborted()
      if (failure) throw failure
      this.#keep(items)
    } finally {
      this.inFlight -= 1
    }
  }

  async close(): Promise<void> {
    this.closed += 1
  }

  failNext(error: Error, times = 1): void {
    this.#failures.push(...Array.from({ length: times }, () => error))
  }

  refuse(why: ((item: T) => Error | undefined) | undefined): void {
    this.#refusal = why
  }

  delay(duration: Duration | undefined): void {
    this.#delayMs = delayOf(duration)
  }

  #keep(items: readonly T[]): void {
    const failed = new Map<number, Error>()
    for (const [i, item] of items.entries()) {
      const why = this.#refusal?.(item)
      if (why) failed.set(i, why)
      else this.items.push(item)
    }
    if (failed.size > 0) throw new BatchError(this.id, failed)
  }
}

function delayOf(duration: Duration | undefined): number {
  return duration === undefined ? 0 : durationMs(duration, 'recordingSink: delay')
}
