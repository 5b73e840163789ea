import { describe, expect, it } from 'vitest'
import { float32Below } from '../isolation-forest/float32-below.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { t2 } from '../pca/t2.ts'
import {
  allSorts,
  apart,
  broken,
  cases,
  channels,
  LARGEST,
  learned,
  normalRows,
  run,
  samplesOf,
  WIDTH
} from './fixtures/exported.ts'

describe('toOnnx', () => {
  for (const [name, make] of Object.entries(cases)) {
    const detector = make()
    const rows = allSorts()
    const ours = detector.score(samplesOf(rows))

    it(`${name}: the score of onnxruntime is ours within float32`, async () => {
      const { score } = await run(detector, rows)
      expect([score!.type, score!.dims]).toEqual(['float32', [rows.length / WIDTH]])
      const expected = ours.map((x) => Math.min(x, LARGEST))
      expect(apart(score!.values, expected)).toBeLessThan(1.2e-7)
    })

    it(`${name}: given as double, it is ours to nine digits and more`, async () => {
      const { score } = await run(detector, rows, { output: 'double' })
      expect(score!.type).toBe('float64')
      expect(apart(score!.values, ours)).toBeLessThan(toleranceOf(name))
    })

    it(`${name}: a value that is not finite gives NaN`, async () => {
      const out = await run(detector, broken())
      for (const { values } of Object.values(out)) expect(values.every(Number.isNaN)).toBe(true)
      expect(detector.score(samplesOf(broken())).every(Number.isNaN)).toBe(true)
    })

    it(`${name}: contributions are our shares`, async () => {
      const out = await run(detector, rows, { output: 'double' })
      expect('contributions' in out).toBe(!(name.includes('forest') || name === 'spe'))
      if (!out.contributions) return
      expect(out.contributions.dims).toEqual([rows.length / WIDTH, WIDTH])
      for (let i = 0; i < rows.length / WIDTH; i += 7) {
        const shares = detector.explain(samplesOf(rows), i)
        const theirs = out.contributions.values.subarray(i * WIDTH, (i + 1) * WIDTH)
        for (let c = 0; c < WIDTH; c += 1)
          expect(Math.abs(theirs[c]! - shares[c]!)).toBeLessThanOrEqual(1e-9 * ours[i]!)
      }
    })
  }

  it('gives the largest number where a score overflows, and shares of it', async () => {
    const detector = t2().create(channels)
    const { length, values, ...rest } = samplesOf(normalRows(100, 12))
    detector.fit({ ...rest, length, values: values.map((x) => 1e-170 * x) })
    const rows = normalRows(20, 13)
    const { score, contributions } = await run(detector, rows, { output: 'double' })
    expect([...score!.values]).toEqual(Array(20).fill(Number.MAX_VALUE))
    expect([...detector.score(samplesOf(rows))]).toEqual([...score!.values])
    for (let i = 0; i < 20; i += 1) {
      const shares = contributions!.values.subarray(i * WIDTH, (i + 1) * WIDTH).map((x) => x / Number.MAX_VALUE)
      expect(shares.every((share) => share >= 0)).toBe(true)
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12)
    }
  })

  it('compares with thresholds as we do, at them and one float32 beside', async () => {
    const detector = learned(isolationForest({ seed: 3, trees: 50 }))
    const { nodes, thresholds } = detector.snapshot().state as Record<'nodes' | 'thresholds', Float64Array>
    const splits = nodes.filter((node) => node >= 0)
    expect(thresholds.length).toBeGreaterThan(3000)
    const rows = normalRows(3 * thresholds.length, 6)
    thresholds.forEach((threshold, k) => {
      const below = float32Below(threshold)
      for (let j = 0; j < 3; j += 1)
        rows[(3 * k + j) * WIDTH + splits[k]!] = [below, next(below, -1), next(below, 1)][j]!
    })
    const { score } = await run(detector, rows, { output: 'double' })
    expect(apart(score!.values, detector.score(samplesOf(rows)))).toBeLessThan(1e-11)
  })

  it('gives score_samples of a forest: the score, negative', async () => {
    const { score, score_samples } = await run(cases['isolation forest']!(), normalRows(10, 7))
    expect([...score_samples!.values]).toEqual([...score!.values].map((x) => -x))
  })
})

/** Sums in another order; what is left of large parts where a scan lies in the plane. */
function toleranceOf(name: string): number {
  if (name.includes('forest')) return 1e-11
  return name.includes('badly') ? 1e-6 : 1e-9
}

/** The float32 after x, or before it. */
function next(x: number, towards: 1 | -1): number {
  const float = Float32Array.of(x)
  const bits = new Int32Array(float.buffer)
  if (x === 0) bits[0] = towards > 0 ? 1 : 0x80000001 | 0
  else bits[0]! += x > 0 === towards > 0 ? 1 : -1
  return float[0]!
}
