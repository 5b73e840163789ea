import { BehaviorSubject, from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { KernelCell } from '../kernels/kernel-cell.ts'
import { type AsyncKernel, type Block, fromText, type MeasurementEvent, toText } from '../model/index.ts'
import { batchOf, collecting, scans } from '../pipeline/fixtures/test-doubles.ts'
import { pipeline } from '../pipeline/flow.ts'
import type { Operator } from '../rx/operator.ts'
import type { Agreement } from './agreement.ts'
import { AgreementCounts } from './agreement.ts'
import type { AnyModel } from './detect.ts'
import { fitted, later } from './fixtures/models.ts'
import { pump } from './fixtures/pump.ts'
import { cutUp, joined } from './fixtures/through.ts'
import { rankCorrelation } from './rank-correlation.ts'
import { shadow } from './shadow.ts'
import { toEvents } from './to-events.ts'

const threshold = { raise: 3 }
const all = (operator: Operator, blocks: readonly Block[]): Promise<Block[]> =>
  lastValueFrom(from(blocks).pipe(operator, toArray()))

describe('shadow', () => {
  it('lets the current model decide, and scores with both', async () => {
    const operator = shadow(fitted(1, ['a']), later(2, { channels: ['a'] }), { threshold })
    const [out] = await all(operator, [pump([2, 4, 6, 7, NaN])])
    expect(out!.stream.tags).toEqual({ 'score.model': 'pump', 'candidate.model': 'pump' })
    expect(joined([out!])).toMatchObject({
      score: [0, 2, 4, 5, NaN],
      'score.flag': [0, 0, 2, 2, 2],
      'score.version': [1, 1, 1, 1, 1],
      candidate: [2, 0, 2, 3, NaN],
      'candidate.limit': [3, 3, 3, 3, 3],
      'candidate.flag': [0, 0, 0, 2, 2],
      'candidate.version': [2, 2, 2, 2, 2]
    })
  })

  it('reports every span, however the input is cut, and over a restart', async () => {
    const values = Array.from({ length: 25 }, (_, i) => (i * 7) % 9)
    const reports: Agreement[][] = []
    for (const cut of [[25], [1], [4, 3]]) {
      const told: Agreement[] = []
      const operator = shadow(fitted(1, ['a']), fitted(2, ['a']), {
        threshold,
        every: '1s',
        report: (agreement) => told.push(agreement)
      })
      let cell = new KernelCell(operator, pump([1]).stream)
      for (const piece of cutUp([pump(values)], cut)) {
        await (cell.kernel as unknown as AsyncKernel).process(piece, new AbortController().signal)
        const text = toText(cell.snapshot())
        cell = new KernelCell(operator, pump([1]).stream)
        cell.restore(fromText(text) as never)
      }
      reports.push(told)
    }
    expect(reports[1]).toEqual(reports[0])
    expect(reports[2]).toEqual(reports[0])
    const flags = (center: number) => values.slice(0, 10).map((value) => Math.abs(value - center) >= 3)
    const [one, two] = [flags(2), flags(4)]
    expect(reports[0]).toHaveLength(2)
    expect(reports[0]![0]).toEqual({
      stream: 'pump-1',
      current: 'pump@1',
      candidate: 'pump@2',
      start: 0,
      end: 900,
      scans: 10,
      both: one.filter((flag, i) => flag && two[i]).length,
      onlyCurrent: one.filter((flag, i) => flag && !two[i]).length,
      onlyCandidate: two.filter((flag, i) => flag && !one[i]).length,
      agreed: one.filter((flag, i) => flag === two[i]).length / 10,
      largestDifference: 2,
      rankCorrelation: rankCorrelation(
        Float64Array.from(values.slice(0, 10), (value) => Math.abs(value - 2)),
        Float64Array.from(values.slice(0, 10), (value) => Math.abs(value - 4))
      )
    })
  })

  it('reports where the current model changes, and to event sinks; a candidate that is promoted agrees', async () => {
    const models = new BehaviorSubject<AnyModel>(fitted(1))
    const candidate = fitted(2)
    const events: MeasurementEvent[] = []
    const run = pipeline('p')
      .from({
        id: 'steps',
        replay: 'none',
        async *read() {
          for (let i = 0; i < 8; i += 1) {
            if (i === 4) models.next(candidate)
            yield batchOf(scans(i === 7 ? 4000 : i, [i]))
          }
        }
      })
      .pipe(shadow(models, candidate, { every: '1s' }))
      .events(toEvents(), { write: async (items) => void events.push(...items) })
      .start()
    await run.done
    expect(events.map(({ kind, rule, data }) => [kind, rule, data])).toMatchObject([
      ['notice', 'shadow', { current: 'pump@1', scans: 4, largestDifference: 2 }],
      ['notice', 'shadow', { current: 'pump@2', scans: 3, agreed: 1, largestDifference: 0, rankCorrelation: 1 }]
    ])
  })

  it('goes on without a candidate that fails, and says so once', async () => {
    const broken = later(2, { wait: () => Promise.reject(new Error('out of memory')) })
    const events: MeasurementEvent[] = []
    const sink = collecting()
    const run = pipeline('p')
      .from({
        id: 'steps',
        replay: 'none',
        async *read() {
          for (let i = 0; i < 3; i += 1) yield batchOf(scans(i, [2]))
        }
      })
      .pipe(shadow(fitted(1), broken, { threshold }))
      .to(sink)
      .events(toEvents(), { write: async (items) => void events.push(...items) })
      .start()
    await run.done
    expect(joined(sink.blocks)).toMatchObject({ score: [0, 0, 0], candidate: [NaN, NaN, NaN] })
    expect(events.map(({ rule, data }) => [rule, data])).toEqual([['shadow', { failed: true, why: 'out of memory' }]])
  })

  it('says which argument is wrong', () => {
    expect(() => shadow(fitted(1), { ...fitted(2), model: undefined })).toThrow('shadow: candidate must be a fitted')
    expect(() => shadow({} as AnyModel, fitted(2))).toThrow('shadow: current must be a fitted detector')
    expect(() => shadow(fitted(1), fitted(2), { every: '0s' })).toThrow('shadow: every must be longer than no time')
  })
})

describe('AgreementCounts', () => {
  it('keeps at most 1024 pairs, evenly spread', () => {
    const counts = new AgreementCounts()
    for (let i = 0; i < 10_000; i += 1) counts.add(i, 1, i, 0, -i, 0)
    const { pairs, stride } = counts.snapshot()
    expect(stride).toBe(16)
    const kept = Array.from(pairs.subarray(0, pairs.length / 2))
    expect(kept).toEqual(Array.from({ length: 625 }, (_, i) => 16 * i))
    expect(counts.agreement('s', 'a@1', 'b@1')).toMatchObject({ rankCorrelation: -1, scans: 10_000, agreed: 1 })
  })
})

describe('rankCorrelation', () => {
  it('shares ranks between equal values', () => {
    // scipy.stats.spearmanr([1, 2, 2, 3, 5], [2, 1, 4, 4, 5]) = 0.763...
    expect(rankCorrelation(Float64Array.of(1, 2, 2, 3, 5), Float64Array.of(2, 1, 4, 4, 5))).toBeCloseTo(
      0.763157894736842
    )
    expect(rankCorrelation(Float64Array.of(1, 1), Float64Array.of(1, 2))).toBeNaN()
  })
})
