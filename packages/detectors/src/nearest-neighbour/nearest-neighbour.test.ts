import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { naiveNeighbour } from './naive.ts'
import { nearestNeighbour } from './nearest-neighbour.ts'

detectorSuite('nearestNeighbour', { spec: nearestNeighbour() }, { describe, it })
detectorSuite(
  'nearestNeighbour of a small sample',
  { spec: nearestNeighbour({ reference: 32, k: 1 }) },
  { describe, it }
)

const named = (names: readonly string[]) => names.map((name) => ({ name, unit: 'V' }))
const ab = named(['a', 'b'])
const value = fc.double({ min: -100, max: 100, noNaN: true })
const rowsOf = (rows: readonly (readonly number[])[]) =>
  samples({ a: rows.map((row) => row[0]!), b: rows.map((row) => row[1]!) })

function expectClose(actual: ArrayLike<number>, expected: readonly number[], relative: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    const isClose = Object.is(actual[i], x) || Math.abs(actual[i]! - x) <= relative * Math.max(Math.abs(x), 1e-3)
    expect(isClose, `value ${i}: ${actual[i]} for ${x}`).toBe(true)
  })
}

describe('nearestNeighbour', () => {
  it('equals scikit-learn', () => {
    for (const [k, expected] of [
      [1, reference.first],
      [5, reference.fifth]
    ] as const) {
      const detector = nearestNeighbour({ k }).create(named(Object.keys(reference.train)))
      detector.fit(samples(reference.train))
      expectClose(detector.score(samples(reference.test)), expected, 1e-12)
    }
  })

  it('equals the naive version scan by scan, while the sample holds all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (rows, k) => {
          const scores = nearestNeighbour({ k, minDeviation: 1 }).create(ab).process(rowsOf(rows))
          rows.forEach((row, i) => {
            const expected = i < Math.max(2, k) ? Number.NaN : naiveNeighbour(rows.slice(0, i), row, k, 1)
            expectClose([scores[i]!], [expected], 1e-6)
          })
        }
      ),
      { numRuns: 50 }
    )
  })

  it('takes the same sample in fit as scan by scan, and another for another seed', () => {
    const normal = normalOperation()
    const scored = (seed: number, how: 'fit' | 'update') => {
      const detector = nearestNeighbour({ reference: 16, seed }).create(named(normal.channels))
      detector[how](normal)
      return detector.score(normal)
    }
    expect(scored(1, 'update')).toEqual(scored(1, 'fit'))
    expect(scored(2, 'fit')).not.toEqual(scored(1, 'fit'))
  })

  it('follows: what has been normal for long is near', () => {
    const detector = nearestNeighbour({ reference: 32, minDeviation: 1 }).create(named(['a']))
    const scores = detector.process(samples({ a: [...Array(100).fill(0), ...Array(300).fill(50)] }))
    expect(scores[100]).toBe(50)
    expect(scores[399]).toBe(0)
  })

  it('sees what lies between two states, and names the channel', () => {
    const detector = nearestNeighbour({ k: 2 }).create(ab)
    detector.fit(samples({ a: [0, 1, 2, 100, 101, 102], b: [5, 6, 5, 6, 5, 6] }))
    const between = samples({ a: [51], b: [5] })
    const [score] = detector.score(between)
    expect(score).toBeGreaterThan(0.5)
    const shares = detector.explain(between, 0)
    expect(shares[0]).toBeGreaterThan(0.99 * score!)
  })

  it('is huge and finite where a flat channel moves', () => {
    const detector = nearestNeighbour({ k: 1 }).create(ab)
    detector.fit(samples({ a: [5, 5, 5], b: [1, 2, 3] }))
    const scores = detector.score(samples({ a: [5, 5.5, 1.7e308], b: [2, 2, -1.7e308] }))
    expect(scores[0]).toBe(0)
    expect(scores[1]).toBeGreaterThan(1e9)
    expect(scores[2]).toBe(Number.MAX_VALUE)
    expect(detector.explain(samples({ a: [1.7e308], b: [2] }), 0)).toEqual(Float64Array.of(Number.MAX_VALUE, 0))
  })

  it('gives the same score for a scan alone and among others, in any number of channels', () => {
    for (const width of [1, 7, 8, 9, 17]) {
      const names = Array.from({ length: width }, (_, c) => `f${c}`)
      const columns = names.map(
        (name, c) => [name, Array.from({ length: 70 }, (_, i) => Math.sin(i * (c + 1.3)))] as const
      )
      const all = samples(Object.fromEntries(columns))
      const detector = nearestNeighbour({ reference: 41 }).create(named(names))
      detector.fit(all)
      const scores = detector.score(all)
      const alone = columns[0]![1].map((_, i) => {
        const scan = samples(Object.fromEntries(columns.map(([name, xs]) => [name, [xs[i]!]])))
        return detector.score(scan)[0]!
      })
      expect(Float64Array.from(alone)).toEqual(scores)
    }
  })

  it('refuses options that are out of range', () => {
    const refused = (options: object, message: string) =>
      expect(() => nearestNeighbour(options)).toThrow(`nearestNeighbour: ${message}`)
    refused({ reference: 1 }, 'reference must be a whole number from 2 to 65536, got 1')
    refused({ reference: '9' }, 'reference must be a number, got 9')
    refused({ k: 0 }, 'k must be a whole number from 1 to 64, got 0')
    refused({ k: 9, reference: 8 }, 'k must be a whole number from 1 to 8, got 9')
    refused({ seed: 0.5 }, 'seed must be a whole number')
    const snapshot = nearestNeighbour({ k: 3 }).create(ab).snapshot()
    expect(() => nearestNeighbour().restore(snapshot)).toThrow(/learned with k 3, this one has 5/)
  })
})
