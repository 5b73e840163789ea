import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimeParser, type TimeUnit } from './parse-time.ts'

const read = (text: string, unit: TimeUnit, point = '.'): bigint | undefined => {
  const parser = new TimeParser(unit, point.charCodeAt(0))
  const bytes = Buffer.from(text)
  if (!parser.parse(bytes, 0, bytes.length)) return undefined
  expect(parser.nanos >= 0 && parser.nanos < 1e9).toBe(true)
  return BigInt(parser.seconds) * 1_000_000_000n + BigInt(parser.nanos)
}

describe('TimeParser', () => {
  it.each<[string, TimeUnit, bigint]>([
    ['1700000000.123456789', 's', 1_700_000_000_123_456_789n],
    ['1700000000123.5', 'ms', 1_700_000_000_123_500_000n],
    ['1700000000123456.789', 'us', 1_700_000_000_123_456_789n],
    ['1700000000123456789', 'ns', 1_700_000_000_123_456_789n],
    ['12', 'ms', 12_000_000n],
    ['5', 'ns', 5n],
    ['-0.001', 's', -1_000_000n],
    ['0.0000000015', 's', 2n],
    ['0.9999999999', 's', 1_000_000_000n],
    ['1.7e9', 's', 1_700_000_000_000_000_000n],
    ['2.5E-3', 's', 2_500_000n],
    ['2026-03-02T08:14:07.310Z', 'iso', BigInt(Date.UTC(2026, 2, 2, 8, 14, 7, 310)) * 1_000_000n],
    ['2026-03-02 08:14:07.123456789', 'iso', BigInt(Date.UTC(2026, 2, 2, 8, 14, 7)) * 1_000_000n + 123_456_789n],
    ['2026-03-02T08:14+01:00', 'iso', BigInt(Date.UTC(2026, 2, 2, 7, 14)) * 1_000_000n],
    ['2026-03-02T08:14:07,5-0330', 'iso', BigInt(Date.UTC(2026, 2, 2, 11, 44, 7, 500)) * 1_000_000n],
    ['2026-03-02', 'iso', BigInt(Date.UTC(2026, 2, 2)) * 1_000_000n]
  ])('reads %s as %s', (text, unit, ns) => {
    expect(read(text, unit)).toBe(ns)
  })

  it.each<[string, TimeUnit]>([
    ['', 's'],
    ['-', 's'],
    ['.', 's'],
    ['abc', 'ms'],
    ['1.2.3', 's'],
    ['1:30', 's'],
    ['2026-02-30', 'iso'],
    ['2026-03-02T25:00', 'iso'],
    ['02.03.2026', 'iso'],
    ['99999999999999999999', 's']
  ])('refuses %j as %s', (text, unit) => {
    expect(read(text, unit)).toBeUndefined()
  })

  it('keeps every nanosecond in every unit and with a comma', () => {
    const places = { s: 9, ms: 6, us: 3, ns: 0 }
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 4n * 10n ** 18n }),
        fc.constantFrom('s', 'ms', 'us', 'ns'),
        (ns, unit) => {
          const digits = (ns < 0n ? -ns : ns).toString().padStart(places[unit] + 1, '0')
          const whole = digits.slice(0, digits.length - places[unit])
          const fraction = digits.slice(digits.length - places[unit])
          expect(read(`${ns < 0n ? '-' : ''}${whole}${fraction && `,${fraction}`}`, unit, ',')).toBe(ns)
        }
      )
    )
  })

  it('reads every date as the engine does', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(read(date.toISOString(), 'iso')).toBe(BigInt(date.getTime()) * 1_000_000n)
      })
    )
  })
})
