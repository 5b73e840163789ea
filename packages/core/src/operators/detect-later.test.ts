import fc from 'fast-check'
import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { KernelCell } from '../kernels/kernel-cell.ts'
import { type AsyncKernel, type Block, fromText, toText } from '../model/index.ts'
import type { Operator } from '../rx/operator.ts'
import { detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { type LaterOptions, later } from './fixtures/models.ts'
import { gap, pump, uneven } from './fixtures/pump.ts'
import { anyCut, cutUp, joined, through } from './fixtures/through.ts'

const threshold = { raise: 3, clear: 2 }

async function later$(operator: Operator, blocks: readonly Block[]): Promise<Block[]> {
  return lastValueFrom(from(blocks).pipe(operator, toArray()))
}

const model = (options: LaterOptions = {}) => later(3, { channels: ['a'], ...options })

describe('detect with a detector that answers later', () => {
  it('adds what the synchronous one adds, but for bands', async () => {
    const operator = detect(model(), { threshold })
    expect(operator.adds).toEqual(['score', 'score.limit', 'score.flag', 'score.by.a', 'score.version'])
    const [out] = await later$(operator, [pump([6, 10, 8.5, NaN, 6])])
    expect(out!.stream.channels.slice(2).map(({ name, role }) => [name, role])).toEqual([
      ['score', 'score'],
      ['score.limit', 'limit'],
      ['score.flag', 'flag'],
      ['score.by.a', 'contribution'],
      ['score.version', 'flag']
    ])
    expect(joined([out!])).toMatchObject({
      score: [0, 4, 2.5, NaN, 0],
      'score.flag': [0, 2, 2, 2, 0],
      'score.by.a': [NaN, 4, 2.5, NaN, NaN],
      'score.version': [3, 3, 3, 3, 3]
    })
  })

  it('gives the bits of the synchronous one', async () => {
    const values = Array.from({ length: 100 }, (_, i) => 6 + 5 * Math.sin(i))
    const { fitted } = await import('./fixtures/models.ts')
    const now = fitted(3, ['a'])
    const options = { threshold: { raise: 3, clear: 2, delay: '200ms' }, explain: 'all' } as const
    const expected = joined(through(detect(now, options), [pump(values)]))
    const out = joined(await later$(detect(model(), options), cutUp([pump(values)], [7, 3])))
    for (const [name, column] of Object.entries(out)) expect([name, column]).toEqual([name, expected[name]])
  })

  it('puts the scans before in front, none across a gap', async () => {
    const operator = detect(model({ lookBack: 2 }))
    const blocks = [pump([6, 7]), pump([8, 9], 0.2), Object.assign({}, pump([6, 6, 8], 1), { gap })]
    expect(joined(await later$(operator, blocks)).score).toEqual([NaN, NaN, 3, 6, NaN, NaN, 2])
  })

  it('gives the scans before their times', async () => {
    const seen: (number | readonly number[])[] = []
    const spy = model({
      changes: {
        create: () => ({
          lookBack: 2,
          score: async ({ seconds, length }) => {
            seen.push(typeof seconds === 'number' ? seconds : Array.from(seconds))
            return new Float64Array(length)
          }
        })
      }
    })
    await later$(detect(spy), [pump([1, 2]), pump([3], 0.2)])
    await later$(detect(spy), [uneven([1, 2], [0, 50]), uneven([3], [70])])
    expect(seen).toEqual([0.1, 0.1, [0, 0.05], [0, 0.05, 0.07]])
  })

  it('gives the same bits however its input is cut, and from any snapshot', async () => {
    const anyValues = fc.array(fc.constantFrom(0, 6, 7, 9.5, 12, Number.NaN), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(anyValues, anyCut, fc.nat(), async (values, cut, stop) => {
        const operator = detect(model({ lookBack: 3 }), { threshold: { raise: 9, clear: 4, delay: '200ms' } })
        const whole = joined(await later$(operator, [pump(values)]))
        const pieces = cutUp([pump(values)], cut)
        const out: Block[] = []
        let cell = new KernelCell(operator, pump([1]).stream)
        for (const [i, piece] of pieces.entries()) {
          if (i === stop % pieces.length) {
            const text = toText(cell.snapshot())
            cell = new KernelCell(operator, pump([1]).stream)
            cell.restore(fromText(text) as never)
          }
          cell.enter(piece)
          const kernel = cell.kernel as unknown as AsyncKernel
          out.push((await kernel.process(piece, new AbortController().signal)) as Block)
        }
        expect(joined(out)).toEqual(whole)
      }),
      { numRuns: 60 }
    )
  })

  it('opens once for all streams of the same channels, and closes at the end', async () => {
    const spec = model()
    const other = {
      ...pump([6], 1),
      stream: (await import('../model/index.ts')).defineStream({ ...pump([1]).stream, id: 'pump-2' })
    }
    await later$(detect(spec), [pump([6]), other, pump([7], 2)])
    await new Promise((resolve) => setTimeout(resolve))
    expect(spec.log).toEqual(['open', 'close'])
    expect(spec.open.count).toBe(0)
  })

  it('says what it cannot do', async () => {
    expect(() => detect(model(), { learn: 'always' } as never)).toThrow(
      "learn 'always' needs a detector that learns here"
    )
    expect(() => detect(model(), { minChange: 1, threshold } as never)).toThrow(
      "detect: minChange needs a detector that answers at once, got 'later', which answers later"
    )
    expect(() => detect(model(), { as: '' } as never)).toThrow('as must be a non-empty string')
    const short = model({ changes: { create: () => ({ lookBack: 0, score: async () => new Float64Array(1) }) } })
    await expect(later$(detect(short), [pump([1, 2])])).rejects.toThrow("'later' must give one score a scan, 2, got 1")
    await expect(later$(detect(later(3, { channels: ['x'] })), [pump([1])])).rejects.toThrow("no channel 'x'")
    expect(distance().kind).toBe('distance')
  })
})
