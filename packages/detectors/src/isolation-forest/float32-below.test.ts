import fc from 'fast-check'
import { expect, it } from 'vitest'
import { float32Below } from './float32-below.ts'

it('has the same float32 values above it as the number itself', () => {
  const nearZero = fc.double({ min: -1e-44, max: 1e-44, noNaN: true })
  fc.assert(
    fc.property(fc.oneof(fc.double({ noNaN: true }), nearZero), fc.float({ noNaN: true }), (x, any) => {
      const below = float32Below(x)
      expect(below).toBeLessThanOrEqual(x)
      for (const value of [any, Math.fround(x), below, 0, -0]) expect(value > below).toBe(value > x)
    })
  )
})

it('takes the next one down where rounding goes up', () => {
  expect(float32Below(0.1)).toBeLessThan(0.1)
  expect(float32Below(-0.1)).toBe(Math.fround(-0.1))
  expect(float32Below(-1e-60)).toBe(-1.401298464324817e-45)
  expect(float32Below(1e-60)).toBe(0)
  expect(float32Below(1e300)).toBe(3.4028234663852886e38)
  expect(float32Below(-1e300)).toBe(Number.NEGATIVE_INFINITY)
})
