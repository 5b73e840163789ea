import { describe, expect, it } from 'vitest'
import { OVERLOAD } from '../codec/frame-layout.ts'
import { type DataType, ScanBuffer } from '../codec/index.ts'
import { ScanCounter } from './scan-counter.ts'

const RATE = 1000

/** Which scans the counter finds others missing before, and how many; all in one buffer, late by this many scans. */
function found(counter: ScanCounter, values: readonly number[], late = Number.POSITIVE_INFINITY): [number, number][] {
  const scans = new ScanBuffer(2, 64)
  scans.values.set(values, scans.capacity)
  scans.length = values.length
  const gaps: [number, number][] = []
  for (let from = 0; from < values.length; ) {
    from = counter.find(scans, from, late)
    if (from < values.length) gaps.push([from, counter.missing])
  }
  return gaps
}

const counterOf = (dataType: DataType = 'float32', scale = 3.5, offset = 0): ScanCounter =>
  new ScanCounter({ column: 1, dataType, scale, offset }, RATE)

describe('ScanCounter', () => {
  it('finds what is missing, and where', () => {
    const counter = counterOf()
    expect(found(counter, [7, 8, 9, 12, 13, 20], 9)).toEqual([
      [3, 2],
      [5, 6]
    ])
    expect(found(counter, [21, 22, 30], 7)).toEqual([[2, 7]])
  })

  it('counts on where the number begins anew', () => {
    expect(found(counterOf(), [2 ** 24 - 2, 2 ** 24 - 1, 0, 1, 5], 3)).toEqual([[4, 3]])
    expect(found(counterOf(), [2 ** 24 - 1, 2], 2)).toEqual([[1, 2]])
  })

  it('counts whole turns by the time that has passed', () => {
    expect(found(counterOf(), [5, 8], 2 + 3 * 2 ** 24 + 900)).toEqual([[1, 2 + 3 * 2 ** 24]])
  })

  for (const [dataType, bits] of [
    ['int16', 16],
    ['int24', 24]
  ] as const) {
    it(`reads ${dataType} by whatever scale and offset it has`, () => {
      const modulus = 2 ** bits
      const [scale, offset] = [Math.fround(3.5), Math.fround(-0.7)]
      const value = (number: number): number => ((number - modulus / 2) / (modulus / 2)) * OVERLOAD * scale + offset
      const numbers = [modulus - 3, modulus - 2, modulus - 1, 0, 1, 11, 12]
      expect(found(counterOf(dataType, scale, offset), numbers.map(value), 9)).toEqual([[5, 9]])
    })
  }

  it('takes one number that does not fit for damage', () => {
    const counter = counterOf()
    expect(found(counter, [1, 2, 77, 4, 5, 6.5, 7, Number.NaN, 9, 2 ** 24, 11])).toEqual([])
    expect(found(counter, [12, 13, 15], 1)).toEqual([[2, 1]])
  })

  it('does not believe that scans were measured before their time, and begins anew with numbers that go on', () => {
    const counter = counterOf()
    expect(found(counter, [1000, 1001, 3, 4, 5, 9], 0)).toEqual([[5, 3]])
  })
})
