import { describe, expect, it } from 'vitest'
import { Random } from '../../statistics/random.ts'
import { isRising, nextBelow, type Step, unscaledThreshold } from './steps.ts'

const bits = new Int32Array(1)
const float = new Float32Array(bits.buffer)

/** The float32 so many places above or below one of them. */
function neighbour(x: number, places: number): number {
  float[0] = x
  const key = bits[0]! < 0 ? -(bits[0]! & 0x7fffffff) : bits[0]!
  const next = key + places
  bits[0] = Math.abs(next)
  return next < 0 ? -float[0]! : float[0]!
}

function step(op: Step['op'], by: number, isDouble = false): Step {
  return { op, by, isDouble }
}

/** In float32, each operation rounded by itself. */
function naive(x: number, steps: readonly Step[]): number {
  const work = { add: 0, subtract: 0, multiply: 0, divide: 0, 'at-least': 0, 'at-most': 0, round: 0 }
  return steps.reduce((y, { op, by, isDouble }) => {
    const other = isDouble ? by : Math.fround(by)
    Object.assign(work, {
      add: y + other,
      subtract: y - other,
      multiply: y * other,
      divide: y / other,
      'at-least': Math.max(y, other),
      'at-most': Math.min(y, other),
      round: y
    })
    return isDouble ? work[op] : Math.fround(work[op])
  }, x)
}

describe('unscaledThreshold', () => {
  const random = new Random(11)
  const chains: readonly ((a: number, b: number) => Step[])[] = [
    (a, b) => [step('subtract', a), step('multiply', b)],
    (a, b) => [step('multiply', b), step('add', a)],
    (a, b) => [step('subtract', a), step('divide', b)],
    (a, b) => [step('subtract', a), step('multiply', b), step('multiply', 0.25), step('add', 0.1)],
    (a, b) => [step('subtract', a, true), step('divide', b, true), step('round', 0)],
    (a, b) => [step('multiply', b), step('add', a), step('at-least', -1), step('at-most', 1)]
  ]
  it('parts float32 values as the scaled ones are parted, to the last bit', () => {
    for (let k = 0; k < 600; k += 1) {
      const steps = chains[k % chains.length]!(100 * random.normal(), Math.exp(4 * random.normal()))
      const x = Math.fround(100 * random.normal())
      const threshold = neighbour(naive(x, steps), random.below(5) - 2)
      const limit = unscaledThreshold(threshold, steps)
      for (const base of [x, limit].filter((each) => Math.abs(each) < 3e38))
        for (let places = -40; places <= 40; places += 1) {
          const y = neighbour(base, places)
          if (y <= limit !== naive(y, steps) <= threshold) expect({ y, limit, threshold, steps }).toBe('parted alike')
        }
    }
  })

  it('a bound that all or none come up to', () => {
    const steps = [step('at-least', -1), step('at-most', 1)]
    expect(unscaledThreshold(2, steps)).toBeGreaterThan(3.4e38)
    expect(unscaledThreshold(-2, steps)).toBeLessThan(-3.41e38)
    expect(unscaledThreshold(0.5, [])).toBe(0.5)
  })
})

it('isRising: what keeps the order of values', () => {
  expect(isRising(step('multiply', 0.1))).toBe(true)
  expect(isRising(step('add', -3))).toBe(true)
  for (const by of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-60])
    expect(isRising(step('multiply', by))).toBe(false)
  expect(isRising(step('multiply', 1e-60, true))).toBe(true)
  expect(isRising(step('add', 1e39))).toBe(false)
})

it('nextBelow: the float32 before', () => {
  for (const x of [1, -1, 0, 3.5, -1e-40, 1e30]) {
    const y = Math.fround(x)
    expect(nextBelow(y)).toBe(neighbour(y, -1))
    expect(nextBelow(y)).toBeLessThan(y)
  }
  expect(nextBelow(-3.4028234663852886e38)).toBe(-3.5e38)
})
