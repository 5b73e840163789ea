import { describe, expect, it } from 'vitest'
import { sameValue } from './same-value.ts'

describe('values of a node', () => {
  it.each([
    [1, 1, true],
    [Number.NaN, Number.NaN, true],
    [1, 2, false],
    [[0, 5], [0, 5], true],
    [[0, 5], [0, 6], false],
    [[0, 5], [0, 5, 0], false],
    [new Float64Array([1, 2]), new Float64Array([1, 2]), true],
    [new Float64Array([1, 2]), new Float64Array([1, 3]), false],
    [new Date(5), new Date(5), true],
    [new Date(5), new Date(6), false],
    [{ low: 1, in: { list: [1] } }, { low: 1, in: { list: [1] } }, true],
    [{ low: 1, in: { list: [1] } }, { low: 1, in: { list: [2] } }, false],
    [null, {}, false]
  ])('%o and %o: %s', (a, b, isSame) => {
    expect(sameValue(a, b)).toBe(isSame)
  })
})
