import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KthLargest } from './kth-largest.ts'

it('is the k-th largest of the last n', () => {
  const sizes = fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n)))
  const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(Infinity, -Infinity)), {
    maxLength: 40
  })
  fc.assert(
    fc.property(sizes, values, ([k, n], given) => {
      const rank = new KthLargest(k, n)
      given.forEach((value, i) => {
        const last = given.slice(Math.max(0, i + 1 - n), i + 1)
        const expected = last.toSorted((a, b) => b - a)[k - 1] ?? -Infinity
        expect(rank.push(value)).toBe(expected)
        expect(Array.from(rank.values())).toEqual(last)
      })
    })
  )
})
