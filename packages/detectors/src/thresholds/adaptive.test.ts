import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adaptive } from './adaptive.ts'

/** All scores kept, weighted one by one. */
function naive(
  scores: readonly number[],
  { deviations = 3, discount = 0.01, differencing = 0.5, initial = 1.5, least = 0.8 } = {}
) {
  const learned: number[] = []
  const spread = (values: readonly number[]): { mean: number; deviation: number } => {
    const weights = values.map((_, i) => (1 - discount) ** (values.length - 1 - i))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const mean = values.reduce((sum, x, i) => sum + weights[i]! * x, 0) / total
    const variance = values.reduce((sum, x, i) => sum + weights[i]! * (x - mean) ** 2, 0) / total
    return { mean, deviation: values.length === 0 ? 0 : Math.sqrt(variance) }
  }
  return scores.map((score) => {
    const own = spread(learned)
    const between = spread(learned.slice(1).map((x, i) => x - learned[i]!))
    const deviation = (1 - differencing) * own.deviation + differencing * between.deviation
    const limit = learned.length < 10 ? initial : Math.max(least, own.mean + deviations * deviation)
    learned.push(Math.min(score, limit))
    return limit
  })
}

describe('adaptive', () => {
  it('has the limits of a naive version', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 80 }),
        fc.record({
          deviations: fc.double({ min: 0.5, max: 5, noNaN: true }),
          differencing: fc.constantFrom(0, 0.5, 1)
        }),
        (scores, options) => {
          const threshold = adaptive({ initial: 1.5, least: 0.8, ...options }).create()
          const limits = naive(scores, options)
          scores.forEach((score, i) => {
            expect(threshold.limit).toBeCloseTo(limits[i]!, 6)
            const { limit } = threshold
            expect(threshold.decide(score, i)).toBe(score >= limit ? 2 : 0)
          })
        }
      )
    )
  })

  it('alarms at a spike, is not blinded by it, and gets used to a lasting change', () => {
    const threshold = adaptive().create()
    let at = 0
    const feed = (score: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => threshold.decide(score + 0.1 * Math.sin(i), at++))
    expect(feed(1, 200)).not.toContain(2)
    expect(feed(5, 1)).toEqual([2])
    expect(feed(1, 20)).not.toContain(2)
    expect(feed(5, 1)).toEqual([2])
    const change = feed(3, 400)
    expect(change[0]).toBe(2)
    expect(change.at(-1)).toBe(0)
  })

  it('gives no alarm before ten scores, or by its initial limit', () => {
    const [silent, given] = [adaptive().create(), adaptive({ initial: 1.5 }).create()]
    expect([silent.limit, given.limit]).toEqual([Number.POSITIVE_INFINITY, 1.5])
    for (let i = 0; i < 10; i += 1)
      expect([silent.decide(1, i), given.decide(i === 4 ? 2 : 1, i)]).toEqual([0, i === 4 ? 2 : 0])
    expect(silent.limit).toBe(1)
  })

  it('keeps its verdict without a score, and forgets neighbours at a gap', () => {
    const [one, two] = [adaptive().create(), adaptive().create()]
    for (const each of [one, two]) for (let i = 0; i < 20; i += 1) each.decide(1 + (i % 3), i)
    expect(one.decide(30, 20)).toBe(2)
    expect(one.decide(Number.NaN, 21)).toBe(2)
    two.decide(30, 20)
    two.gap?.()
    one.decide(1, 22)
    two.decide(1, 22)
    expect(two.limit).toBeLessThan(one.limit)
    one.reset?.()
    expect(one.decide(Number.NaN, 23)).toBe(0)
    expect(one.limit).toBe(Number.POSITIVE_INFINITY)
  })

  it('goes on from a snapshot with the same bits', () => {
    const spec = adaptive({ initial: 2 })
    const threshold = spec.create()
    for (let i = 0; i < 33; i += 1) threshold.decide(1 + Math.sin(i) ** 2, i)
    const restored = spec.restore(structuredClone(threshold.snapshot()))
    for (let i = 33; i < 60; i += 1) {
      const score = 1 + Math.sin(i) ** 2
      expect([restored.decide(score, i), restored.limit]).toEqual([threshold.decide(score, i), threshold.limit])
    }
    expect(() => spec.restore({ kind: 'limits', version: 1, state: {} })).toThrow(/threshold 'limits'/)
    expect(() => spec.restore({ kind: 'adaptive', version: 2, state: {} })).toThrow(/version 2/)
    expect(() => spec.restore({ kind: 'adaptive', version: 1, state: {} })).toThrow(/not 10 numbers/)
  })

  it.each([
    [{ deviations: 0 }, 'adaptive: deviations must be above 0, got 0'],
    [{ discount: 1 }, 'adaptive: discount must be above 0 and below 1, got 1'],
    [{ differencing: 2 }, 'adaptive: differencing must be from 0 to 1, got 2'],
    [{ initial: -1 }, 'adaptive: initial must be at least 0, got -1'],
    [{ least: Number.NaN }, 'adaptive: least must be finite and at least 0, got NaN'],
    [{ least: '1' as never }, 'adaptive: least must be a number, got 1']
  ])('refuses %j', (options, message) => {
    expect(() => adaptive(options)).toThrow(message)
  })
})
