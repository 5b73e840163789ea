import { describe, expect, it } from 'vitest'
import { PairShares } from './pair-shares.ts'

const WIDTH = 6
/** Off the plane of two directions: I - P P', P an orthonormal pair. */
function offPlane(): Float64Array {
  const one = unit([1, 2, 3, 4, 5, 6])
  const other = [3, -1, 4, 1, -5, 9]
  const along = other.reduce((sum, x, i) => sum + x * one[i]!, 0)
  const two = unit(other.map((x, i) => x - along * one[i]!))
  return Float64Array.from({ length: WIDTH * WIDTH }, (_, at) => {
    const [i, j] = [Math.floor(at / WIDTH), at % WIDTH]
    return Number(i === j) - one[i]! * one[j]! - two[i]! * two[j]!
  })
}
function unit(x: readonly number[]): readonly number[] {
  const length = Math.sqrt(x.reduce((sum, one) => sum + one * one, 0))
  return x.map((one) => one / length)
}
const times = (matrix: Float64Array, x: readonly number[]): Float64Array =>
  Float64Array.from(x, (_, i) => x.reduce((sum, one, j) => sum + matrix[i * WIDTH + j]! * one, 0))

describe('shares by pairs', () => {
  const root = offPlane()
  const pairs = PairShares.of(root, WIDTH, 4)!

  it('give all of it to two channels that account for all of it', () => {
    for (let a = 0; a < WIDTH; a += 1) {
      for (let b = a + 1; b < WIDTH; b += 1) {
        const fault = [...Array(WIDTH).keys()].map((c) => (c === a ? 5 : c === b ? -7 : 0))
        const parts = times(root, fault)
        pairs.take(parts)
        for (const c of parts.keys()) if (c !== a && c !== b) expect(parts[c]).toBeCloseTo(0, 12)
        expect(Math.max(parts[a]!, parts[b]!)).toBeGreaterThan(1)
      }
    }
  })

  it('sum to the square of the residual, whatever it is', () => {
    const parts = times(root, [3, -1, 4, 1, -5, 9])
    const square = parts.reduce((sum, y) => sum + y * y, 0)
    pairs.take(parts)
    expect(parts.every((part) => part >= 0)).toBe(true)
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeGreaterThanOrEqual(square * (1 - 1e-12))
  })

  it('are not for fewer than three directions', () => {
    expect(PairShares.of(root, WIDTH, 2)).toBeUndefined()
  })
})
