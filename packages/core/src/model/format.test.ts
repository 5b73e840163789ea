import { describe, expect, it } from 'vitest'
import type { MeasurementEvent } from './event.ts'
import { format } from './format.ts'

const start = Date.UTC(2026, 0, 1, 14, 2, 31, 999)
const pressure = { value: 4.2, unit: 'bar', lower: 2.9, upper: 3.3 }
const current = { value: 11.98, unit: 'A', lower: 11.5, upper: 12.5 }

function event(parts: Partial<MeasurementEvent> = {}): MeasurementEvent {
  const origin = { split: 'pump-1', position: 1 }
  return {
    id: 'pump-1/score/0',
    kind: 'anomaly',
    phase: 'begin',
    stream: 'pump-1',
    rule: 'score',
    start,
    origin,
    ...parts
  }
}

function text(parts: Partial<MeasurementEvent>): string {
  return format(event(parts), { utc: true })
}

const both = { contributions: { current: 0.72, pressure: 7.28 }, values: { current, pressure } }

describe('an anomaly', () => {
  it('reads as the guide says', () => {
    expect(text({ ...both, phase: 'end', end: start + 350, score: 8 })).toBe(
      '14:02:31 pump-1: pressure 4.2 bar (normal 2.9..3.3), 91 % of the score, for 350 ms'
    )
  })

  it('has no duration before its end, nor when it has none', () => {
    const begun = '14:02:31 pump-1: pressure 4.2 bar (normal 2.9..3.3), 91 % of the score'
    expect(text({ ...both, end: start + 350 })).toBe(begun)
    expect(text({ ...both, phase: 'end' })).toBe(begun)
    expect(text({ ...both, phase: 'end', end: start })).toBe(begun)
  })

  it('needs no share where there is one channel', () => {
    expect(text({ contributions: { pressure: 8 }, values: { pressure } })).toBe(
      '14:02:31 pump-1: pressure 4.2 bar (normal 2.9..3.3)'
    )
  })

  it.each([
    ['the larger share', { a: 1, b: 2 }, 'b, 67 % of the score'],
    ['the first of equal shares', { a: 1, b: 1 }, 'a, 50 % of the score'],
    ['no share of nothing', { a: 0, b: 0 }, 'a, score 8 (limit 6)'],
    ['what is not NaN', { a: Number.NaN, b: 2 }, 'b, 100 % of the score'],
    ['the only channel', { a: 3 }, 'a, score 8 (limit 6)']
  ])('without values takes %s', (_, contributions, said) => {
    expect(text({ contributions, score: 8, limit: 6 })).toBe(`14:02:31 pump-1: ${said}`)
  })

  it.each([
    ['half a band', { value: 4, unit: 'bar', upper: 3.3 }, 'p 4 bar (normal up to 3.3)'],
    ['the other half', { value: 2, unit: 'bar', lower: 2.9 }, 'p 2 bar (normal from 2.9)'],
    ['no band', { value: 4.25, unit: 'bar' }, 'p 4.25 bar'],
    ['no unit', { value: 4.256, unit: '1' }, 'p 4.26'],
    ['a unit for people', { value: 80, unit: 'Cel', lower: -5, upper: 60 }, 'p 80 °C (normal -5..60)'],
    [
      'more digits near its band',
      { value: 3.3004, unit: 'N.m', lower: 2.9, upper: 3.3 },
      'p 3.3004 N·m (normal 2.9..3.3)'
    ],
    ['no value', { value: Number.NaN, unit: 'bar', lower: 2.9, upper: 3.3 }, 'p has no value (normal 2.9..3.3)'],
    ['nothing at all', { value: Number.NaN, unit: 'bar' }, 'p has no value']
  ])('shows a value with %s', (_, p, said) => {
    expect(text({ contributions: { p: 1 }, values: { p } })).toBe(`14:02:31 pump-1: ${said}`)
  })

  it('does not compare a channel with the limit of a score', () => {
    expect(text({ contributions: { p: 8, q: 0 }, values: { p: { value: 4, unit: 'V' } }, score: 8, limit: 6 })).toBe(
      '14:02:31 pump-1: p 4 V, 100 % of the score'
    )
  })

  it('names the score when there is nothing else', () => {
    expect(text({ score: 8.123, limit: 6 })).toBe('14:02:31 pump-1: score 8.12 (limit 6)')
    expect(text({ score: 6.001, limit: 6 })).toBe('14:02:31 pump-1: score 6.001 (limit 6)')
    expect(text({ score: 8.123 })).toBe('14:02:31 pump-1: score 8.12')
    expect(text({ rule: 'phase-loss', score: Number.NaN })).toBe('14:02:31 pump-1: phase-loss')
    expect(text({})).toBe('14:02:31 pump-1: score')
  })

  it('says when it is a drift', () => {
    expect(text({ kind: 'drift', rule: 'pressure', values: { pressure } })).toBe(
      '14:02:31 pump-1: drift: pressure 4.2 bar (normal 2.9..3.3)'
    )
  })
})

describe('a threshold', () => {
  it.each([
    [7.1, 6, 'pressure 7.1 bar, above the limit of 6 bar'],
    [5.1, 6, 'pressure 5.1 bar, below the limit of 6 bar'],
    [6, 6, 'pressure 6 bar, at the limit of 6 bar'],
    [6.0004, 6, 'pressure 6.0004 bar, above the limit of 6 bar'],
    [7.1, undefined, 'pressure 7.1 bar'],
    [7.1, Number.NaN, 'pressure 7.1 bar']
  ])('at %s with limit %s', (value, limit, said) => {
    const values = { current, pressure: { value, unit: 'bar' } }
    expect(text({ rule: 'pressure', limit, values })).toBe(`14:02:31 pump-1: ${said}`)
    expect(text({ rule: 'pressure', limit, values, phase: 'end', end: start + 2000 })).toBe(
      `14:02:31 pump-1: ${said}, for 2 s`
    )
  })
})

describe('a notice', () => {
  it.each([
    ['restarted', 'restarted'],
    [{ text: 'cable broken' }, 'cable broken'],
    [{ message: 'cable broken' }, 'cable broken'],
    [{ scans: 1000, cause: 'lost' }, 'gap of 1000 scans (lost)'],
    [{ scans: 1, cause: 'lost' }, 'gap of 1 scan (lost)'],
    [{ scans: 'unknown', cause: 'reconnect' }, 'gap of unknown length (reconnect)'],
    [{ scans: 3 }, 'sensor'],
    [{ text: '' }, 'sensor'],
    ['', 'sensor'],
    [undefined, 'sensor'],
    [null, 'sensor'],
    [7, 'sensor']
  ])('of %j', (data, said) => {
    expect(text({ kind: 'notice', rule: 'sensor', data, values: { pressure } })).toBe(`14:02:31 pump-1: ${said}`)
  })

  it('lasts, when it does', () => {
    expect(text({ kind: 'notice', data: 'paused', phase: 'end', end: start + 60_000 })).toBe(
      '14:02:31 pump-1: paused, for 1 min'
    )
  })
})

describe('times', () => {
  it.each([
    [0.25, '0.25 ms'],
    [1, '1 ms'],
    [349.7, '350 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1234, '1.23 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [65_000, '1 min 5 s'],
    [3_599_600, '1 h'],
    [5_400_000, '1 h 30 min'],
    [86_399_000, '1 d'],
    [86_400_000 * 3.5, '3 d 12 h']
  ])('%s ms last %s', (ms, said) => {
    expect(text({ phase: 'end', end: start + ms })).toBe(`14:02:31 pump-1: score, for ${said}`)
  })

  it('are local unless UTC is asked for', () => {
    const local = new Date(start)
    const two = (n: number): string => String(n).padStart(2, '0')
    expect(format(event())).toBe(
      `${two(local.getHours())}:${two(local.getMinutes())}:${two(local.getSeconds())} pump-1: score`
    )
    expect(text({ start: Date.UTC(2026, 0, 1, 0, 5, 9) })).toBe('00:05:09 pump-1: score')
    expect(text({ start: Number.NaN })).toBe('--:--:-- pump-1: score')
  })
})
