import { type Block, withGap } from '../model/block.ts'
import { type Gap, type GapCause, joinGaps } from '../model/gap.ts'
import { Quality } from '../model/quality.ts'
import type { Batch } from '../model/source.ts'
import { type Size, sizeBytes } from '../model/span.ts'
import type { Stream } from '../model/stream.ts'
import type { UniformAxis } from '../model/time-axis.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { systemTime } from '../time/system-time.ts'
import { gapNotice } from './gap-notice.ts'
import { PushQueue } from './push-queue.ts'
import { SampleClock } from './sample-clock.ts'
import { ScanColumns } from './scan-columns.ts'

/**
 * Options of {@link ScanBlocks}.
 *
 * @example
 * ```ts
 * import type { ScanBlocksOptions } from '@messwerk/core/driver'
 * import { defineStream } from '@messwerk/core/model'
 *
 * const stream = defineStream({ id: 'scale', channels: [{ name: 'mass', unit: 'kg' }], rate: 50 })
 * const options: ScanBlocksOptions = { stream, rate: 50, buffer: '4MiB' }
 * options.rate // => 50
 * ```
 */
export interface ScanBlocksOptions {
  /** Its id is the split, too. */
  readonly stream: Stream
  /** Scans per second as the device has them, Hz. */
  readonly rate: number
  /** What is decoded and not asked for, at most; what is beyond becomes a gap `overflow`. @defaultValue '16MiB' */
  readonly buffer?: Size
  /** Longest block, and longest time that a scan waits for its block to fill. @defaultValue { scans: 256, ageMs: 20 } */
  readonly block?: { readonly scans?: number; readonly ageMs?: number }
  /** Position to go on after (`from[stream.id]`): what is missing since then is declared as `reconnect`. */
  readonly after?: number | undefined
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
}

/** Scans that wait until it is known whether some are missing in front of them. */
interface Cut {
  first: number
  gap: Gap | undefined
  readonly length: number
  readonly values: Float64Array
  readonly quality: Uint8Array | undefined
}

/**
 * Makes batches of the scans of a device that pushes at an even rate and puts no time on them: the second half of a
 * driver.
 *
 * The driver adds scans as it decodes them, says what it knows to be missing, and when the bytes arrived. Here scans are
 * numbered, times fitted by a {@link SampleClock}, what it finds missing declared before the right scan (blocks wait 3 s
 * at most where that is open), and what nobody asks for in time becomes a gap `overflow`.
 *
 * @throws RangeError from the constructor for wrong options
 *
 * @example
 * ```ts
 * import { ScanBlocks } from '@messwerk/core/driver'
 * import { defineStream } from '@messwerk/core/model'
 *
 * const stream = defineStream({ id: 'scale', channels: [{ name: 'mass', unit: 'kg' }], rate: 50 })
 * const scans = new ScanBlocks({ stream, rate: 50 })
 * for (const mass of [7.1, 7.2]) scans.add([mass])
 * scans.missing(1, 'resync')
 * scans.add([7.4])
 * scans.arrived(80)
 * scans.end()
 * const got: unknown[] = []
 * for await (const { blocks, position } of scans) got.push([position, blocks[0]?.gap?.scans ?? 0, ...(blocks[0]?.values ?? [])])
 * got // => [[1, 0, 7.1, 7.2], [3, 1, 7.4]]
 * ```
 */
export class ScanBlocks implements AsyncIterable<Batch> {
  readonly #stream: Stream
  readonly #clock: SampleClock
  readonly #columns: ScanColumns
  readonly #queue: PushQueue<Batch>
  readonly #scheduler: Scheduler
  readonly #ageMs: number
  /** ns since the Unix epoch at elapsed time 0: asked once, so that a step of the system clock moves nothing. */
  readonly #anchor: bigint
  readonly #firstPosition: number
  #next = 0
  #received = 0
  /** Scans added since bytes arrived last. */
  #fresh = 0
  #gap: Gap | undefined
  #held: Cut[] = []
  #dropped: Gap | undefined
  #last: Block | undefined
  #cancelAge: (() => void) | undefined
  #ended = false

  constructor(options: ScanBlocksOptions) {
    const { stream, rate, buffer = '16MiB', block = {}, after, scheduler = systemTime } = options
    const { scans = 256, ageMs = 20 } = block
    if (!(Number.isInteger(scans) && scans >= 1)) {
      throw new RangeError(`ScanBlocks: block.scans must be a whole number from 1 on, got ${scans}`)
    }
    this.#stream = stream
    this.#scheduler = scheduler
    this.#ageMs = ageMs
    this.#clock = new SampleClock({ rate })
    this.#columns = new ScanColumns(stream.channels.length, scans)
    this.#queue = new PushQueue({ bytes: sizeBytes(buffer, 'ScanBlocks: buffer') })
    this.#anchor = BigInt(Math.round((scheduler.now() - scheduler.elapsed()) * 1e3)) * 1000n
    this.#firstPosition = (after ?? -1) + 1
    this.#gap = after === undefined ? undefined : { scans: 'unknown', cause: 'reconnect' }
  }

  /** The clock that puts times on the scans: its drift and what it is unsure of. */
  get clock(): SampleClock {
    return this.#clock
  }

  /** One scan: a value a channel, NaN where there is none. @param quality - of all its values */
  add(values: ArrayLike<number>, quality: number = Quality.good): void {
    if (this.#ended) return
    if (this.#columns.isFull) this.#cut(this.#columns.length)
    this.#columns.add(values, quality)
    this.#fresh += 1
  }

  /** Scans that are known to be missing before the next one, by a counter or a damaged frame. */
  missing(scans: number, cause: GapCause): void {
    // before the first scan nothing is known to be missing
    if (this.#ended || scans <= 0 || this.#received + this.#columns.length === 0) return
    this.#cut(this.#columns.length)
    this.#clock.skip(scans)
    this.#miss({ scans, cause })
  }

  /** When the bytes of the scans added since the last call arrived, ms on the clock of `Scheduler.elapsed`. */
  arrived(at: number): void {
    if (this.#ended) return
    const fresh = this.#fresh
    this.#fresh = 0
    if (fresh > 0 && this.#clock.bursts) this.#cut(Math.max(0, this.#columns.length - fresh))
    if (fresh > 0 && !this.#clock.unsettled && this.#clock.suspects(fresh, at)) {
      // What came before a suspected loss is not to be held back with what comes after it.
      this.#cut(Math.max(0, this.#columns.length - fresh))
      if (this.#columns.length === fresh) this.#emit()
    }
    this.#clock.arrive(fresh, at)
    this.#declareLost()
    if (!this.#clock.unsettled) this.#emit()
    if (this.#columns.length > 0) this.#cancelAge ??= this.#startAge()
  }

  /** Nothing more comes: the reader gets what is there, and then the end, or the error. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#cancelAge?.()
    this.#cut(this.#columns.length)
    this.#clock.settle()
    this.#declareLost()
    this.#emit()
    this.#ended = true
    const gap = joinGaps(this.#dropped, this.#gap)
    if (gap && this.#last) this.#queue.push(gapNotice(this.#last, gap, this.#firstPosition + this.#next - 1), 0)
    if (error) this.#queue.fail(error)
    else this.#queue.end()
  }

  /** The batches, one block each; waits for more until {@link end}. @throws the error given to `end` */
  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, void> {
    return this.#queue[Symbol.asyncIterator]()
  }

  #startAge(): () => void {
    return this.#scheduler.after(this.#ageMs, () => {
      this.#cancelAge = undefined
      this.#cut(this.#columns.length)
      if (!this.#clock.unsettled) this.#emit()
    })
  }

  #cut(length: number): void {
    if (length === 0) return
    const { values, quality } = this.#columns.take(length)
    this.#held.push({ first: this.#next, gap: this.#gap, length, values, quality })
    this.#gap = undefined
    this.#next += length
    this.#received += length
  }

  #miss(gap: Gap & { readonly scans: number }): void {
    this.#gap = joinGaps(this.#gap, gap)
    this.#next += gap.scans
  }

  /** What the clock found missing: before the scans held back, or behind those of them that had only been held up. */
  #declareLost(): void {
    const scans = this.#clock.takeMissing()
    if (scans === 0) return
    const later = this.#held.filter(({ first }) => !(first < this.#clock.missingBefore))
    const [first] = later
    if (!first) return this.#miss({ scans, cause: 'lost' })
    first.gap = joinGaps(first.gap, { scans, cause: 'lost' })
    for (const cut of later) cut.first += scans
    this.#next += scans
  }

  #emit(): void {
    for (const cut of this.#held) this.#push(this.#block(cut))
    this.#held.length = 0
  }

  #push(block: Block): void {
    this.#last = block
    const gap = joinGaps(this.#dropped, block.gap)
    const blocks = [gap === block.gap ? block : withGap(block, gap)]
    const { position } = block.origin
    const bytes = 400 + block.values.byteLength + (block.quality?.byteLength ?? 0)
    const fits = this.#queue.push({ split: this.#stream.id, position, blocks }, bytes)
    this.#dropped = fits ? undefined : joinGaps(gap, { scans: block.length, cause: 'overflow' })
  }

  #block({ first, gap, length, values, quality }: Cut): Block {
    const stream = this.#stream
    const { start, period, uncertainty } = this.#clock.times(first, length)
    const ns = start * 1e6
    const whole = Math.floor(ns)
    const time: UniformAxis = {
      start: this.#anchor + BigInt(whole),
      clock: 'device',
      uncertainty: Math.ceil(uncertainty * 1e6),
      period: period * 1e6,
      phase: ns - whole
    }
    const position = this.#firstPosition + first + length - 1
    return { stream, length, values, time, quality, gap, origin: { split: stream.id, position, positions: undefined } }
  }
}
