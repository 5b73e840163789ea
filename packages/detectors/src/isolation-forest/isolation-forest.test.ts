import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { Random } from '../statistics/random.ts'
import { averagePathLength } from './average-path-length.ts'
import { contaminationLimit } from './contamination-limit.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { depthOf, type Forest } from './forest.ts'
import { grow } from './grow.ts'
import { isolationForest } from './isolation-forest.ts'
import { naiveScore, naiveTrees } from './naive.ts'

detectorSuite('isolationForest', { spec: isolationForest() }, { describe, it })
detectorSuite(
  'isolationForest of some channels',
  { spec: isolationForest({ trees: 60, sample: 100, maxFeatures: 0.5, seed: 3 }) },
  { describe, it }
)

const named = (width: number) => Array.from({ length: width }, (_, c) => `c${c}`)
const unit = (name: string) => ({ name, unit: '1' })
const columnsOf = (rows: readonly (readonly number[])[], width: number) =>
  samples(Object.fromEntries(named(width).map((name, c) => [name, rows.map((row) => row[c]!)])))

/** A detector with trees from elsewhere. */
function planted({ trees, sample, width, nodes, thresholds }: Omit<Forest, 'nodes' | 'thresholds'> & Lists) {
  const spec = isolationForest({ trees, sample: Math.max(sample, 2) })
  const { kind, version, state } = spec.create(named(width).map(unit)).snapshot()
  const forest = { nodes: Float64Array.from(nodes), thresholds: Float64Array.from(thresholds) }
  return spec.restore({ kind, version, state: { ...Object(state), grown: trees, rowsEach: sample, ...forest } })
}
interface Lists {
  readonly nodes: ArrayLike<number>
  readonly thresholds: ArrayLike<number>
}

function fitted(rows: readonly (readonly number[])[], options: Parameters<typeof isolationForest>[0] = {}) {
  const width = rows[0]!.length
  const detector = isolationForest(options).create(named(width).map(unit))
  detector.fit(columnsOf(rows, width))
  return detector
}

function normalRows(random: Random, count: number, width: number): number[][] {
  return Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()))
}

describe('isolationForest', () => {
  for (const { name, test, scores, ...forest } of reference.cases) {
    it(`scores as scikit-learn does, given its trees: ${name}`, () => {
      const detector = planted(forest)
      const one = test.map((row) => detector.score(columnsOf([row], forest.width))[0]!)
      one.forEach((score, i) => {
        expect(Math.abs(score - scores[i]!), `row ${i}: ${score} for ${scores[i]}`).toBeLessThan(1e-12)
      })
      expect([...detector.score(columnsOf(test, forest.width))]).toEqual(one)
      // As many rows as it takes to leave JavaScript.
      const many = Array.from({ length: 5 }, () => test).flat()
      expect([...detector.score(columnsOf(many, forest.width))]).toEqual(Array.from({ length: 5 }, () => one).flat())
    })
  }

  it("knows the mean path length, and scikit-learn's offset", () => {
    // scikit-learn's _average_path_length.
    const known = {
      1: 0,
      2: 1,
      3: 1.207392357589623,
      10: 3.748880484475504,
      100: 8.364671030072245,
      1000: 12.969940887100172
    }
    for (const [rows, length] of Object.entries(known)) expect(averagePathLength(Number(rows))).toBeCloseTo(length, 13)
    expect(averagePathLength(256)).toBe(10.244770920119917)
    const { offset, trainScores } = reference.cases.find((one) => one.name === 'contamination')!
    expect(contaminationLimit(trainScores!, 0.07)).toBeCloseTo(-offset, 14)
    expect(contaminationLimit([Number.NaN, 0.3], 0.5)).toBe(0.3)
    expect(() => contaminationLimit([1], 0.6)).toThrow(/contamination must be above 0 and up to 0.5, got 0.6/)
    expect(() => contaminationLimit([Number.NaN], 0.1)).toThrow(/must hold at least one number/)
    expect(() => contaminationLimit([1], 'low' as 'auto')).toThrow(TypeError)
  })

  it('equals the naive version, one by one and in batches', () => {
    const value = fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(0, 1, 1e9, -1e40))
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 2, maxLength: 150 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 9 }), (rows, sample, trees) => {
        const scans = { length: rows.length, rows: Float64Array.from(rows.flat()), seconds: new Float64Array(0) }
        const forest = grow(scans, 3, { trees, sample, features: 3, random: new Random(1) })
        const detector = planted(forest)
        const scores = detector.score(columnsOf(rows, 3))
        rows.forEach((row, i) => {
          expect(scores[i]).toBeCloseTo(naiveScore(forest, row), 13)
          expect(detector.score(columnsOf([row], 3))[0]).toBe(scores[i])
        })
      }),
      { numRuns: 40 }
    )
  })

  it('grows trees as the paper does', () => {
    const random = new Random(5)
    const rows = normalRows(random, 300, 3)
    const scans = { length: 300, rows: Float64Array.from(rows.flat()), seconds: new Float64Array(300) }
    const forest = grow(scans, 3, { trees: 200, sample: 64, features: 2, random })
    const trees = naiveTrees(forest)
    const splits = new Float64Array(3)
    for (const tree of trees) {
      expect(tree.rows).toBe(64)
      const seen = new Set<number>()
      const visit = (node: typeof tree, depth: number): void => {
        expect(node.rows).toBeGreaterThan(0)
        if (!(node.left && node.right)) return expect(depth === 6 || node.rows === 1).toBe(true)
        expect(depth).toBeLessThan(6)
        seen.add(node.feature!)
        splits[node.feature!]! += 1
        visit(node.left, depth + 1)
        visit(node.right, depth + 1)
      }
      visit(tree, 0)
      expect(seen.size).toBeLessThanOrEqual(2)
    }
    const mean = splits.reduce((sum, n) => sum + n, 0) / 3
    expect(splits.every((n) => Math.abs(n / mean - 1) < 0.15)).toBe(true)
    // The threshold of a root is uniform between the least and the greatest value of its sample.
    const roots = grow({ length: 2, rows: Float64Array.of(0, 1), seconds: new Float64Array(2) }, 1, {
      trees: 4000,
      sample: 2,
      features: 1,
      random
    }).thresholds
    const quarters = [0, 1, 2, 3].map((k) => roots.filter((x) => Math.floor(4 * x) === k).length)
    expect(quarters.every((n) => Math.abs(n - 1000) < 120)).toBe(true)
  })

  it('cuts each moving channel alike, also where others never move', () => {
    const random = new Random(6)
    const rows = Float64Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 7 : random.normal()))
    const scans = { length: 100, rows, seconds: new Float64Array(100) }
    const { nodes } = grow(scans, 3, { trees: 300, sample: 50, features: 3, random })
    const [still, one, two] = [0, 1, 2].map((feature) => nodes.filter((node) => node === feature).length)
    expect(still).toBe(0)
    expect(Math.abs(one! / two! - 1)).toBeLessThan(0.1)
  })

  it('finds the channel of a fault among correlated ones', () => {
    const random = new Random(11)
    const correlated = (): number[] => {
      const [shared, own] = [random.normal(), normalRows(random, 1, 6)[0]!]
      return own.map((x) => 0.8 * shared + 0.6 * x)
    }
    const detector = fitted(Array.from({ length: 2000 }, correlated), { seed: 2 })
    let found = 0
    for (let k = 0; k < 200; k += 1) {
      const row = correlated()
      const faulty = [random.below(6), ...(k % 2 === 0 ? [] : [random.below(6)])]
      for (const c of faulty) row[c] = k % 4 < 2 ? 6 : -6
      const shares = [...detector.explain(columnsOf([row], 6), 0)]
      if (faulty.includes(shares.indexOf(Math.max(...shares)))) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(180)
  })

  it('gives every channel its part of a scan like all others', () => {
    const detector = fitted([
      [1, 1],
      [1, 1],
      [1, 1]
    ])
    const [one, two] = detector.explain(columnsOf([[1, 1]], 2), 0)
    expect(one).toBeCloseTo(0.25, 12)
    expect(two).toBe(one)
  })

  it('learns by fit only, and from two scans on', () => {
    const random = new Random(8)
    const detector = fitted([[1]])
    expect(detector.ready).toBe(false)
    detector.update(columnsOf(normalRows(random, 500, 1), 1))
    expect(detector.ready).toBe(false)
    detector.fit(columnsOf([[1], [2]], 1))
    expect(detector.ready).toBe(true)
    const before = detector.snapshot()
    detector.update(columnsOf(normalRows(random, 500, 1), 1))
    expect({ ...Object(detector.snapshot().state), clock: 2 }).toEqual({ ...Object(before.state), clock: 2 })
  })

  it('makes a single seed another forest, more trees less of a difference', () => {
    const rows = normalRows(new Random(9), 400, 3)
    const apart = (trees: number) => {
      const [one, two] = [1, 2].map((seed) => fitted(rows, { trees, seed }).score(columnsOf(rows, 3)))
      return Math.max(...one!.map((score, i) => Math.abs(score - two![i]!)))
    }
    expect(apart(400)).toBeGreaterThan(0)
    expect(apart(400)).toBeLessThan(apart(10) / 2)
  })

  it('works where values do not fit into float32', () => {
    const rows = [-1e100, -1, 0, 1, 1e100].map((x) => [x])
    const scores = fitted(rows).score(columnsOf([...rows, [1.7e308]], 1))
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true)
    expect(scores[5]).toBe(scores[4])
  })

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => isolationForest(options)
    expect(make({ trees: 0 })).toThrow('isolationForest: trees must be a whole number from 1, got 0')
    expect(make({ trees: '9' })).toThrow('isolationForest: trees must be a number, got 9')
    expect(make({ trees: 20_000 })).toThrow(/must not exceed 4194304, got 20000 trees of 256/)
    expect(make({ trees: 2 ** 40, sample: 2 ** 40 })).toThrow(RangeError)
    expect(make({ sample: 1 })).toThrow('isolationForest: sample must be a whole number from 2, got 1')
    expect(make({ sample: 'all' })).toThrow(TypeError)
    expect(make({ maxFeatures: 0 })).toThrow(/maxFeatures must be a share above 0 and up to 1, or .*, got 0/)
    expect(make({ maxFeatures: 1.5 })).toThrow(RangeError)
    expect(make({ maxFeatures: '1' })).toThrow(TypeError)
    expect(make({ seed: 0.5 })).toThrow('isolationForest: seed must be a whole number from 0')
    expect(() => isolationForest({ maxFeatures: 3 }).create(named(2).map(unit))).toThrow(
      'isolationForest: maxFeatures must not exceed the 2 channels used, got 3'
    )
  })

  it('refuses trees that a walk could leave, and other options', () => {
    const [forest] = reference.cases
    const bad = (change: object) => () => planted({ ...forest!, ...change })
    expect(bad({})).not.toThrow()
    expect(bad({ nodes: forest!.nodes.slice(0, -1) })).toThrow(/end in the middle of a tree/)
    expect(bad({ nodes: [...forest!.nodes, -1] })).toThrow(/its nodes must be/)
    expect(bad({ thresholds: [...forest!.thresholds, 0] })).toThrow(/its thresholds must be/)
    expect(bad({ thresholds: forest!.thresholds.map(() => Number.NaN) })).toThrow(/must be finite/)
    expect(bad({ width: 1 })).toThrow(/its nodes hold/)
    expect(bad({ sample: 4 })).toThrow(/too deep/)
    const snapshot = fitted([[1], [2]], { seed: 1 }).snapshot()
    expect(() => isolationForest({ seed: 2 }).restore(snapshot)).toThrow(/learned with seed 1, this one has 2/)
    expect(depthOf(256)).toBe(8)
  })
})
