import { detectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { Random } from '../statistics/random.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { HalfSpaceModel } from './half-space-model.ts'
import { halfSpaceTrees } from './half-space-trees.ts'
import { cutAtRandom, type HalfSpaces } from './half-spaces.ts'

detectorSuite('halfSpaceTrees', { spec: halfSpaceTrees() }, { describe, it })
detectorSuite(
  'halfSpaceTrees of a known range',
  { spec: halfSpaceTrees({ trees: 100, height: 6, window: 100, range: [-100, 150], seed: 5 }) },
  { describe, it }
)

const named = (width: number) => Array.from({ length: width }, (_, c) => `c${c}`)
const unit = (name: string) => ({ name, unit: '1' })
const columnsOf = (rows: readonly (readonly number[])[]) =>
  samples(Object.fromEntries(rows[0]!.map((_, c) => [`c${c}`, rows.map((row) => row[c]!)])))

/** Node by node, left subtree first, to entries by number. */
function spacesOf({ trees, height }: { trees: number; height: number }, features: number[][], splits: number[][]) {
  const spaces: HalfSpaces = {
    trees,
    height,
    features: new Int32Array(trees << height),
    cuts: new Float64Array(trees << height)
  }
  for (let tree = 0; tree < trees; tree += 1) {
    let at = 0
    const place = (node: number): void => {
      if (node >= 1 << height) return
      spaces.features[(tree << height) + node] = features[tree]![at]!
      spaces.cuts[(tree << height) + node] = splits[tree]![at]!
      at += 1
      place(2 * node)
      place(2 * node + 1)
    }
    place(1)
  }
  return spaces
}

/** The rule of the paper without counts: the last full window is looked through at each node. */
function naiveScore(spaces: HalfSpaces, window: readonly (readonly number[])[], row: readonly number[]): number {
  const { trees, height, features, cuts } = spaces
  let sum = 0
  for (let tree = 0; tree < trees; tree += 1) {
    let inside = window
    let node = 1
    for (let depth = 0; depth <= height; depth += 1) {
      sum += inside.length * 2 ** depth
      if (inside.length < 0.1 * window.length || depth === height) break
      const at = (tree << height) + node
      const isRight = (values: readonly number[]): boolean => values[features[at]!]! >= cuts[at]!
      const right = isRight(row)
      inside = inside.filter((values) => isRight(values) === right)
      node = 2 * node + Number(right)
    }
  }
  return 1 - sum / (trees * window.length * (2 ** (height + 1) - 1))
}

function normalRows(random: Random, count: number, width: number): number[][] {
  return Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()))
}

describe('halfSpaceTrees', () => {
  for (const { name, options, range, features, splits, rows, scores } of reference.cases) {
    it(`scores as River does, given its trees: ${name}`, () => {
      const [low, high] = [0, 1].map((end) => Float64Array.from(range, (pair) => pair[end]!))
      const spaces = spacesOf(options, features, splits)
      const box = { low: low!, high: high! }
      const model = new HalfSpaceModel({ width: range.length, window: options.window, box, cut: () => spaces })
      rows.forEach((row, i) => {
        const isReady = i >= options.window
        expect(model.ready).toBe(isReady)
        if (isReady) expect(Math.abs(model.score(Float64Array.from(row)) - scores[i]!)).toBeLessThan(1e-14)
        else expect(scores[i]).toBe(0)
        model.learn(Float64Array.from(row))
      })
    })
  }

  it('equals the naive version through windows', () => {
    const random = new Random(1)
    const rows = normalRows(random, 130, 3)
    const box = { low: Float64Array.of(-3, -3, -3), high: Float64Array.of(3, 3, 3) }
    const spaces = cutAtRandom(box, 7, 5, random)
    const model = new HalfSpaceModel({ width: 3, window: 40, box, cut: () => spaces })
    rows.forEach((row, i) => {
      const full = Math.floor(i / 40) * 40
      if (full > 0)
        expect(model.score(Float64Array.from(row))).toBeCloseTo(
          naiveScore(spaces, rows.slice(full - 40, full), row),
          12
        )
      model.learn(Float64Array.from(row))
    })
  })

  it('cuts each channel in the middle of its side, as often as that is long', () => {
    const random = new Random(2)
    const box = { low: Float64Array.of(-1, 5, 0), high: Float64Array.of(1, 5, 1000) }
    const { features, cuts } = cutAtRandom(box, 2000, 1, random)
    const roots = (u: number) => [...cuts].filter((_, k) => k % 2 === 1 && features[k] === u)
    expect(roots(1)).toEqual([])
    expect(Math.abs(roots(0).length - 1000)).toBeLessThan(120)
    expect(Math.min(...roots(0))).toBeGreaterThan(-0.7)
    expect(Math.max(...roots(0))).toBeLessThan(0.7)
    expect(Math.min(...roots(2))).toBeLessThan(160)
    expect(Math.max(...roots(2))).toBeGreaterThan(840)
    const boxes = cutAtRandom(box, 1, 8, random)
    expect(boxes.cuts.subarray(1).every((x) => x > -1 && x < 1000)).toBe(true)
  })

  it('learns its range and its first window by itself', () => {
    const rows = normalRows(new Random(3), 260, 2)
    const detector = halfSpaceTrees({ window: 100 }).create(named(2).map(unit))
    const scores = detector.process(columnsOf(rows))
    expect(scores.findIndex((score) => !Number.isNaN(score))).toBe(100)
    const fitted = halfSpaceTrees({ window: 100 }).create(named(2).map(unit))
    fitted.fit(columnsOf(rows.slice(0, 100)))
    expect(fitted.process(columnsOf(rows.slice(100)))).toEqual(scores.slice(100))
  })

  it('goes on in the middle of its first window from a snapshot', () => {
    const rows = normalRows(new Random(4), 260, 2)
    const spec = halfSpaceTrees({ window: 100 })
    const detector = spec.create(named(2).map(unit))
    detector.update(columnsOf(rows.slice(0, 60)))
    const restored = spec.restore(detector.snapshot())
    const rest = columnsOf(rows.slice(60))
    expect(restored.process(rest)).toEqual(detector.process(rest))
    expect(restored.snapshot()).toEqual(detector.snapshot())
  })

  it('is ready after a fit shorter than a window', () => {
    const detector = halfSpaceTrees().create([unit('c0')])
    detector.fit(columnsOf([[1]]))
    expect(detector.ready).toBe(false)
    detector.fit(columnsOf([[1], [1.1], [1.2], [2], [1], [1], [1]]))
    expect(detector.ready).toBe(true)
    const [usual, odd] = detector.score(columnsOf([[1], [1.7]]))
    expect(odd).toBeGreaterThan(usual!)
  })

  it('follows what changes within its range', () => {
    const random = new Random(5)
    const detector = halfSpaceTrees({ range: [-20, 20], window: 100 }).create([unit('c0')])
    detector.fit(columnsOf(normalRows(random, 200, 1)))
    const there = columnsOf([[10]])
    const before = detector.score(there)[0]!
    detector.update(columnsOf(normalRows(random, 250, 1).map(([x]) => [x! + 10])))
    expect(detector.score(there)[0]).toBeLessThan(before)
    expect(detector.score(columnsOf([[0]]))[0]).toBeGreaterThan(detector.score(there)[0]!)
  })

  it('finds the channel of a fault among correlated ones', () => {
    const random = new Random(11)
    const correlated = (): number[] => {
      const shared = random.normal()
      return Array.from({ length: 6 }, () => 0.8 * shared + 0.6 * random.normal())
    }
    const detector = halfSpaceTrees({ range: [-8, 8] }).create(named(6).map(unit))
    detector.fit(columnsOf(Array.from({ length: 500 }, correlated)))
    let found = 0
    for (let k = 0; k < 100; k += 1) {
      const row = correlated()
      const faulty = [random.below(6), ...(k % 2 === 0 ? [] : [random.below(6)])]
      for (const c of faulty) row[c] = k % 4 < 2 ? 6 : -6
      const shares = [...detector.explain(columnsOf([row]), 0)]
      if (faulty.includes(shares.indexOf(Math.max(...shares)))) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(90)
  })

  it('refuses options that make no sense', () => {
    const make = (options: object) => () => halfSpaceTrees(options)
    expect(make({ trees: 0 })).toThrow(/halfSpaceTrees: trees must be a whole number from 1 to .*, got 0/)
    expect(make({ height: 16 })).toThrow('halfSpaceTrees: height must be a whole number from 1 to 15, got 16')
    expect(make({ window: 1 })).toThrow(/window must be a whole number from 2 to 1048576, got 1/)
    expect(make({ window: '1s' })).toThrow('halfSpaceTrees: window must be a number, got 1s')
    expect(make({ trees: 5000 })).toThrow(/must not exceed 4194304, got 5000 trees of height 10/)
    expect(make({ range: [1, 1] })).toThrow('halfSpaceTrees: range must be finite and go upwards, got [1, 1]')
    expect(make({ range: { a: [0] } })).toThrow("halfSpaceTrees: range of 'a' must be a pair of numbers, got [0]")
    expect(make({ range: 5 })).toThrow(TypeError)
    expect(make({ seed: -1 })).toThrow(/seed must be a whole number/)
    expect(() => halfSpaceTrees({ range: { c0: [0, 1] } as never }).create(named(2).map(unit))).toThrow(
      "halfSpaceTrees: range must name every channel used, 'c1' is missing"
    )
  })

  it('refuses snapshots of other options, or that do not fit', () => {
    const spec = halfSpaceTrees({ window: 10 })
    const detector = spec.create([unit('c0')])
    detector.fit(columnsOf(normalRows(new Random(6), 30, 1)))
    const { kind, version, state } = detector.snapshot()
    const bad = (change: object) => () => spec.restore({ kind, version, state: { ...Object(state), ...change } })
    expect(bad({})).not.toThrow()
    expect(bad({ first: new Float64Array(11) })).toThrow(/its first must be rows of 1 values, fewer than 10/)
    expect(bad({ reference: new Float64Array(1) })).toThrow(/its reference must hold/)
    const nodes = (Object(state) as { nodes: Float64Array }).nodes.map((k) => k + 1e9)
    expect(bad({ nodes })).toThrow(/not those of its trees/)
    expect(() => halfSpaceTrees({ window: 11 }).restore({ kind, version, state })).toThrow(/window 10, this one has 11/)
    expect(() => halfSpaceTrees({ window: 10, range: [0, 1] }).restore({ kind, version, state })).toThrow(
      /range learned, this one has 0..1/
    )
  })
})
