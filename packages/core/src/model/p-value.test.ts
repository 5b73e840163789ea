import { describe, expect, it } from 'vitest'
import { distance } from '../operators/fixtures/distance-detector.ts'
import type { Samples } from './index.ts'
import { pValue } from './p-value.ts'
import { PValueScale } from './p-value-scale.ts'

const channels = [
  { name: 'a', unit: 'V' },
  { name: 'b', unit: 'V' }
]
const of = (...rows: readonly (readonly [number, number])[]): Samples => ({
  channels: ['a', 'b'],
  length: rows.length,
  values: Float64Array.from(rows.map(([a]) => a).concat(rows.map(([, b]) => b))),
  seconds: 1
})
const normal = of(...Array.from({ length: 500 }, (_, i) => [Math.sin(i * i), Math.cos(i * i * 1.7)] as const))

describe('PValueScale', () => {
  const scores = Float64Array.from({ length: 10_000 }, (_, i) => -Math.log((i + 0.5) / 10_000))
  const scale = PValueScale.of(scores)!

  it('is -log10 of the share of scores at least as high', () => {
    for (const share of [0.5, 0.1, 0.01, 0.001, 1e-6]) {
      expect(scale.of(-Math.log(share))).toBeCloseTo(-Math.log10(share), 1)
    }
    expect(scale.of(0)).toBe(0)
    expect(scale.of(NaN)).toBeNaN()
    expect(scale.of(1e308)).toBeLessThan(Infinity)
  })

  it('keeps the order, and turns back', () => {
    for (let score = 0.01; score < 40; score *= 1.1) {
      expect(scale.of(score * 1.1)).toBeGreaterThan(scale.of(score))
      expect(scale.raw(scale.of(score))).toBeCloseTo(score, 9)
    }
  })

  it('bears scores that are all equal, and knows nothing of too few', () => {
    expect(PValueScale.of(new Float64Array(30).fill(2))!.of(2.1)).toBeGreaterThan(0)
    expect(PValueScale.of(new Float64Array(19))).toBeUndefined()
  })
})

describe('pValue', () => {
  const fitted = (adapts = false) => {
    const detector = pValue(distance(), { adapts }).create(channels)
    detector.fit(normal)
    return detector
  }

  it('is ready after fit, not before', () => {
    const detector = pValue(distance()).create(channels)
    detector.update(normal)
    expect([detector.ready, detector.score(normal)[0]]).toEqual([false, NaN])
    expect(fitted().ready).toBe(true)
    expect(fitted(true).ready).toBe(true)
  })

  it('has shares that sum to its score, also inside admit, and a band that fits it', () => {
    const detector = fitted()
    const odd = of([0, 0.1], [2, 3], [30, 0])
    const scores = detector.score(odd)
    const sum = (scan: number) => detector.explain(odd, scan).reduce((total, share) => total + share, 0)
    for (let scan = 0; scan < 3; scan += 1) expect(sum(scan)).toBeCloseTo(scores[scan]!, 9)
    detector.process(odd, (score, scan) => {
      expect(sum(scan)).toBeCloseTo(score, 9)
      return false
    })
    const [, , upper] = detector.band!(2)
    expect(upper).toBeGreaterThan(1)
  })

  it('goes on from a snapshot with the same bits', () => {
    for (const adapts of [false, true]) {
      const detector = fitted(adapts)
      const other = pValue(distance(), { adapts }).restore(structuredClone(detector.snapshot()))
      expect(other.process(normal)).toEqual(detector.process(normal))
      expect(other.snapshot()).toEqual(detector.snapshot())
    }
    const { version, state } = fitted().snapshot()
    expect(() => pValue(distance()).restore({ kind: 'distance', version, state })).toThrow(
      "the snapshot is of 'distance'"
    )
    expect(() => pValue(distance()).restore({ kind: 'p-value of distance', version: 2, state })).toThrow('version 2')
  })

  it('refuses what is no detector', () => {
    expect(() => pValue(undefined as never)).toThrow('pValue: needs a detector such as robustZ(), got undefined')
  })
})
