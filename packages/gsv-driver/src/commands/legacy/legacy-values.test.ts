import { describe, expect, it } from 'vitest'
import {
  gsv2Norm,
  gsv2Rate,
  gsv2RateRegister,
  gsv2Scale,
  gsv3Rate,
  gsv3RateRegisters,
  gsv4RateCode,
  gsv4Rates,
  thresholdOf,
  thresholdRegister
} from '../index.ts'

describe('rates', () => {
  // The six examples of the manufacturer.
  it.each([
    [1, 8, 0xb3b4],
    [10, 8, 0xf85f],
    [50, 7, 0xfcf3],
    [100, 6, 0xfcf3],
    [500, 4, 0xfd8f],
    [1000, 3, 0xfd8f]
  ])('%i Hz of a GSV-3', (rate, exponent, register) => {
    expect(Math.abs(gsv3Rate({ exponent, register }) / rate - 1)).toBeLessThan(0.0005)
    const registers = gsv3RateRegisters(rate)
    expect(registers.exponent).toBe(exponent)
    // The example for 1 Hz is not the nearest register but the next one.
    expect(registers.register - register).toBe(rate === 1 ? 1 : 0)
  })

  it('of a GSV-3 are found within a thousandth, from one end to the other', () => {
    for (let rate = 0.3; rate < 9765; rate *= 1.07) {
      expect(Math.abs(gsv3Rate(gsv3RateRegisters(rate)) / rate - 1)).toBeLessThanOrEqual(0.001)
    }
    expect(() => gsv3RateRegisters(20_000)).toThrow('rate must be from 0.3 to 9765 Hz, got 20000')
    expect(() => gsv3RateRegisters(0)).toThrow(RangeError)
    expect(() => gsv3RateRegisters(Number.NaN)).toThrow(RangeError)
  })

  it('of a GSV-2 and a GSV-4', () => {
    for (const rate of [1, 10, 100, 1000]) expect(gsv2Rate(gsv2RateRegister(rate))).toBe(rate)
    expect(() => gsv2RateRegister(0.1)).toThrow(RangeError)
    for (const [code, rate] of gsv4Rates) expect(gsv4RateCode(rate)).toBe(code)
    expect(gsv4Rates.get(0xa6)).toBe(12.4)
  })
})

describe('norm and thresholds', () => {
  it('the norm comes back, where the register has a place for it', () => {
    for (const scale of [0.2, 0.5, 1, 1.5, 5, 20, 100, 1500, 1e6]) {
      const { register, point } = gsv2Norm(scale)
      expect(register).toBeGreaterThanOrEqual(0x100594)
      expect(register).toBeLessThanOrEqual(0x7f26e8)
      expect(gsv2Scale({ register, point })).toBeCloseTo(scale, 5)
    }
    expect(() => gsv2Norm(1.8)).toThrow('scale must be 0.2 to 1.587 times 1 to 10^6, got 1.8')
    expect(() => gsv2Norm(0.1)).toThrow(RangeError)
  })

  it('L8: +0.4 and -0.4, cut off', () => {
    expect([thresholdRegister(0.4), thresholdRegister(-0.4)]).toEqual([0xb333, 0x4ccc])
    expect([thresholdRegister(9), thresholdRegister(-9), thresholdRegister(0)]).toEqual([0xffff, 0, 0x8000])
    expect(thresholdOf(0x4000)).toBe(-0.5)
  })
})
