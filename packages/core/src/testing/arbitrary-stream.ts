import * as fc from 'fast-check'
import { type Channel, defineStream, type Stream } from '../model/index.ts'

const UNITS = ['N', 'mV/V', 'Cel', 'bar', '1', 'N.m', '%']
/** Periods that are no whole ns are where times go wrong: thirds, sevenths, tenths. */
const RATES = [1, 3, 7, 50, 60, 99.9, 1000, 3000, 44_100, 48_000, 51_200, 384_000]

const name = fc.oneof(
  fc.constantFrom('force_x', 'a', '1', '__proto__', 'näme', '$tag'),
  fc.string({ minLength: 1, maxLength: 6 })
)

/**
 * Streams of one to four channels with odd names, units, roles, ranges and tags.
 *
 * @example
 * ```ts
 * import { arbitraryStream } from '@messwerk/core/testing/arbitraries'
 * import * as fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitraryStream(), (stream) => stream.channels.length >= 1)) // => undefined
 * ```
 */
export function arbitraryStream(options: { readonly rate?: boolean } = {}): fc.Arbitrary<Stream> {
  const rate = options.rate === undefined ? fc.option(arbitraryRate(), { nil: undefined }) : fc.constant(undefined)
  return fc
    .record({
      id: name,
      channels: fc.uniqueArray(arbitraryChannel(), { minLength: 1, maxLength: 4, selector: (channel) => channel.name }),
      rate: options.rate ? arbitraryRate() : rate,
      tags: fc.dictionary(name, fc.string({ maxLength: 4 }), { maxKeys: 2 })
    })
    .map((definition) => defineStream(definition))
}

function arbitraryRate(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(...RATES), fc.double({ min: 0.01, max: 1e6, noNaN: true }))
}

function arbitraryChannel(): fc.Arbitrary<Channel> {
  return fc.record(
    {
      name,
      unit: fc.constantFrom(...UNITS),
      role: fc.constantFrom('measurement', 'feature', 'score', 'contribution', 'limit', 'flag'),
      range: fc.tuple(fc.double({ max: 0, noNaN: true }), fc.double({ min: 0, noNaN: true })),
      resolution: fc.double({ min: 1e-12, max: 1, noNaN: true })
    },
    { requiredKeys: ['name', 'unit'] }
  )
}
