import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseNumber } from './parse-number.ts'

const read = (text: string, point = '.'): number => {
  const bytes = Buffer.from(`;${text};`, 'latin1')
  return parseNumber(bytes, 1, bytes.length - 1, point.charCodeAt(0))
}

describe('parseNumber', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['42', 42],
    ['+1.5', 1.5],
    ['-.5', -0.5],
    ['5.', 5],
    ['  7\t', 7],
    ['1e3', 1000],
    ['1E-3', 0.001],
    ['0.1', 0.1],
    ['123456789012345678901', Number('123456789012345678901')],
    ['0.30000000000000004', 0.1 + 0.2],
    ['2.2250738585072011e-308', Number('2.2250738585072011e-308')],
    ['1e999', Infinity]
  ])('reads %s', (text, value) => {
    expect(read(text)).toBe(value)
  })

  it.each([
    '',
    ' ',
    '-',
    '.',
    'e5',
    '1e',
    '1e+',
    '1.2.3',
    '1 2',
    '0x10',
    '1,5',
    'NaN',
    'Infinity',
    '--1',
    '1_000',
    '１'
  ])('refuses %j', (text) => {
    expect(read(text)).toBeNaN()
  })

  it('reads every number exactly as the engine does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
        Object.is(read(String(value)), Number(String(value)))
      ),
      { numRuns: 2000 }
    )
  })

  it('reads every decimal text exactly as the engine does, with a comma too', () => {
    const digits = fc.stringMatching(/^\d{1,20}$/)
    const text = fc.tuple(
      digits,
      digits,
      fc.integer({ min: -330, max: 310 }),
      fc.boolean(),
      fc.constantFrom('', '-', '+')
    )
    fc.assert(
      fc.property(text, ([whole, fraction, exponent, scientific, sign]) => {
        const written = `${sign}${whole}.${fraction}${scientific ? `e${exponent}` : ''}`
        const value = Number(written)
        expect(read(written)).toBe(value)
        expect(read(written.replace('.', ','), ',')).toBe(value)
      }),
      { numRuns: 2000 }
    )
  })
})
