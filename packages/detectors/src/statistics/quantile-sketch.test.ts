import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QuantileSketch, type QuantileSketchOptions } from './quantile-sketch.ts'
import { Random } from './random.ts'
import { quantileOf } from './running-median.ts'

const SCANS = 20_000

function sketchOf(values: Iterable<number>, options?: QuantileSketchOptions): QuantileSketch {
  const sketch = new QuantileSketch(options)
  for (const x of values) sketch.add(x)
  return sketch
}

function normals(seed: number, scans = SCANS): Float64Array {
  const random = new Random(seed)
  return Float64Array.from({ length: scans }, () => random.normal())
}

/** Part of the values below or at `x`. */
const trueRank = (values: Float64Array, x: number): number => values.filter((y) => y <= x).length / values.length

describe('QuantileSketch', () => {
  it('is exact, and numpy to the digit, while it holds everything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 190 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const sorted = Float64Array.from(values).sort()
          expect(sketchOf(values).quantile(p)).toBe(quantileOf(sorted, sorted.length, p))
        }
      )
    )
  })

  it.each(['random', 'ascending', 'descending', 'few different'])('keeps its stated error: %s', (order) => {
    let within = 0
    const seeds = 60
    for (let seed = 1; seed <= seeds; seed += 1) {
      const values = normals(seed)
      if (order === 'ascending') values.sort()
      if (order === 'descending') values.sort().reverse()
      if (order === 'few different') for (const [i, x] of values.entries()) values[i] = Math.round(4 * x)
      const sketch = sketchOf(values, { seed })
      const x = sketch.quantile(0.7)
      const below = values.filter((y) => y < x).length / SCANS
      if (below - sketch.rankError <= 0.7 && 0.7 <= trueRank(values, x) + sketch.rankError) within += 1
    }
    expect(within).toBeGreaterThanOrEqual(seeds - 2)
  })

  it('has a rank near the true one', () => {
    const values = normals(5)
    const sketch = sketchOf(values)
    for (const x of [-2, -1, 0, 0.5, 1.5]) expect(Math.abs(sketch.rank(x) - trueRank(values, x))).toBeLessThan(0.0133)
    expect([sketch.rank(-100), sketch.rank(100)]).toEqual([0, 1])
  })

  it('merges to a sketch of the whole', () => {
    const parts = [3, 1, 4, 1, 5, 9].map((scans, i) => normals(i + 1, 1000 * scans))
    const merged = new QuantileSketch({ seed: 3 })
    for (const [i, part] of parts.entries()) merged.merge(sketchOf(part, { seed: i }))
    const whole = Float64Array.from(parts.flatMap((part) => [...part]))
    expect(merged.count).toBe(whole.length)
    expect([merged.min, merged.max]).toEqual([
      whole.reduce((a, b) => Math.min(a, b)),
      whole.reduce((a, b) => Math.max(a, b))
    ])
    expect(merged.rank(1e9)).toBe(1)
    for (const p of [0.05, 0.25, 0.5, 0.9]) expect(Math.abs(trueRank(whole, merged.quantile(p)) - p)).toBeLessThan(0.02)
  })

  it('does not grow', () => {
    const sketch = sketchOf(normals(1, 200_000))
    expect(sketch.state().values.length).toBeLessThan(3 * 200 + 100)
  })

  it('has equal bits for equal seed and values, and goes on with them', () => {
    const values = normals(2)
    const [one, two, restored] = [sketchOf(values), sketchOf(values), new QuantileSketch()]
    expect(one.state()).toEqual(two.state())
    restored.restore(structuredClone(one.state()))
    for (const x of normals(3)) {
      one.add(x)
      restored.add(x)
    }
    expect(restored.state()).toEqual(one.state())
  })

  it('refuses what is out of range', () => {
    expect(() => new QuantileSketch({ size: 4 })).toThrow(
      'QuantileSketch: size must be a whole number from 8 to 65535, got 4'
    )
    expect(() => sketchOf(normals(1)).quantile(2)).toThrow('QuantileSketch: p must be from 0 to 1, got 2')
    expect(new QuantileSketch().quantile(0.5)).toBeNaN()
  })
})
