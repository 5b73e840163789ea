import * as fc from 'fast-check'
import { type Block, type Clock, type Gap, type GapCause, Quality, type Stream, type TimeAxis } from '../model/index.ts'
import { originOf } from '../model/origin.ts'
import { arbitraryStream } from './arbitrary-stream.ts'

/**
 * Which blocks {@link arbitraryBlock} and `arbitraryBlocks` make.
 *
 * @example
 * ```ts
 * import type { ArbitraryBlockOptions } from '@messwerk/core/testing/arbitraries'
 *
 * const options: ArbitraryBlockOptions = { axis: 'uniform', values: 'finite', maxScans: 8 }
 * options.axis // => 'uniform'
 * ```
 */
export interface ArbitraryBlockOptions {
  /** @defaultValue an arbitrary one, which has a rate when the axis is uniform */
  readonly stream?: Stream | undefined
  /** @defaultValue 12 */
  readonly maxScans?: number | undefined
  /** `any`: NaN, infinities, -0 and subnormals too; `finite`: what a sensor delivers, within ± 1e6. @defaultValue 'any' */
  readonly values?: 'any' | 'finite' | undefined
  /** @defaultValue either, as the stream has a rate or not */
  readonly axis?: 'uniform' | 'events' | undefined
  /** Whether values may be uncertain, bad or missing. @defaultValue true */
  readonly quality?: boolean | undefined
  /** Whether blocks may begin with a gap. @defaultValue true */
  readonly gaps?: boolean | undefined
}

const CLOCKS: readonly Clock[] = ['device', 'source', 'server', 'broker', 'arrival']
const CAUSES: readonly GapCause[] = [
  'lost',
  'sequence',
  'resync',
  'overflow',
  'shed',
  'late',
  'reconnect',
  'recording',
  'rejected'
]

/**
 * Blocks: both kinds of time axis, phases, quality, gaps, positions per scan or not, NaN, infinities, -0, subnormals.
 *
 * @example
 * ```ts
 * import { blockFromJson, blockToJson } from '@messwerk/core/model'
 * import { arbitraryBlock } from '@messwerk/core/testing/arbitraries'
 * import * as fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitraryBlock(), (block) => blockFromJson(blockToJson(block)).length === block.length)) // => undefined
 * ```
 */
export function arbitraryBlock(options: ArbitraryBlockOptions = {}): fc.Arbitrary<Block> {
  return streamOf(options)
    .chain((stream) => fc.tuple(fc.constant(stream), fc.integer({ min: 1, max: options.maxScans ?? 12 })))
    .chain(([stream, length]) =>
      fc
        .record({
          values: arbitraryValues(stream.channels.length * length, options),
          quality: arbitraryQuality(stream.channels.length * length, options),
          time: arbitraryAxis(stream, length, options),
          gap: arbitraryGap(options),
          origin: arbitraryOrigin(length)
        })
        .map((parts) => ({ stream, length, ...parts, values: withoutBad(parts.values, parts.quality) }))
    )
}

/** The stream of the options, or an arbitrary one that fits the axis. @internal */
export function streamOf({ stream, axis }: ArbitraryBlockOptions): fc.Arbitrary<Stream> {
  if (stream) return fc.constant(stream)
  return axis === undefined ? arbitraryStream() : arbitraryStream({ rate: axis === 'uniform' })
}

function arbitraryValues(length: number, { values }: ArbitraryBlockOptions): fc.Arbitrary<Float64Array> {
  const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  const odd = fc.constantFrom(
    Number.NaN,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.MIN_VALUE,
    -5e-324
  )
  const value = values === 'finite' ? finite : fc.oneof(fc.double(), odd, finite)
  return fc.array(value, { minLength: length, maxLength: length }).map((list) => Float64Array.from(list))
}

function arbitraryQuality(length: number, { quality }: ArbitraryBlockOptions): fc.Arbitrary<Uint8Array | undefined> {
  if (quality === false) return fc.constant(undefined)
  const one = fc.constantFrom(Quality.good, Quality.good, Quality.uncertain, Quality.bad, Quality.missing)
  return fc.option(
    fc.array(one, { minLength: length, maxLength: length }).map((list) => Uint8Array.from(list)),
    { nil: undefined, freq: 2 }
  )
}

function withoutBad(values: Float64Array, quality: Uint8Array | undefined): Float64Array {
  return quality ? values.map((value, i) => ((quality[i] as number) >= Quality.bad ? Number.NaN : value)) : values
}

function arbitraryGap({ gaps }: ArbitraryBlockOptions): fc.Arbitrary<Gap | undefined> {
  if (gaps === false) return fc.constant(undefined)
  const scans = fc.oneof(fc.constant('unknown' as const), fc.nat())
  return fc.option(fc.record({ scans, cause: fc.constantFrom(...CAUSES) }), { nil: undefined, freq: 2 })
}

function arbitraryAxis(stream: Stream, length: number, { axis }: ArbitraryBlockOptions): fc.Arbitrary<TimeAxis> {
  const { rate } = stream
  const head = {
    start: fc.bigInt({ min: -1_000_000_000_000_000_000n, max: 4_000_000_000_000_000_000n }),
    clock: fc.constantFrom(...CLOCKS),
    uncertainty: fc.oneof(fc.constantFrom(0, Number.POSITIVE_INFINITY), fc.double({ min: 0, max: 1e9, noNaN: true }))
  }
  if (axis === 'events' || rate === undefined) return fc.record({ ...head, offsets: arbitraryOffsets(length) })
  const phase = fc.oneof(fc.constantFrom(0.5, 1 / 3), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
  return fc.record(
    { ...head, period: fc.constant(1e9 / rate), phase },
    { requiredKeys: ['start', 'clock', 'uncertainty', 'period'] }
  )
}

function arbitraryOffsets(length: number): fc.Arbitrary<Float64Array> {
  return fc
    .array(fc.nat({ max: 2 ** 30 }), { minLength: length, maxLength: length })
    .map((list) => Float64Array.from(list).sort())
}

function arbitraryOrigin(length: number): fc.Arbitrary<Block['origin']> {
  return fc
    .record({
      split: fc.string({ maxLength: 6 }),
      first: fc.nat({ max: Number.MAX_SAFE_INTEGER - 10_000_000 }),
      steps: fc.option(fc.array(fc.nat({ max: 1000 }), { minLength: length, maxLength: length }), { nil: undefined }),
      historical: fc.constantFrom(false, false, false, true)
    })
    .map(({ split, first, steps, historical }) => {
      if (!steps) return originOf(split, first, undefined, historical)
      let at = first
      const positions = Float64Array.from(steps, (step) => (at += step))
      return originOf(split, at, positions, historical)
    })
}
