import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { Random } from '../statistics/random.ts'
import { CutTree } from './cut-tree.ts'
import { naiveCutScore, naiveTree } from './naive.ts'
import { randomCutForest } from './random-cut-forest.ts'
import { WeightedReservoir } from './weighted-reservoir.ts'

detectorSuite('randomCutForest', { spec: randomCutForest({ trees: 30, sample: 128 }) }, { describe, it })
detectorSuite(
  'randomCutForest of shingles',
  { spec: randomCutForest({ trees: 15, sample: 64, shingle: 4 }) },
  { describe, it }
)

const named = (width: number) => Array.from({ length: width }, (_, c) => `c${c}`)
const unit = (name: string) => ({ name, unit: '1' })
const columnsOf = (rows: readonly (readonly number[])[]) =>
  samples(Object.fromEntries(rows[0]!.map((_, c) => [`c${c}`, rows.map((row) => row[c]!)])))

function normalRows(random: Random, count: number, width: number): number[][] {
  return Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()))
}

describe('CutTree', () => {
  const value = fc
    .oneof(fc.float({ min: -9, max: 9, noNaN: true }), fc.constantFrom(0, 1, 1 + 2 ** -23, 1e9))
    .map((x) => x + 0)
  const point = fc.tuple(value, value)
  const steps = fc.array(fc.record({ point, removes: fc.boolean(), which: fc.nat() }), { minLength: 1, maxLength: 60 })

  it('equals the naive version through points coming and going', () => {
    fc.assert(
      fc.property(steps, fc.array(point, { minLength: 3, maxLength: 3 }), (given, asked) => {
        const [tree, random] = [new CutTree(2, 20), new Random(1)]
        const inside: { leaf: number; point: [number, number] }[] = []
        for (const { point: one, removes, which } of given) {
          if (inside.length > 0 && (removes || inside.length === 20))
            tree.remove(inside.splice(which % inside.length, 1)[0]!.leaf)
          else inside.push({ leaf: tree.add(Float64Array.from(one), random), point: one })
          expect(tree.mass).toBe(inside.length)
          if (inside.length === 0) continue
          const naive = naiveTree(tree, 2)
          expect(naive.points.toSorted()).toEqual(inside.map((each) => each.point).toSorted())
          for (const x of [...asked, one]) {
            const [score, parts] = [tree.score(Float64Array.from(x)), new Float64Array(2)]
            const expected = naiveCutScore(naive, x)
            expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-9 * expected)
            tree.attribute(Float64Array.from(x), parts, new Float64Array(2))
            expect(Math.abs(parts[0]! + parts[1]! - score)).toBeLessThanOrEqual(1e-9 * score)
          }
        }
      }),
      { numRuns: 60 }
    )
  })

  it('cuts as the paper does, whether points come or have gone', () => {
    // Of 0, 1 and 4, the first cut falls between 1 and 4 three times of four; with 9 come and gone too.
    const random = new Random(2)
    const roots = (values: readonly number[], gone: readonly number[]): number => {
      const tree = new CutTree(1, 8)
      const leaves = values.map((x) => tree.add(Float64Array.of(x), random))
      values.forEach((x, i) => {
        if (gone.includes(x)) tree.remove(leaves[i]!)
      })
      return naiveTree(tree, 1).cut! >= 1 ? 1 : 0
    }
    const share = (values: readonly number[], gone: readonly number[]): number =>
      Array.from({ length: 4000 }, () => roots(values, gone)).reduce((sum, one) => sum + one, 0) / 4000
    expect(share([0, 1, 4], [])).toBeCloseTo(0.75, 1)
    expect(share([4, 0, 1], [])).toBeCloseTo(0.75, 1)
    expect(Math.abs(share([0, 9, 1, 4], [9]) - 0.75)).toBeLessThan(0.03)
    expect(Math.abs(share([1, 4, 0], []) - 0.75)).toBeLessThan(0.03)
  })
})

describe('WeightedReservoir', () => {
  it('keeps the later ones, by exp(-decay) a step', () => {
    const random = new Random(3)
    let [early, late] = [0, 0]
    for (let run = 0; run < 200; run += 1) {
      const reservoir = new WeightedReservoir(20, 1 / 100)
      for (let i = 0; i < 400; i += 1) {
        const weight = reservoir.offer(i, random)
        if (Number.isNaN(weight)) continue
        if (reservoir.isFull) reservoir.replace(weight, i)
        else reservoir.add(weight, i)
      }
      expect(new Set(reservoir.leaves).size).toBe(20)
      expect(reservoir.weights[0]).toBe(Math.max(...reservoir.weights))
      early += reservoir.leaves.filter((i) => i >= 200 && i < 300).length
      late += reservoir.leaves.filter((i) => i >= 300).length
    }
    expect(late / early).toBeGreaterThan(2)
    expect(late / early).toBeLessThan(3.2)
  })
})

describe('randomCutForest', () => {
  it('is ready after a quarter of a sample', () => {
    const rows = normalRows(new Random(4), 100, 2)
    const detector = randomCutForest().create(named(2).map(unit))
    const scores = detector.process(columnsOf(rows))
    expect(scores.findIndex((score) => !Number.isNaN(score))).toBe(64)
    const fitted = randomCutForest().create(named(2).map(unit))
    fitted.fit(columnsOf(rows.slice(0, 64)))
    expect(fitted.process(columnsOf(rows.slice(64)))).toEqual(scores.slice(64))
  })

  it('goes on from a snapshot before it is ready', () => {
    const rows = normalRows(new Random(5), 200, 2)
    for (const shingle of [1, 3]) {
      const spec = randomCutForest({ shingle, sample: 128 })
      const detector = spec.create(named(2).map(unit))
      detector.update(columnsOf(rows.slice(0, 20)))
      const restored = spec.restore(detector.snapshot())
      const rest = columnsOf(rows.slice(20))
      expect(restored.process(rest)).toEqual(detector.process(rest))
      expect(restored.snapshot()).toEqual(detector.snapshot())
    }
  })

  it('sees a course that no single scan shows', () => {
    const wave = (i: number): number => Math.sin((2 * Math.PI * i) / 12)
    const level = Array.from({ length: 1200 }, (_, i) => wave(i))
    // Stands still for half a turn, at a value that is quite usual.
    const odd = Array.from({ length: 48 }, (_, i) => (i >= 24 && i < 30 ? wave(23) : wave(i)))
    const scoresOf = (shingle: number): Float64Array => {
      const detector = randomCutForest({ shingle, trees: 30, sample: 128 }).create([unit('c0')])
      detector.fit(columnsOf(level.map((x) => [x])))
      return detector.score(columnsOf(odd.map((x) => [x])))
    }
    const greatest = (scores: Float64Array, from: number, to: number): number => Math.max(...scores.subarray(from, to))
    const courses = scoresOf(8)
    expect(greatest(courses, 26, 34)).toBeGreaterThan(1.5 * greatest(courses, 8, 24))
    const single = scoresOf(1)
    expect(greatest(single, 26, 34)).toBeLessThan(1.5 * greatest(single, 8, 24))
  })

  it('follows a change', () => {
    const random = new Random(6)
    const detector = randomCutForest({ timeDecay: 0.01 }).create([unit('c0')])
    detector.fit(columnsOf(normalRows(random, 300, 1)))
    const there = columnsOf([[10]])
    expect(detector.score(there)[0]).toBeGreaterThan(2)
    detector.update(columnsOf(normalRows(random, 600, 1).map(([x]) => [x! + 10])))
    expect(detector.score(there)[0]).toBeLessThan(1)
  })

  it('finds the channel of a fault among correlated ones', () => {
    const random = new Random(11)
    const correlated = (): number[] => {
      const shared = random.normal()
      return Array.from({ length: 6 }, (_, c) => (c + 1) * 100 * (0.8 * shared + 0.6 * random.normal()))
    }
    const detector = randomCutForest().create(named(6).map(unit))
    detector.fit(columnsOf(Array.from({ length: 500 }, correlated)))
    let found = 0
    for (let k = 0; k < 100; k += 1) {
      const row = correlated()
      const faulty = [random.below(6), ...(k % 2 === 0 ? [] : [random.below(6)])]
      for (const c of faulty) row[c] = (c + 1) * (k % 4 < 2 ? 600 : -600)
      const shares = [...detector.explain(columnsOf([row]), 0)]
      if (faulty.includes(shares.indexOf(Math.max(...shares)))) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(90)
  })

  it('counts a channel that never moved in its resolution, else in its unit', () => {
    const score = (resolution?: number): number => {
      const channel = { name: 'c0', unit: '1', ...(resolution && { resolution }) }
      const detector = randomCutForest().create([channel, unit('c1')])
      const rows = normalRows(new Random(7), 300, 2).map(([, x]) => [5, x!])
      detector.fit(columnsOf(rows))
      return detector.score(columnsOf([[5.5, 0]]))[0]!
    }
    expect(score(0.001)).toBeGreaterThan(1.5 * score())
  })

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => randomCutForest(options)
    expect(make({ trees: 0 })).toThrow('randomCutForest: trees must be a whole number from 1, got 0')
    expect(make({ trees: 2 ** 30 })).toThrow(/must not exceed 4194304/)
    expect(make({ sample: 1 })).toThrow('randomCutForest: sample must be a whole number from 2, got 1')
    expect(make({ sample: '9' })).toThrow(TypeError)
    expect(make({ shingle: 1.5 })).toThrow('randomCutForest: shingle must be a whole number from 1, got 1.5')
    expect(make({ timeDecay: -1 })).toThrow('randomCutForest: timeDecay must be from 0 to 1, got -1')
    expect(make({ timeDecay: '1s' })).toThrow(TypeError)
    expect(() => randomCutForest({ shingle: 1000 }).create([unit('c0')])).toThrow(
      /must not exceed 4194304, got 50 x 256 x 1000/
    )
  })

  it('refuses snapshots of other options, or that are not whole', () => {
    const spec = randomCutForest({ trees: 3, sample: 8 })
    const detector = spec.create([unit('c0')])
    detector.fit(columnsOf(normalRows(new Random(8), 30, 1)))
    const { kind, version, state } = detector.snapshot()
    const bad = (change: object) => () => spec.restore({ kind, version, state: { ...Object(state), ...change } })
    const { trees } = Object(state) as { trees: Float64Array }
    expect(bad({})).not.toThrow()
    expect(bad({ trees: trees.slice(1) })).toThrow(/its trees must hold/)
    expect(bad({ trees: trees.map((x) => (x === 0 ? 1e6 : x)) })).toThrow(/its trees are not whole/)
    expect(bad({ first: new Float64Array(2) })).toThrow(/its first must be rows of 1 values, fewer than 2/)
    expect(() => randomCutForest({ trees: 3, sample: 8, shingle: 2 }).restore({ kind, version, state })).toThrow(
      /learned with shingle 1, this one has 2/
    )
  })
})
