import type { Gap } from './gap.ts'
import type { Stream } from './stream.ts'
import { axisNs, offsetNs, type TimeAxis } from './time-axis.ts'

/**
 * Where the last scan of a block came from.
 *
 * @example
 * ```ts
 * import type { Origin } from '@messwerk/core/model'
 *
 * const origin: Origin = { split: 'plant/3', position: 4711 }
 * origin.position // => 4711
 * ```
 */
export interface Origin {
  /** An independently ordered part of a source, for example a Kafka partition. */
  readonly split: string
  /** Position of the last scan within the split, a safe integer. */
  readonly position: number
  /** Position of every scan, where they differ. */
  readonly positions?: Float64Array | undefined
  /** Delivered late, behind newer data: back-fill after an outage. */
  readonly historical?: boolean | undefined
}

/**
 * Consecutive scans of one stream as columns: the unit of flow. Plain data, never changed after it was emitted.
 *
 * @example
 * ```ts
 * import { blockOf, column } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 100 }, { pressure: [3.1, 3.2] })
 * column(block, 'pressure') // => Float64Array.of(3.1, 3.2)
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface Block<in C extends string = any> {
  readonly stream: Stream<C>
  /** Number of scans, at least 1. */
  readonly length: number
  /** Channel-major: the value of channel `c` in scan `i` is `values[c * length + i]`. NaN = no value. */
  readonly values: Float64Array
  readonly time: TimeAxis
  /** {@link Quality} per value, laid out as `values`; absent = all good. */
  readonly quality?: Uint8Array | undefined
  /** What is missing before this block. */
  readonly gap?: Gap | undefined
  readonly origin: Origin
}

/**
 * The values of one channel, as a view (no copy).
 *
 * @throws RangeError when the stream has no such channel
 *
 * @example
 * ```ts
 * import { blockOf, column } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V', b: 'V' }, rate: 10 }, { a: [1, 2], b: [3, 4] })
 * column(block, 'b') // => Float64Array.of(3, 4)
 * ```
 */
export function column<C extends string>(block: Block<C>, name: NoInfer<C>): Float64Array {
  const at = block.stream.index(name) * block.length
  return block.values.subarray(at, at + block.length)
}

/**
 * Time of a scan in ms since the Unix epoch, for `Date` and JSON. The default is the first scan.
 *
 * @example
 * ```ts
 * import { blockOf, timeOf } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10, start: 1_700_000_000_000 }, { a: [1, 2] })
 * timeOf(block, 1) // => 1700000000100
 * ```
 */
export function timeOf(block: Block, scan = 0): number {
  const { start } = block.time
  // Whole ms and the rest of one are taken from the same whole ns however the block was cut, so the bits are the same.
  const rest = Number(start % 1_000_000n) + offsetNs(block.time, scan)
  const carried = Math.floor(rest / 1e6)
  return Number(start / 1_000_000n) + carried + (rest - carried * 1e6) / 1e6
}

/**
 * Time of a scan in ns since the Unix epoch, for stores that keep ns. The default is the first scan.
 *
 * @example
 * ```ts
 * import { blockOf, timeNs } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10, start: 1_700_000_000_000 }, { a: [1, 2] })
 * timeNs(block, 1) // => 1700000000100000000n
 * ```
 */
export function timeNs(block: Block, scan = 0): bigint {
  return axisNs(block.time, scan)
}

/**
 * The block with another hole declared before it; the columns are shared.
 *
 * @example
 * ```ts
 * import { blockOf, withGap } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })
 * withGap(block, { scans: 3, cause: 'lost' }).gap?.scans // => 3
 * ```
 */
export function withGap<C extends string>(block: Block<C>, gap: Gap | undefined): Block<C> {
  const { stream, length, values, time, quality, origin } = block
  return { stream, length, values, time, quality, gap, origin }
}

const BLOCK_BYTES = 400

/**
 * What holding a block costs: its arrays and 400 B of objects. Unit: bytes. For drivers that bound what they hold.
 *
 * @example
 * ```ts
 * import { blockBytes, blockOf } from '@messwerk/core/model'
 *
 * blockBytes(blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })) // => 416
 * ```
 */
export function blockBytes(block: Block): number {
  const { values, quality, time, origin } = block
  const optional = (quality?.byteLength ?? 0) + (time.offsets?.byteLength ?? 0) + (origin.positions?.byteLength ?? 0)
  return BLOCK_BYTES + values.byteLength + optional
}
