import { detect, raisedRatio } from '@messwerk/core'
import { blockOf, column } from '@messwerk/core/model'
import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { naiveSeed } from './naive.ts'
import { seedCompatible } from './seed-compatible.ts'

detectorSuite('seedCompatible', { spec: seedCompatible()[0] }, { describe, it })

const level = fc.oneof(
  fc.double({ min: -50, max: 50, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constant(Number.NaN)
)
const walks = fc.oneof(
  fc.array(level, { minLength: 1, maxLength: 150 }),
  // A constant with an excursion now and then.
  fc
    .tuple(
      fc.constantFrom(0, 5, -7, 0.1, 1e9),
      fc.array(fc.constantFrom(0, 0, 0, 0, 0.002, -0.0005, 1), { minLength: 1, maxLength: 150 })
    )
    .map(([base, steps]) => steps.map((step) => base + step))
)

/** Through `detect`, in blocks of three scans. */
async function detected(values: readonly number[], window: number, limit: number) {
  const blocks = []
  for (let i = 0; i < values.length; i += 3) {
    const part = values.slice(i, i + 3)
    blocks.push(blockOf({ stream: 's', channels: { x: 'V' }, rate: 1, start: i * 1000 }, { x: part }))
  }
  const stream = from(blocks).pipe(
    detect(...seedCompatible({ window, limit })),
    raisedRatio({ window: { scans: window } }),
    toArray()
  )
  const results = await lastValueFrom(stream)
  const all = (name: 'score' | 'score.flag' | 'score.ratio'): number[] =>
    results.flatMap((block) => [...column(block, name)])
  return { scores: all('score'), flags: all('score.flag'), ratios: all('score.ratio') }
}

describe('seedCompatible', () => {
  it('equals the rule as it is written down, to the digit', async () => {
    await fc.assert(
      fc.asyncProperty(
        walks,
        fc.integer({ min: 2, max: 30 }),
        fc.constantFrom(0, 0.5, 1, 2, 2.5, 3),
        async (values, window, limit) => {
          const expected = naiveSeed(values, window, limit)
          const { scores, ratios } = await detected(values, window, limit)
          expect(scores).toEqual(expected.map(({ z }) => Math.abs(z)))
          expect(ratios).toEqual(expected.map(({ ratio }) => ratio))
        }
      ),
      { numRuns: 300 }
    )
  })

  it('raises what is above the limit, not what is at it', async () => {
    // Baseline 10, 12: m = 11, s = 1.414…; 14 has z = 2.121.
    for (const [limit, flag] of [
      [2.121, 0],
      [2.12, 2]
    ] as const) {
      const { scores, flags } = await detected([10, 12, 14], 2, limit)
      expect([scores[2], flags[2]]).toEqual([2.121, flag])
    }
  })

  it('leaves the baseline as it is at an anomaly, and is locked out by a lasting change', async () => {
    const { scores } = await detected([10, 12, 11, 30, 30, 30, 11], 3, 3)
    expect(scores).toEqual([NaN, NaN, NaN, 19, 19, 19, 0])
  })

  it('takes 0.001 for a deviation of 0', async () => {
    const { scores } = await detected([5, 5, 5, 5.002, -5], 3, 3)
    expect(scores.slice(3)).toEqual([2, 0.577])
  })

  it('takes a window of scans in either spelling, nothing else', () => {
    expect(seedCompatible({ window: { scans: 7 } })[0].create([{ name: 'x', unit: '1' }]).ready).toBe(false)
    for (const window of [1, 2.5, Number.NaN, { scans: 0 }])
      expect(() => seedCompatible({ window })).toThrow('seedCompatible: window must be a whole number of scans from 2')
    for (const limit of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => seedCompatible({ limit })).toThrow(
        `seedCompatible: limit must be finite and at least 0, got ${limit}`
      )
  })
})
