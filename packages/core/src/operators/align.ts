import type { Observable } from 'rxjs'
import type { Block } from '../model/block.ts'
import type { Duration } from '../model/span.ts'
import { joiningOperator } from '../rx/joining.ts'
import type { Operator } from '../rx/operator.ts'
import { AlignJoint } from './align-joint.ts'
import { alignPlan } from './align-plan.ts'

/**
 * Units by channel of each stream that is joined, by the stream's id.
 *
 * @example
 * ```ts
 * import type { AlignedStreams } from '@messwerk/core'
 *
 * const streams: AlignedStreams = { 'press-3': { force: 'kN' }, oil: { pressure: 'bar', temperature: 'Cel' } }
 * Object.keys(streams) // => ['press-3', 'oil']
 * ```
 */
export type AlignedStreams = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Channel names of what {@link align} gives: the stream, a dot, the channel.
 *
 * @example
 * ```ts
 * import type { AlignedNames } from '@messwerk/core'
 *
 * const name: AlignedNames<{ 'press-3': { force: 'kN' } }> = 'press-3.force'
 * name // => 'press-3.force'
 * ```
 */
export type AlignedNames<S extends AlignedStreams> = {
  [K in keyof S & string]: `${K}.${keyof S[K] & string}`
}[keyof S & string]

/**
 * Options of {@link align}.
 *
 * @example
 * ```ts
 * import type { AlignOptions } from '@messwerk/core'
 *
 * const streams = { 'press-3': { force: 'kN' }, oil: { pressure: 'bar' } }
 * const options: AlignOptions = { as: 'line-1', streams, rate: 10, method: 'linear', maxGap: '2s' }
 * options.rate // => 10
 * ```
 */
export interface AlignOptions<S extends AlignedStreams = AlignedStreams> {
  /** Id of the joined stream. */
  readonly as: string
  /** The streams to join, with the unit (UCUM code) of each channel that is wanted. Other streams are left out. */
  readonly streams: S
  /** Instants per second, Hz, from 0.000001 to 1000000. They lie at whole multiples of the period since the Unix epoch. */
  readonly rate: number
  /** `previous`: the last value at or before the instant; `linear`: on the line between the values around it. */
  readonly method: 'previous' | 'linear'
  /** `previous`: how old a value may be; `linear`: how far apart the two may be. Beyond it the value is missing. At most 26 days. */
  readonly maxGap: Duration
  /** How long a stream may be silent, by the clock of the run, before the others go on without it. @defaultValue '10s' */
  readonly idle?: Duration | undefined
  /** Scans of one stream that may wait for the others; then it goes on without them. @defaultValue 65536 */
  readonly buffer?: number | undefined
  /**
   * Says that all of these streams always lie in the same split of one source, for example because they have the same key: then
   * each split is joined by itself, and may be handed over to another process. @defaultValue false
   */
  readonly coPartitioned?: boolean | undefined
}

/**
 * What {@link align} gives: as an RxJS operator it takes blocks of streams with different channels.
 *
 * @example
 * ```ts
 * import { type Aligning, align } from '@messwerk/core'
 *
 * const streams = { press: { force: 'kN' }, oil: { pressure: 'bar' } } as const
 * const joined: Aligning<'press.force' | 'oil.pressure'> = align({ as: 'line', streams, rate: 2, method: 'linear', maxGap: '1s' })
 * joined.adds // => ['press.force', 'oil.pressure']
 * ```
 */
export type Aligning<A extends string> = Operator<never, A, 'replace'> &
  ((source: Observable<Block>) => Observable<Block<A>>)

/**
 * Joins streams of different rates into one: at each instant of an even grid, one scan with the channels of all.
 *
 * An instant is given when every stream has a later scan, so the result is the same bits however the blocks of the
 * streams come between each other or are cut. A stream that is silent for `idle` while the others are heard, or that
 * would make them wait with more than `buffer` scans, is not waited for: its values are missing or uncertain, and scans
 * that come after their instant was given are declared as late. They still count for the instants that follow.
 *
 * - Channels are named `stream.channel`. Their units are checked, not converted.
 * - The quality of a value is the worst of those that it is made of. It is uncertain where it lies on the line between
 *   two scans, where it is held over a declared hole, and where it was not waited for what its stream gives next. Beyond
 *   `maxGap` it is missing, and NaN.
 * - Instants at which no stream has anything are left out; the next block declares them as a gap, with the cause that an
 *   input gave, or `recording`.
 * - The grid begins with the first scan of all streams and ends with the last.
 * - The clock and the uncertainty of a block are the worst of the inputs. Its positions are numbers of the grid: instants
 *   since the Unix epoch.
 * - It takes single scans out of faster streams: put a window ({@link mean}, {@link rms}) before it, or they alias.
 *
 * In a pipeline whose source shares its splits out among processes (a consumer group) it is refused at the start, unless the
 * streams are `coPartitioned`: what one process has would be missing in the other.
 *
 * @throws TypeError or RangeError when an option is wrong; RangeError at a block whose stream lacks a channel or has another
 * unit, and when one of the streams comes from two splits
 *
 * @example
 * ```ts
 * import { align } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { firstValueFrom, of } from 'rxjs'
 *
 * const force = blockOf({ stream: 'press', channels: { force: 'kN' }, rate: 4 }, { force: [0, 1, 2, 3, 4] })
 * const oil = blockOf({ stream: 'oil', channels: { pressure: 'bar' }, rate: 1 }, { pressure: [10, 30] })
 * const streams = { press: { force: 'kN' }, oil: { pressure: 'bar' } } as const
 * const joined = align({ as: 'line', streams, rate: 2, method: 'linear', maxGap: '1s' })
 * const block = await firstValueFrom(of(force, oil).pipe(joined))
 * column(block, 'press.force') // => Float64Array.of(0, 2)
 * column(block, 'oil.pressure') // => Float64Array.of(10, 20)
 * ```
 */
export function align<const S extends AlignedStreams>(options: AlignOptions<S>): Aligning<AlignedNames<S>> {
  const plan = alignPlan(options)
  const { as, streams, rate, method, maxGap, coPartitioned = false } = options
  const ids = new Set(Object.keys(streams))
  return joiningOperator(
    {
      id: 'align',
      adds: plan.output.channels.map(({ name }) => name as AlignedNames<S>),
      settings: { as, streams, rate, method, maxGap, coPartitioned }
    },
    {
      isPerSplit: coPartitioned,
      joins: (stream) => ids.has(stream),
      open: (split, elapsed) => new AlignJoint(plan, coPartitioned ? split : as, elapsed)
    }
  )
}
