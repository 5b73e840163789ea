import { detect, limits, pushSource } from '@messwerk/core'
import { type Batch, type Block, blockOf, type Source } from '@messwerk/core/model'
import { robustZ } from '@messwerk/detectors'
import { describe, expect, it } from 'vitest'
import { type BacktestOptions, backtest, type Chain } from './backtest.ts'

const chain: Chain = (threshold) => [detect(robustZ({ channels: ['p'] }), { learn: { scans: 100 }, threshold })]

/** 1 Hz; quiet but for the spikes: value at scan. A gap at `gapAt`. */
function recording(spikes: Readonly<Record<number, number>>, scans = 1000, gapAt?: number): Source<'p' | 'truth'> {
  const p = Float64Array.from({ length: scans }, (_, i) => spikes[i] ?? (i % 2 === 0 ? 1 : -1))
  const truth = Float64Array.from(p, (_, i) => Number(Math.abs(spikes[i] ?? 0) >= 50))
  const blocks: Block<'p' | 'truth'>[] = []
  for (let from = 0; from < scans; from += 90) {
    const to = Math.min(scans, from + 90)
    const block = blockOf(
      { stream: 's', channels: { p: 'bar', truth: '1' }, rate: 1, start: from * 1000 },
      { p: p.subarray(from, to), truth: truth.subarray(from, to) }
    )
    blocks.push(from === gapAt ? { ...block, gap: { scans: 0, cause: 'lost' } } : block)
  }
  return {
    id: 'recording',
    replay: 'position',
    async *read(): AsyncGenerator<Batch<'p' | 'truth'>> {
      for (const [position, block] of blocks.entries()) yield { split: 'recording', position, blocks: [block] }
    }
  }
}

const only = (options: BacktestOptions): BacktestOptions => ({ levels: 0, ...options })

describe('backtest', () => {
  it('counts alarms of each threshold in scored time', async () => {
    const source = recording({ 200: 20, 400: 60, 401: 60, 600: -70 })
    const report = await backtest(
      source,
      chain,
      only({ thresholds: [10, { raise: 30, clear: 20 }, limits({ raise: 500 })] })
    )
    expect([report.scans, report.scored, report.seconds]).toEqual([1000, 900, 900])
    expect(report.thresholds.map(({ name, alarms }) => [name, alarms])).toEqual([
      ['10', 3],
      ['30 (clears at 20)', 2],
      ['limits', 0]
    ])
    const [first] = report.thresholds
    expect(first!.alarmsPerWeek).toBeCloseTo((3 * 604_800) / 900, 9)
    expect(first!.inAlarm).toBeCloseTo(4 / 900, 9)
    expect(first!.limit).toBe(10)
    expect(first!.events.map(({ start, end }) => [start, end])).toEqual([
      [200_000, 201_000],
      [400_000, 402_000],
      [600_000, 601_000]
    ])
    expect(first!.labels).toBeUndefined()
  })

  it('holds alarms against a channel of truth', async () => {
    const report = await backtest(
      recording({ 50: 60, 200: 20, 400: 60, 401: 60, 600: -90 }),
      chain,
      only({ thresholds: [10, 50], labels: 'truth' })
    )
    const [low, high] = report.thresholds
    // the label at 50 is within what was learned from
    expect(low!.labels!.map(({ label, delay }) => [label.start, label.end, delay])).toEqual([
      [400_000, 401_000, 0],
      [600_000, 600_000, 0]
    ])
    expect([low!.recall, low!.precision, low!.falseAlarms, low!.medianDelay]).toEqual([1, 2 / 3, 1, 0])
    expect([high!.recall, high!.precision, high!.falseAlarms]).toEqual([0.5, 1, 0])
    expect(report.text()).toEqual([
      'Threshold 10: 3 alarms, 2020 a week; 2 of 2 labels found, median delay 0 s; 1 false alarm, 672 a week',
      'Threshold 50: 1 alarm, 672 a week; 1 of 2 labels found, median delay 0 s; 0 false alarms, 0 a week'
    ])
  })

  it('takes spans of time as labels, with delays and a tolerance', async () => {
    const source = recording({ 400: 60, 600: 60 })
    const labels = [
      { start: 590_000, end: 595_000, name: 'late' },
      { start: 380_000, end: 500_000 },
      { start: 380_000, end: 500_000, stream: 'another' }
    ]
    const strict = (await backtest(source, chain, only({ thresholds: [10], labels }))).thresholds[0]!
    expect(strict.labels!.map(({ delay }) => delay)).toEqual([20, undefined])
    const lenient = await backtest(source, chain, only({ thresholds: [10], labels, tolerance: '5s' }))
    expect(lenient.thresholds[0]!.labels!.map(({ delay }) => delay)).toEqual([20, 10])
    expect(lenient.thresholds[0]!.medianDelay).toBe(15)
    expect(lenient.thresholds[0]!.falseAlarms).toBe(0)
  })

  it('does not count the time of a gap', async () => {
    const report = await backtest(recording({}, 1000, 540), chain, only({ thresholds: [10] }))
    expect(report.seconds).toBe(900)
    expect(report.thresholds[0]!.alarms).toBe(0)
    expect(report.thresholds[0]!.alarmsPerWeek).toBe(0)
  })

  it('draws a curve that falls, up to the highest score', async () => {
    const report = await backtest(recording({ 200: 20, 300: 30, 400: 60, 600: -70 }), chain, {
      levels: 8,
      labels: 'truth'
    })
    const alarms = report.curve.map((one) => one.alarms)
    expect(report.curve.length).toBeGreaterThan(4)
    expect(alarms).toEqual(alarms.toSorted((a, b) => b - a))
    expect(alarms.at(0)).toBeGreaterThan(1)
    const page = report.html()
    expect(page).toContain('<svg')
    expect(page).toContain('alarms a week')
    expect(page).not.toContain('NaN')
  })

  it('writes a page in which names are text', async () => {
    const report = await backtest(
      recording({ 400: 60 }),
      chain,
      only({ thresholds: [10], title: '<script>alert(1)</script>' })
    )
    expect(report.html()).not.toContain('<script>')
    expect(report.html()).toContain('1970-01-01T00:06:40.000Z')
  })

  it('throws what an operator or the source throws', async () => {
    await expect(backtest(recording({}), chain, only({ thresholds: [10], of: 'other' }))).rejects.toThrow(/other/)
    await expect(backtest(recording({}), chain, only({ thresholds: [10], labels: 'nothing' }))).rejects.toThrow(
      /nothing/
    )
    const never: Chain = (threshold) => [detect(robustZ({ channels: ['p'] }), { learn: { scans: 1 }, threshold })]
    await expect(backtest(recording({}), never, only({ thresholds: [10] }))).rejects.toThrow(/learn/)
  })

  it('refuses wrong options', async () => {
    const source = pushSource({ stream: 's', channels: { p: 'bar' } })
    await expect(backtest(source, chain, { levels: -1 })).rejects.toThrow(
      /levels must be a whole number from 0 to 200, got -1/
    )
    await expect(backtest(source, chain, { levels: 0 })).rejects.toThrow(/thresholds must name at least one/)
    await expect(backtest(source, chain, { labels: [{ start: 5, end: 3 }] })).rejects.toThrow(
      /labels\[0\] must end at or after/
    )
    source.end()
  })
})
