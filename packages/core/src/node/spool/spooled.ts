import type { Batch, Positions, ReadOptions, Source } from '../../model/source.ts'
import type { SpoolMetrics, SpoolRecord, SpoolState } from '../../model/spool.ts'
import type { SpoolLimits } from '../../model/spool-bounds.ts'
import { systemTime } from '../../time/system-time.ts'
import { type FileSpool, openSpool } from './file-spool.ts'
import { SpoolIntake } from './spool-intake.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'

/**
 * A source behind a spool.
 *
 * @example
 * ```ts
 * import { pushSource } from '@messwerk/core'
 * import { spooled, type SpooledSource } from '@messwerk/core/node'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const source: SpooledSource<'pressure'> = spooled(pump, { path: 'spool-pump-1' })
 * source.replay // => 'position'
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface SpooledSource<in C extends string = any> extends Source<C> {
  readonly replay: 'position'
  /** What the spool holds; undefined before it is read. */
  readonly metrics: SpoolMetrics | undefined
  readonly state: SpoolState | undefined
}

/**
 * Puts a spool in front of a source: every batch is on disk before it is handed on, so a source that cannot be read again
 * (serial), or whose window is small (MQTT), can be read from any position that was not committed.
 *
 * It reads the source in the background, however slowly it is read itself, and commits to it what is on disk. Batches come
 * from the log with their own splits, blocks, times and gaps, under positions of the log. What the source redelivers and
 * the log has is not stored again. A source that cannot be read again declares what it lost while nobody read it. When the
 * source fails, what is in the log is handed over first, then its error is thrown.
 *
 * Committing releases whole segments. After an abort, what the source still hands over goes to the log, for the next read.
 *
 * @throws TypeError, RangeError for options. Reading throws what the source throws, InUseError, and StorageError for a
 * disk that will never take it; a disk that is full makes it wait.
 *
 * @example
 * ```ts
 * import { pushSource } from '@messwerk/core'
 * import { spooled } from '@messwerk/core/node'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * pump.push({ pressure: 3.1 }, 1_700_000_000_000)
 * pump.end()
 * const source = spooled(pump, { path: 'spool-of-pump-1', bytes: '64MiB', fsync: 'each' })
 * const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
 * const positions: number[] = []
 * for await (const { position } of source.read({ signal: AbortSignal.timeout(5000), from: {}, splits })) positions.push(position)
 * positions // => [1]
 * ```
 */
export function spooled<C extends string>(source: Source<C>, options: SpoolOptions): SpooledSource<C> {
  return new Spooled(source, options, checkedLimits(options, 'spooled'))
}

class Spooled implements SpooledSource {
  readonly id: string
  readonly replay = 'position'
  readonly handsOver: boolean | undefined
  readonly #source: Source
  readonly #options: SpoolOptions
  readonly #limits: SpoolLimits
  #spool: FileSpool | undefined
  /** Opening and giving back take turns: nothing is removed from a log that is being recovered. */
  #turn: Promise<unknown> = Promise.resolve()
  /** What was handed over and is not committed, in order. */
  #handed: { readonly position: number; readonly split: string }[] = []
  #head = 0
  #last = 0

  constructor(source: Source, options: SpoolOptions, limits: SpoolLimits) {
    this.id = source.id
    this.handsOver = source.handsOver
    this.#source = source
    this.#options = options
    this.#limits = limits
  }

  get metrics(): SpoolMetrics | undefined {
    return this.#spool?.metrics
  }

  get state(): SpoolState | undefined {
    return this.#spool?.state
  }

  async *read(options: ReadOptions): AsyncGenerator<Batch, void, void> {
    const { signal, from } = options
    if (signal.aborted) return
    const spool = await this.#open()
    spool.goOnAfter(Math.max(0, ...Object.values(from)))
    this.#handed = []
    this.#head = 0
    const stop = new AbortController()
    const onAbort = (): void => stop.abort(signal.reason)
    signal.addEventListener('abort', onAbort)
    const ended = new AbortController()
    let failure: { readonly cause: unknown } | undefined
    const intake = new SpoolIntake(this.#source, spool, options, this.#options.scheduler ?? systemTime)
      .run(stop.signal)
      .catch((cause: unknown) => {
        failure = { cause }
      })
      .finally(() => ended.abort())
    try {
      const start = startOf(from, spool)
      this.#last = start ?? spool.first - 1
      yield* this.#handOver(spool.read({ from: start, signal: ended.signal }), from, signal)
      await intake
      const rest = spool.read({ from: Math.max(this.#last, start ?? 0) || undefined, follow: false })
      if (!signal.aborted) yield* this.#handOver(rest, from, signal)
    } finally {
      signal.removeEventListener('abort', onAbort)
      stop.abort()
      await intake
      await spool.close()
    }
    if (failure && !signal.aborted) throw failure.cause
  }

  async #open(): Promise<FileSpool> {
    const opened = this.#turn.then(() => openSpool(this.#options, this.#limits))
    this.#turn = opened.catch(() => {})
    this.#spool = await opened
    return this.#spool
  }

  async commit(at: Positions): Promise<void> {
    const handed = this.#handed
    while (this.#head < handed.length) {
      const { position, split } = handed[this.#head] as { position: number; split: string }
      if (position > (at[split] ?? 0)) break
      this.#head += 1
    }
    const to = (handed[this.#head]?.position ?? this.#last + 1) - 1
    if (this.#head > 1024 && this.#head * 2 > handed.length) {
      this.#handed = handed.slice(this.#head)
      this.#head = 0
    }
    const released = this.#turn.then(() => this.#spool?.release(to))
    this.#turn = released.catch(() => {})
    await released
  }

  async *#handOver(
    records: AsyncIterable<SpoolRecord>,
    from: Positions,
    signal: AbortSignal
  ): AsyncGenerator<Batch, void, void> {
    for await (const { position, batch } of records) {
      if (signal.aborted) return
      const { split, blocks, events, rejected, sequences, redelivered } = batch
      this.#last = position
      if (position <= (from[split] ?? 0)) continue
      this.#handed.push({ position, split })
      yield { split, position, blocks, events, rejected, sequences, redelivered }
    }
  }
}

/** Where to begin so that no split misses anything; undefined: with the first that is held. */
function startOf(from: Positions, { splits }: FileSpool): number | undefined {
  const positions = splits.map((split) => from[split])
  if (positions.length === 0 || positions.some((position) => position === undefined)) return undefined
  return Math.min(...(positions as number[]))
}
