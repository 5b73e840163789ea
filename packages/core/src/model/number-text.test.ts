import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { distinctTexts, numberText } from './number-text.ts'

it.each([
  [4.2, '4.2'],
  [4.2137, '4.21'],
  [0.000123456, '0.000123'],
  [0.0000123456, '1.23e-5'],
  [99.95, '100'],
  [123.456, '123'],
  [1234.5, '1235'],
  [-1234.4, '-1234'],
  [123_456_789, '123456789'],
  [1_234_567_890, '1.23e9'],
  [-0.05, '-0.05'],
  [0, '0'],
  [-0, '0'],
  [1e-310, '1e-310'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity']
])('%s is written %s', (value, text) => expect(numberText(value)).toBe(text))

it('takes as many digits as it needs to tell numbers apart', () => {
  expect(distinctTexts([4.2, 2.9, 3.3])).toEqual(['4.2', '2.9', '3.3'])
  expect(distinctTexts([3.3004, 2.9, 3.3])).toEqual(['3.3004', '2.9', '3.3'])
  expect(distinctTexts([1000.24, 999.91, 1000.12])).toEqual(['1000.2', '999.91', '1000.1'])
  expect(distinctTexts([3.3, undefined, 3.3])).toEqual(['3.3', '', '3.3'])
  expect(distinctTexts([Number.NaN, 1, 2])).toEqual(['NaN', '1', '2'])
})

it('keeps three numbers in order, within 15 digits', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(number, fc.double({ min: 1e-3, max: 10, noNaN: true }), (a, step) => {
      const [low, high] = distinctTexts([a, a + step]).map(Number)
      expect(low).toBeLessThan(high as number)
    })
  )
})
