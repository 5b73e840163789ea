import { describe, expect, it } from 'vitest'
import { ArrivalEnvelope } from './arrival-envelope.ts'
import { random } from './fixtures/simulated-arrivals.ts'

/** Points every 10 ms above `line`, by up to `jitter`, ms. */
function fill(envelope: ArrivalEnvelope, from: number, to: number, line: (x: number) => number, jitter = 0, seed = 1) {
  const next = random(seed)
  for (let x = from; x < to; x += 10) envelope.add(x, line(x) + jitter * next())
  return envelope
}

describe('ArrivalEnvelope', () => {
  it('finds the line under the points, not the highest one below them', () => {
    const errors: number[] = []
    let middle = 0
    for (let seed = 1; seed <= 100; seed += 1) {
      const envelope = fill(new ArrivalEnvelope(), 0, 30_000, (x) => 5 + 1e-4 * x, 16, seed)
      errors.push((envelope.at(30_000) - 8) / envelope.deviation(30_000))
      expect(Math.abs(envelope.slope - 1e-4)).toBeLessThan(1e-5)
      middle += (envelope.at(15_000) - 6.5) / envelope.deviation(15_000) / 100
    }
    expect(Math.abs(middle)).toBeLessThan(0.4)
    // as often above as below, and as far as it says
    expect(Math.abs(errors.reduce((sum, error) => sum + error) / errors.length)).toBeLessThan(0.5)
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(1.7)
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeGreaterThan(0.6)
  })

  it('believes a slope only as far as the points tell it', () => {
    const vague = fill(new ArrivalEnvelope(), 0, 1000, (x) => 1e-3 * x, 16)
    expect(Math.abs(vague.slope)).toBeLessThan(3e-4)
    const exact = fill(new ArrivalEnvelope(), 0, 1000, (x) => 1e-3 * x)
    expect(exact.slope).toBeCloseTo(1e-3, 5)
    expect(exact.deviation(1000)).toBeLessThan(vague.deviation(1000))
  })

  it('forgets what is older than a minute, and earlier where the line does not hold any more', () => {
    const bent = fill(new ArrivalEnvelope(), 0, 50_000, (x) => Math.max(0, x - 20_000) * 1e-4, 1)
    expect(bent.at(50_000)).toBeCloseTo(3, 1)
    expect(bent.slope).toBeCloseTo(1e-4, 5)
    expect(bent.span).toBeLessThan(45_000)
    expect(fill(new ArrivalEnvelope(), 0, 90_000, () => 3, 1).span).toBeLessThanOrEqual(60_000)
  })

  it('moves points behind scans that turned out to be missing', () => {
    // 10 ms are missing from 3000 on: nominal times are 10 too small, delays 10 too large
    const moved = fill(new ArrivalEnvelope(), 0, 3000, () => 2)
    fill(moved, 3000, 6000, () => 12)
    moved.shift(2995, 10)
    fill(moved, 6010, 40_000, () => 2)
    expect(moved.at(40_000)).toBeCloseTo(2, 2)
    expect(moved.slope).toBeCloseTo(0, 7)
  })

  it('knows how long delays have been large before', () => {
    const envelope = fill(new ArrivalEnvelope(), 0, 10_000, (x) => (x > 4000 && x < 6000 ? 5 : 0))
    expect(envelope.highest(1000, 10_000)).toBeCloseTo(5, 1)
    expect(envelope.highest(3000, 10_000)).toBeLessThan(0.1)
    expect(envelope.highest(1000, 4500)).toBeLessThan(0.1)
  })

  it('bounds how fast the latest points may rise', () => {
    const flat = fill(
      fill(new ArrivalEnvelope(), 0, 10_000, () => 0, 1),
      10_000,
      15_000,
      () => 3,
      1,
      2
    )
    const rising = fill(
      fill(new ArrivalEnvelope(), 0, 10_000, () => 0, 1),
      10_000,
      15_000,
      (x) => (x - 1e4) * 6e-4,
      1,
      2
    )
    expect(flat.growth(10_000)).toBeLessThan(1e-4)
    expect(rising.growth(10_000)).toBeGreaterThan(5e-4)
    expect(flat.growth(14_990)).toBeNaN()
  })
})
