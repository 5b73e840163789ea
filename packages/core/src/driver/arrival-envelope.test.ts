import { describe, expect, it } from 'vitest'
import { ArrivalEnvelope } from './arrival-envelope.ts'

describe('ArrivalEnvelope', () => {
  it('lies under all points and touches the lowest', () => {
    const envelope = new ArrivalEnvelope()
    for (let x = 0; x < 20_000; x += 10) envelope.add(x, 5 + 1e-4 * x + (x % 70) / 10)
    expect(envelope.slopeKnown).toBe(true)
    expect(envelope.slope).toBeCloseTo(1e-4, 6)
    expect(envelope.at(10_000)).toBeCloseTo(6, 2)
  })

  it('believes a slope only as far as the points reach', () => {
    const envelope = new ArrivalEnvelope()
    for (let x = 0; x < 1000; x += 10) envelope.add(x, 1e-3 * x)
    expect(envelope.slope).toBeLessThan(1e-4)
    expect(envelope.slopeKnown).toBe(false)
  })

  it('forgets what is older than 30 s', () => {
    const envelope = new ArrivalEnvelope()
    for (let x = 0; x < 60_000; x += 100) envelope.add(x, x < 20_000 ? 0 : 3)
    expect(envelope.at(60_000)).toBeCloseTo(3, 3)
  })

  it('moves points behind scans that turned out to be missing', () => {
    const [moved, whole] = [new ArrivalEnvelope(), new ArrivalEnvelope()]
    // 10 ms are missing from 3000 on: nominal times are 10 too small, delays 10 too large
    for (let x = 0; x < 6000; x += 100) {
      moved.add(x < 3000 ? x : x - 10, x < 3000 ? 2 : 12)
      whole.add(x, 2)
    }
    moved.shift(2950, 10)
    for (let x = 6000; x < 40_000; x += 100) {
      moved.add(x, 2)
      whole.add(x, 2)
    }
    expect(moved.at(40_000)).toBeCloseTo(whole.at(40_000), 9)
    expect(moved.slope).toBeCloseTo(0, 9)
  })
})
