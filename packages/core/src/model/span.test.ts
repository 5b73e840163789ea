import { describe, expect, it } from 'vitest'
import { type Duration, durationMs, parseSpan, type Size, type Span, sizeBytes } from './span.ts'

describe('durationMs', () => {
  it.each([
    ['250ms', 250],
    ['1.5s', 1500],
    ['5min', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0s', 0]
  ] as const)('%s', (text, ms) => expect(durationMs(text, 'x')).toBe(ms))

  it.each(['1m', '5', 5, '', '-1s', '1 s', '.5s', '1e3ms', 'Infinitys', '1S', undefined, null, { scans: 3 }])(
    'refuses %j',
    (wrong) => {
      const message = `op: settle must be a span of time such as '250ms', '30s', '5min', '1h', got `
      expect(() => durationMs(wrong as Duration, 'op: settle')).toThrow(RangeError)
      expect(() => durationMs(wrong as Duration, 'op: settle')).toThrow(message)
    }
  )
})

describe('parseSpan', () => {
  it('reads times and scans', () => {
    expect(parseSpan('100ms', 'x')).toEqual({ ms: 100 })
    expect(parseSpan({ scans: 64 }, 'x')).toEqual({ scans: 64 })
  })

  it.each([
    ['1m', "'1m'"],
    [64, '64'],
    ['0ms', "'0ms'"],
    [{ scans: 0 }, '{"scans":0}'],
    [{ scans: 1.5 }, '{"scans":1.5}'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[], '[]']
  ])('refuses %j and shows it', (wrong, shown) => {
    expect(() => parseSpan(wrong as Span, 'rms: window')).toThrow(
      new RangeError(`rms: window must be a span such as '250ms', '5min' or { scans: 256 }, got ${shown}`)
    )
  })
})

describe('sizeBytes', () => {
  it.each([
    ['1B', 1],
    ['64KiB', 65_536],
    ['64MiB', 67_108_864],
    ['1.5GiB', 1_610_612_736]
  ] as const)('%s', (text, bytes) => expect(sizeBytes(text, 'x')).toBe(bytes))

  it.each(['64MB', '64', 64, '0MiB', '-1B', '', undefined])('refuses %j', (wrong) => {
    expect(() => sizeBytes(wrong as Size, 'buffer')).toThrow("buffer must be a size such as '512KiB' or '64MiB', got ")
  })
})
