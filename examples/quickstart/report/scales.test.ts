import { expect, it } from 'vitest'
import { labelFit } from './label-fit.ts'
import { countLabel, numberLabel } from './number-label.ts'
import { pathData } from './path-data.ts'
import type { Panel, SeriesRole } from './report.ts'
import { durationLabel, timeLabel } from './time-label.ts'
import { timeTicks } from './time-ticks.ts'
import { unitLabel } from './unit-label.ts'
import { valueScale } from './value-scale.ts'

const START = Date.UTC(2026, 0, 15, 14, 0, 0)

it('puts time ticks on round times in UTC, as fine as the chart', () => {
  expect(labels(START, 20_000)).toEqual(Array.from({ length: 11 }, (_, i) => `14:00:${String(2 * i).padStart(2, '0')}`))
  expect(labels(START + 10, 40)[0]).toBe('14:00:00.010')
  expect(labels(START, 3_600_000).slice(0, 2)).toEqual(['14:00', '14:10'])
  expect(labels(START, 8 * 86_400_000)[0]).toBe('2026-01-16')
  expect(labels(0, 4000).slice(0, 3)).toEqual(['0.0 s', '0.5 s', '1.0 s'])
  expect(timeTicks({ from: START - 500, to: START + 500 }).find(({ label }) => label === '14:00:00.0')?.at).toBe(0.5)
})

it('has ticks at round values, with the lowest and highest value inside', () => {
  const scale = valueScale(panel([-3, 17.2]))
  expect(scale.ticks.map(({ label }) => label)).toEqual(['0', '10'])
  expect(scale.at(-3)).toBeGreaterThan(0)
  expect(scale.at(17.2)).toBeLessThan(1)
  expect(scale.at(7)).toBeCloseTo((7 - scale.low) / (scale.high - scale.low))
  expect([scale.at(Number.POSITIVE_INFINITY), scale.at(Number.NEGATIVE_INFINITY)]).toEqual([1, 0])
})

it('draws one value over and over in the middle, and no value as nothing', () => {
  expect(valueScale(panel([5, 5])).at(5)).toBeCloseTo(0.5)
  expect(valueScale(panel([])).ticks.length).toBeGreaterThan(0)
})

it('takes a logarithmic axis for scores far above their limit, and only then', () => {
  const far = valueScale(panel([0, 2, 900], 'score', 6))
  expect(far.log).toBe(true)
  expect(far.at(6)).toBeGreaterThan(0.2)
  expect(far.at(0)).toBe(0)
  expect(far.ticks.map(({ label }) => label)).toEqual(['1', '10', '100', '1 000'])
  expect(valueScale(panel([0, 2, 60], 'score', 6)).log).toBe(false)
  expect(valueScale(panel([0, 2, 900], 'signal', 6)).log).toBe(false)
})

it('writes paths in whole relative steps, without the middle of level stretches, a lone scan as a dot', () => {
  const series = { name: 'a', time: [0, 1, 2, 3, 4], values: [0, 0, 0, 1, 0.5] }
  const scale = { low: 0, high: 1, log: false, at: (value: number) => value, ticks: [] }
  const path = (pieces: number[][]): string => pathData(pieces, series, { from: 0, to: 4 }, scale)
  expect(path([[0, 1, 2, 3, 4]])).toBe('M0 10000l5000 0 2500-10000 2500 5000')
  expect(path([[0], [3, 4]])).toBe('M0 10000h0M7500 0l2500 5000')
})

it('shows only labels that do not touch, fewer on a phone', () => {
  const row = (count: number) =>
    labelFit(Array.from({ length: count }, (_, i) => ({ at: i / count, text: '14:02:31' })))
  expect(row(4)).toEqual(['all', 'all', 'all', 'all'])
  expect(row(8).filter((room) => room === 'wide')).toHaveLength(4)
  expect(row(40)).toContain('none')
})

it('writes numbers, times, durations and units for people', () => {
  expect([0, -1.23456, 12_345.6, 1e7, 2.5e-5].map(numberLabel)).toEqual(['0', '−1.235', '12 346', '1e7', '2.5e−5'])
  expect([7, 1000, 1_234_567].map(countLabel)).toEqual(['7', '1 000', '1 234 567'])
  expect([350, 1200, 200_000, 7_500_000, 3_599_900].map(durationLabel)).toEqual([
    '350 ms',
    '1.2 s',
    '3 min 20 s',
    '2 h 5 min',
    '1 h'
  ])
  expect([timeLabel(START + 1234), timeLabel(START + 1234, 1000), timeLabel(1234)]).toEqual([
    '14:00:01.234',
    '14:00:01',
    '1.234 s'
  ])
  expect(['N.m', 'm/s2', 'Cel', '1', '', '{count}'].map(unitLabel)).toEqual(['N·m', 'm/s²', '°C', '', '', 'count'])
})

function labels(from: number, length: number): string[] {
  return timeTicks({ from, to: from + length }).map(({ label }) => label)
}

function panel(values: number[], role: SeriesRole = 'signal', limit?: number): Panel {
  const series = [{ name: 'a', role, time: values.map((_, i) => i), values }]
  if (limit === undefined) return { label: 'a', unit: '1', series }
  return { label: 'a', unit: '1', series: [...series, { name: 'limit', role: 'limit', time: [0], values: [limit] }] }
}
