import { detectorSuite } from '@messwerk/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import reference from './fixtures/reference.json' with { type: 'json' }
import { matrixProfile } from './matrix-profile.ts'
import { naiveLeftProfile } from './naive.ts'

/** Strokes of four channels, each with a noise of its own that never repeats. */
const strokes = samples(
  Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name, c) => [
      name,
      Array.from({ length: 500 }, (_, i) => Math.sin((2 * Math.PI * i) / (20 + c)) + 0.05 * Math.sin(i * i * (c + 1)))
    ])
  ),
  { seconds: 0.001 }
)
const small = { window: { scans: 16 }, history: { scans: 256 } }
const elsewhere = 'a scan at another place of its stroke is a fault of all channels'
detectorSuite(
  'matrixProfile',
  { spec: matrixProfile(small), normal: strokes, skip: { D19: elsewhere } },
  { describe, it }
)

const force = [{ name: 'force', unit: 'N' }]
const on = (values: readonly number[]) => samples({ force: values })
const wave = (length: number, from = 0) =>
  Array.from({ length }, (_, i) => Math.sin((from + i) / 3) + 0.05 * Math.sin((from + i) ** 2))

function expectClose(actual: ArrayLike<number>, expected: readonly (number | null)[], distance: number): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => {
    const isClose = x === null || Number.isNaN(x) ? Number.isNaN(actual[i]) : Math.abs(actual[i]! - x) <= distance
    expect(isClose, `value ${i}: ${actual[i]} for ${x}`).toBe(true)
  })
}

describe('matrixProfile', () => {
  it('equals stumpy', () => {
    const { window, values, leftProfile } = reference
    const scores = matrixProfile({ window: { scans: window } })
      .create(force)
      .process(on(values))
    expectClose(scores.subarray(window - 1), leftProfile, 1e-6)
    const detector = matrixProfile({ window: { scans: window } }).create(force)
    detector.fit(on(values.slice(0, 300)))
    expectClose(detector.process(on(values.slice(300))), leftProfile.slice(301 - window), 1e-6)
  })

  it('equals the naive version, with holes, constant stretches and refused scans', () => {
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: -500, max: 500 }).map((x) => x / 100) },
      { weight: 3, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) }
    )
    const stretches = fc.array(fc.tuple(value, fc.integer({ min: 1, max: 9 })), { minLength: 5, maxLength: 40 })
    fc.assert(
      fc.property(stretches, fc.array(fc.nat(150), { maxLength: 3 }), (parts, refused) => {
        const values = parts.flatMap(([x, times]) => Array<number>(times).fill(x))
        const isLearned = (i: number) => !refused.includes(i)
        const detector = matrixProfile({ window: { scans: 5 } }).create(force)
        const scores = detector.process(on(values), (_, i) => isLearned(i))
        expectClose(scores, naiveLeftProfile(values, 5, isLearned), 1e-5)
      }),
      { numRuns: 300 }
    )
  })

  it('is blurred by an enormous value for no longer than 1 024 scans, learning or not', () => {
    const values = wave(1500)
    values[100] = 1e10
    const scores = matrixProfile(small).create(force).process(on(values))
    const expected = naiveLeftProfile(values.slice(-257), 16).at(-1)!
    expect(Math.abs(scores[1499]! - expected)).toBeLessThan(1e-6)
    const frozen = matrixProfile({ window: { scans: 16 } }).create(force)
    frozen.fit(on(wave(2500)))
    const later = frozen.process(on([1e14, ...wave(1200, 2500)]), () => false).at(-1)!
    expect(Math.abs(later - naiveLeftProfile([...wave(2500), ...wave(16, 3684)], 16).at(-1)!)).toBeLessThan(1e-6)
  })

  it('stays exact over many times its history, far from 0', () => {
    const values = wave(5000).map((x) => 1e6 + x)
    const scores = matrixProfile(small).create(force).process(on(values))
    for (const end of [4000, 4999]) {
      const expected = naiveLeftProfile(values.slice(end - 256, end + 1), 16).at(-1)!
      expect(Math.abs(scores[end]! - expected)).toBeLessThan(1e-6)
    }
  })

  it('sees a changed stroke once, and not what came before', () => {
    const values = wave(900)
    values.fill(0.9, 500, 506)
    values.fill(0.9, 700, 706)
    const scores = matrixProfile({ window: { scans: 20 } })
      .create(force)
      .process(on(values))
    expect(Math.max(...scores.subarray(100, 500))).toBeLessThan(1)
    expect(Math.max(...scores.subarray(500, 526))).toBeGreaterThan(2)
    expect(Math.max(...scores.subarray(540, 700))).toBeLessThan(1)
  })

  it('does not compare with what was refused', () => {
    const values = [...wave(300), ...Array(20).fill(2), ...wave(100, 320), ...Array(20).fill(2), ...wave(20, 440)]
    const refusing = matrixProfile({ window: { scans: 20 } }).create(force)
    const scores = refusing.process(on(values), (_, i) => i < 300 || i >= 320)
    const all = matrixProfile({ window: { scans: 20 } })
      .create(force)
      .process(on(values))
    expect(scores[319]).toBeCloseTo(Math.sqrt(20), 9)
    expect(scores[439]).toBeCloseTo(Math.sqrt(20), 9)
    expect(all[439]).toBe(0)
  })

  it('keeps what it learned, however long nothing is learned', () => {
    const detector = matrixProfile(small).create(force)
    detector.fit(on(wave(256)))
    const frozen = detector.process(on(wave(2000, 256)), () => false)
    const expected = naiveLeftProfile([...wave(256), ...wave(16, 2240)], 16).at(-1)!
    expect(Math.abs(frozen[1999]! - expected)).toBeLessThan(1e-6)
  })

  it('begins anew behind a gap, and compares with what was before it', () => {
    const detector = matrixProfile({ window: { scans: 16 } }).create(force)
    detector.fit(on(wave(300)))
    detector.gap!()
    const scores = detector.process(on(wave(30, 307)))
    expect([...scores].map(Number.isNaN)).toEqual([...Array(15).fill(true), ...Array(15).fill(false)])
    expect(Math.max(...scores.subarray(15))).toBeLessThan(1)
  })

  it('counts noise below minDeviation as constant', () => {
    const noise = Array.from({ length: 400 }, (_, i) => 3 + 0.01 * Math.sin(i * i))
    const scores = matrixProfile({ window: { scans: 16 }, minDeviation: 0.1 })
      .create(force)
      .process(on(noise))
    expect(scores[399]).toBe(0)
    const wild = matrixProfile({ window: { scans: 16 } })
      .create(force)
      .process(on(noise))
    expect(wild[399]).toBeGreaterThan(1)
  })

  it('gives each channel its part', () => {
    const b = wave(600)
    b.fill(0.9, 590)
    const both = samples({ a: wave(600), b })
    const detector = matrixProfile({ window: { scans: 20 } }).create(['a', 'b'].map((name) => ({ name, unit: 'V' })))
    const score = detector.score(both).at(-1)
    expect(score).toBeNaN()
    detector.fit(samples({ a: both.values.slice(0, 590), b: both.values.slice(600, 1190) }))
    const rest = samples({ a: both.values.slice(590, 600), b: b.slice(590) })
    const shares = detector.explain(rest, 9)
    expect(shares[0]! + shares[1]!).toBeCloseTo(detector.score(rest)[9]!, 12)
    expect(shares[1]).toBeGreaterThan(3 * shares[0]!)
  })

  it('stays finite for enormous values', () => {
    const values = wave(400)
    values[300] = 1.7e308
    values[310] = -1e200
    const scores = matrixProfile({ window: { scans: 16 } })
      .create(force)
      .process(on(values))
      .subarray(30)
    expect(scores.every((score) => score >= 0 && score <= 2 * Math.sqrt(16))).toBe(true)
  })

  it('refuses options that are out of range', () => {
    const refused = (options: object, message: string) =>
      expect(() => matrixProfile(options)).toThrow(`matrixProfile: ${message}`)
    refused({ window: { scans: 3 } }, 'window must hold 4 to 4096 scans, got { scans: 3 }')
    refused({ window: '5s' }, 'window must be a number of scans such as { scans: 64 }, got 5s')
    refused({ history: { scans: 100 } }, 'history must hold 256 to 1000000 scans, got { scans: 100 }')
    const other = matrixProfile(small).create(force).snapshot()
    expect(() => matrixProfile().restore(other)).toThrow(/learned with window 16 scans, this one has 64 scans/)
  })
})
