import { type Batch, DecodeError, type ReadOptions, type Source } from '@messwerk/core/model'
import { BatchCollector } from './batch-collector.ts'
import { groupParts, type Part } from './group-parts.ts'
import { Pace } from './pace.ts'
import { type RecordFeed, recordFeed } from './record-feed.ts'
import type { ReplayOptions } from './replay-options.ts'
import { type ReplayPlan, replayPlan } from './replay-plan.ts'
import { RowParser } from './row-parser.ts'
import type { StreamWriter } from './stream-writer.ts'

/**
 * What the latest reading of a file has met.
 *
 * @example
 * ```ts
 * import type { ReplayCounts } from '@messwerk/storage/files'
 *
 * const counts: ReplayCounts = { lines: 39_000, rejected: 2, late: 0 }
 * counts.rejected // => 2
 * ```
 */
export interface ReplayCounts {
  /** Lines with data, bad ones included; those of groups that were not asked for are left out. */
  readonly lines: number
  /** Lines that could not be read. */
  readonly rejected: number
  /** Lines whose time is before that of the line before them. */
  readonly late: number
}

/**
 * A file as a source.
 *
 * @example
 * ```ts
 * import { replay, type ReplaySource } from '@messwerk/storage/files'
 *
 * const source: ReplaySource<'force'> = replay('press.csv', { channels: { force: 'kN' }, rate: 100 })
 * source.counts.rejected // => 0
 * ```
 */
export interface ReplaySource<in C extends string> extends Source<C> {
  /** Of the latest reading. */
  readonly counts: ReplayCounts
}

/**
 * Replays a CSV file, plain or gzipped, as a stream of blocks. The file is never loaded whole.
 *
 * - A bad line costs that line: it is counted, told to `onBadLine`, and the next block carries a gap of cause
 *   `rejected`; a line whose time goes back likewise, of cause `late`. Bad lines at the end come as a notice.
 * - An empty cell is NaN of quality missing; `NaN` and `inf` are NaN of quality bad.
 * - Position: the number of the line among those with data, from 0, in reading order. Going on from a position reads
 *   the file from its beginning and delivers what comes after: the same values, times and gaps.
 *
 * @param path - the file; gzip is recognised by its first bytes
 * @throws TypeError or RangeError at once for a wrong option. Reading throws StorageError when the file cannot be
 * opened, DecodeError for a missing column, damaged gzip data (what was readable is delivered before), too many bad
 * lines, or a file without a single good line.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { observe } from '@messwerk/core'
 * import { column } from '@messwerk/core/model'
 * import { replay } from '@messwerk/storage/files'
 *
 * writeFileSync('press.csv', 't;force\n0,000;1,5\n0,001;1,75\n')
 * const press = replay('press.csv', { channels: { force: 'kN' }, time: { column: 't', unit: 's' }, decimal: ',' })
 * const forces: number[] = []
 * await observe(press).forEach((block) => forces.push(...column(block, 'force')))
 * forces // => [1.5, 1.75]
 * ```
 */
export function replay<const C extends string, const L extends string = never>(
  path: string,
  options: ReplayOptions<C, L>
): ReplaySource<C | L> {
  const plan = replayPlan(path, options as ReplayOptions<string, string>)
  let latest: ReplayCounts = { lines: 0, rejected: 0, late: 0 }
  return {
    id: plan.id,
    replay: 'position',
    get counts() {
      return latest
    },
    async *read(request) {
      const reading = new Reading(plan, request)
      latest = reading.counts
      yield* reading.batches()
    }
  }
}

/** One reading of a file from the beginning to the end. */
class Reading {
  readonly counts = { lines: 0, rejected: 0, late: 0 }
  readonly #plan: ReplayPlan
  readonly #signal: AbortSignal
  readonly #from: number
  readonly #collector: BatchCollector
  readonly #pace: Pace | undefined
  #firstError: DecodeError | undefined

  constructor(plan: ReplayPlan, { signal, from }: ReadOptions) {
    this.#plan = plan
    this.#signal = signal
    this.#from = from[plan.id] ?? -1
    this.#collector = new BatchCollector(plan)
    this.#pace = plan.pacing === 'max' ? undefined : new Pace(plan.pacing, plan.scheduler)
  }

  async *batches(): AsyncGenerator<Batch, void, undefined> {
    const feed = await recordFeed(this.#plan)
    try {
      const row = new RowParser(this.#plan, feed)
      for (const part of await groupParts(this.#plan, feed, this.#signal)) {
        await feed.seek(part.offset, part.line)
        yield* this.#lines(feed, row, part)
        yield* this.#handOver()
      }
      yield* this.#missing()
      this.#checkAny()
    } finally {
      await feed.close()
    }
  }

  async *#lines(feed: RecordFeed, row: RowParser, part: Part): AsyncGenerator<Batch, void, undefined> {
    const { reader } = feed
    const collector = this.#collector
    while (reader.nextOffset < part.to && !this.#signal.aborted) {
      const state = reader.next()
      if (state === 'end') return
      if (state === 'more') {
        const failure = await feed.more().catch((error: unknown) => ({ error }))
        if (!failure) continue
        yield* this.#handOver()
        throw failure.error
      }
      const good = row.parse()
      const group = row.group()
      if (!good && reader.lines > 1) reader.giveUp()
      if (part.only !== undefined && group !== part.only) continue
      if (!good) yield* this.#reject(row, group)
      else if (this.#pace) yield* this.#paced(row, group, this.#pace)
      else this.#take(row, group)
      if (collector.ready) yield* this.#handOver()
    }
  }

  /** Counts a good line; its stream, unless its time goes back or it was delivered before. */
  #admit(row: RowParser, group: string | undefined): StreamWriter | undefined {
    const position = this.counts.lines++
    const writer = this.#collector.writerOf(group)
    if (!writer.admit(row)) this.#late(row, group, position)
    else if (position > this.#from) return writer
    else writer.pass()
    return undefined
  }

  #take(row: RowParser, group: string | undefined): void {
    const writer = this.#admit(row, group)
    if (writer) this.#collector.add(writer, row, this.counts.lines - 1)
  }

  async *#paced(row: RowParser, group: string | undefined, pace: Pace): AsyncGenerator<Batch, void, undefined> {
    const collector = this.#collector
    const writer = this.#admit(row, group)
    if (!writer) return
    if (pace.ahead(writer.timeMs(row), collector.collected)) yield* this.#handOver(this.counts.lines - 2)
    pace.accept(collector.collected)
    collector.add(writer, row, this.counts.lines - 1)
  }

  #late(row: RowParser, group: string | undefined, position: number): void {
    this.counts.late += 1
    this.#collector.miss(group, 'late')
    row.complaint = 'the time goes back; the line is left out'
    if (position > this.#from) this.#plan.options.onBadLine?.(row.error())
  }

  async *#reject(row: RowParser, group: string | undefined): AsyncGenerator<Batch, void, undefined> {
    const { maxBadLines, options } = this.#plan
    const position = this.counts.lines++
    this.counts.rejected += 1
    this.#collector.miss(group, 'rejected')
    if (!this.#firstError) this.#firstError = row.error()
    if (position > this.#from) options.onBadLine?.(row.error())
    if (this.counts.rejected <= maxBadLines) return
    yield* this.#handOver()
    const { where } = row.error()
    throw new DecodeError(where, `${row.complaint}; more than ${maxBadLines} bad lines (maxBadLines)`)
  }

  /** Hands over what was collected, when it is due. */
  async *#handOver(position = this.counts.lines - 1): AsyncGenerator<Batch, void, undefined> {
    const batch = this.#collector.take(position)
    if (!batch) return
    await this.#pace?.wait(this.#signal)
    if (!this.#signal.aborted) yield batch
  }

  /** What is missing at the end of the data: at a position of its own, one behind the last line. */
  async *#missing(): AsyncGenerator<Batch, void, undefined> {
    const position = this.counts.lines
    if (this.#signal.aborted || position <= this.#from) return
    const events = this.#collector.trailingGaps(position)
    if (events.length > 0) yield { split: this.#plan.id, position, blocks: [], events }
  }

  /** A file of which nothing can be read was described wrongly, most likely. */
  #checkAny(): void {
    const { lines, rejected } = this.counts
    if (lines === 0 || rejected < lines || this.#signal.aborted || !this.#firstError) return
    throw new DecodeError(
      this.#plan.path,
      `none of its ${lines} lines can be read; the first: ${this.#firstError.message}`
    )
  }
}
