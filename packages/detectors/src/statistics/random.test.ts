import { describe, expect, it } from 'vitest'
import { Random, seedOf } from './random.ts'

const count = <T>(length: number, next: () => T): T[] => Array.from({ length }, next)

describe('Random', () => {
  it("gives the words of the authors' own program", () => {
    // xoshiro128starstar.c 1.1 from the state {1, 2, 3, 4}.
    const random = Random.from([1, 2, 3, 4])
    expect(count(10, () => random.word())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804
    ])
    expect([...random.state()]).toEqual([939045227, 1864939416, 1451579149, 2199351389])
  })

  it('fills its state by SplitMix64', () => {
    // splitmix64.c from 1234567: 6457827717110365317, 3203168211198807973, each with its lower half first.
    const words = [6457827717110365317n, 3203168211198807973n].flatMap((x) => [x & 0xffffffffn, x >> 32n])
    expect([...new Random(1234567).state()]).toEqual(words.map(Number))
  })

  it('goes on from a state with the same numbers', () => {
    const random = new Random(7)
    count(5, () => random.normal())
    const state = random.state()
    const again = Random.from(state)
    const draw = (from: Random) => [from.word(), from.uniform(), from.below(10), from.normal(), from.positive()]
    expect(draw(again)).toEqual(draw(random))
    expect(() => Random.from([0, 0, 0, 0])).toThrow('random: state must be four words of 32 bits, not all 0')
    expect(() => Random.from([1, 2, 3])).toThrow(RangeError)
    expect(() => Random.from([1, 2, 3, 0.5])).toThrow(RangeError)
  })

  it('makes uniform numbers of 53 bits', () => {
    const random = new Random(1)
    const twin = new Random(1)
    const fromWords = (): number => {
      const [high, low] = [BigInt(twin.word()), BigInt(twin.word())]
      return Number(((high >> 5n) << 26n) | (low >> 6n)) / 2 ** 53
    }
    const numbers = count(20_000, () => random.uniform())
    expect(numbers).toEqual(count(20_000, fromWords))
    expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true)
    expect(numbers.reduce((sum, x) => sum + x, 0) / 20_000).toBeCloseTo(0.5, 2)
  })

  it('draws below n without bias', () => {
    const random = new Random(2)
    const drawn = new Float64Array(7)
    for (let i = 0; i < 70_000; i += 1) drawn[random.below(7)]! += 1
    // Chi square with 6 degrees of freedom: above 22.5 once in 1 000.
    const chi = drawn.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)
    expect(chi).toBeLessThan(22.5)
    // 3/4 of the words: a plain remainder would give the lower third of the numbers two words each, the others one.
    const n = 3 * 2 ** 30
    const lower = count(30_000, () => random.below(n)).filter((x) => x < n / 3).length
    expect(Math.abs(lower - 10_000)).toBeLessThan(350)
    expect(count(100, () => random.below(1))).toEqual(Array(100).fill(0))
    expect(Math.max(...count(100, () => random.below(2 ** 32)))).toBeGreaterThan(2 ** 31)
  })

  it('draws normal numbers', () => {
    const random = new Random(3)
    const numbers = count(50_000, () => random.normal())
    const moment = (power: number) => numbers.reduce((sum, x) => sum + x ** power, 0) / numbers.length
    expect(Math.abs(moment(1))).toBeLessThan(0.02)
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03)
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2)
  })

  it('samples without repeats', () => {
    const random = new Random(4)
    const seen = new Float64Array(10)
    for (let i = 0; i < 10_000; i += 1) {
      const list = Int32Array.from({ length: 10 }, (_, k) => k)
      random.shuffle(list, 3)
      expect(new Set(list).size).toBe(10)
      for (const k of list.subarray(0, 3)) seen[k]! += 1
    }
    expect(seen.every((n) => Math.abs(n - 3000) < 200)).toBe(true)
  })

  it('checks a seed', () => {
    expect(seedOf('f', 0)).toBe(0)
    expect(() => seedOf('f', -1)).toThrow('f: seed must be a whole number from 0 to 9007199254740991, got -1')
    expect(() => seedOf('f', 0.5)).toThrow(RangeError)
    expect(() => seedOf('f', '1' as never)).toThrow('f: seed must be a number, got 1')
  })
})
