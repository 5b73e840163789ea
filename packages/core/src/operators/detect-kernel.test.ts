// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block, Samples } from '../model/index.ts'
import { limits } from '../model/limits.ts'
import { type DetectOptions, detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { gap, pump, uneven } from './fixtures/pump.ts'
import { anyCut, cutUp, joined, through } from './fixtures/through.ts'
import { twiceTheTop } from './fixtures/top-score.ts'

/** Detectors of their own learn side by side: what counts is the order within each. */
function byChannels(fits: readonly Samples[]): Samples[] {
  return fits.toSorted((one, two) => one.channels.join().localeCompare(two.channels.join()))
}

describe('detect: any cutting, any restart', () => {
  const value = fc.constantFrom(1, 1, 1, 1.1, 0.9, 2, 3, 7, NaN)
  const scans = fc.array(fc.tuple(value, value, fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 40 })
  const blocks = fc.array(fc.tuple(scans, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 4 }).map((parts) => {
    let at = 0
    return parts.map(([rows, isEven, hasGap]): Block<'a' | 'b'> => {
      const a = rows.map((row) => row[0])
      const even = pump(
        a,
        at,
        rows.map((row) => row[1])
      )
      let ms = at * 1000
      const offsets = rows.map((row) => (ms += row[2]))
      at = isEven ? at + rows.length / 10 : ms / 1000
      at += hasGap ? 3.3 : 0.1
      return { ...even, time: isEven ? even.time : uneven(a, offsets).time, gap: hasGap ? gap : undefined }
    })
  })
  const options = fc.record<DetectOptions>(
    {
      learn: fc.constantFrom<DetectOptions['learn']>('always', { scans: 3 }, '700ms', '2s'),
      threshold: fc.constantFrom<DetectOptions['threshold']>(
        { raise: 2 },
        { raise: 3, clear: 1, warn: 0.5, delay: '300ms' },
        limits({ raise: 1 })
      ),
      explain: fc.constantFrom('all', 'never'),
      minChange: fc.constantFrom<DetectOptions['minChange']>(1, { a: 2 }),
      rebase: fc.constantFrom<DetectOptions['rebase']>({ scans: 3 }, '400ms'),
      deviations: fc.constant(true),
      each: fc.boolean()
    },
    { requiredKeys: ['learn'] }
  )
  const adapting = fc.tuple(options, fc.boolean(), fc.boolean()).map(([given, adapts, calibrates]): DetectOptions => {
    const isSpan = given.learn !== 'always'
    const threshold = calibrates && isSpan ? twiceTheTop() : given.threshold
    const chosen = { ...given, threshold: threshold ?? { raise: 2 } }
    return adapts && isSpan ? { ...chosen, then: 'adapt' } : chosen
  })

  it('gives the same bits', () => {
    fc.assert(
      fc.property(blocks, adapting, anyCut, (whole, chosen, cut) => {
        const results = [whole, cutUp(whole, cut), cutUp(whole, [1])].map((pieces) => {
          const spec = distance(['b', 'a'])
          return { columns: joined(through(detect(spec, chosen), pieces)), fits: byChannels(spec.fits) }
        })
        expect(results[1]).toEqual(results[0])
        expect(results[2]).toEqual(results[0])
      }),
      { numRuns: 300 }
    )
  })

  it('gives the same bits from a snapshot between any two blocks', () => {
    fc.assert(
      fc.property(blocks, adapting, anyCut, (whole, chosen, cut) => {
        const spec = distance()
        const operator = detect(spec, chosen)
        const pieces = cutUp(whole, cut)
        let kernel = operator.kernel(pieces[0]!.stream)
        const resumed = pieces.map((piece) => {
          const state = structuredClone(kernel.snapshot!())
          kernel = operator.kernel(piece.stream)
          kernel.restore!(state)
          return kernel.process(piece) as Block
        })
        const fits = byChannels(spec.fits.splice(0))
        expect(joined(resumed)).toEqual(joined(through(operator, whole)))
        expect(fits).toEqual(byChannels(spec.fits))
      }),
      { numRuns: 300 }
    )
  })

  it('a snapshot is a copy', () => {
    const kernel = detect(distance(), { learn: { scans: 9 } }).kernel(pump([1]).stream)
    kernel.process(pump([1, 2]))
    const state = kernel.snapshot!()
    const before = structuredClone(state)
    kernel.process(pump([3, 4, 5]))
    expect(state).toEqual(before)
  })

  it('refuses a snapshot of other channels or another version', () => {
    const state = detect(distance()).kernel(pump([1]).stream).snapshot!()
    const other = detect(distance(['b'])).kernel(pump([1]).stream)
    expect(() => other.restore!(state)).toThrow('Cannot restore detect: it is of channels a, b, here are b')
    expect(() => other.restore!({ version: 2 })).toThrow('Cannot restore detect: version 2, expected 1')
  })

  it('leaves its input as it was', () => {
    const block = pump([1, 1, 5, NaN], 0, [2, 2, 2, 2])
    const copy = structuredClone(block.values)
    through(detect(distance(), { threshold: { raise: 1 } }), [block])
    expect(block.values).toEqual(copy)
  })
})
