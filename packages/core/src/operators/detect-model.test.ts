// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { describe, expect, it } from 'vitest'
import { KernelCell } from '../kernels/kernel-cell.ts'
import { type Block, column, fromText, toText } from '../model/index.ts'
import { detect } from './detect.ts'
import { fitted, refOf } from './fixtures/models.ts'
import { gap, pump } from './fixtures/pump.ts'
import { joined, through } from './fixtures/through.ts'
import { toEvents } from './to-events.ts'

const threshold = { raise: 3, clear: 2 }

describe('detect with a fitted model', () => {
  it('scores from the first scan on, by its own threshold, and names the model', () => {
    const limits = detect(fitted(3, ['a']), { threshold }).adds
    expect(limits).toEqual(['score', 'score.limit', 'score.flag', 'score.by.a', 'score.version'])
    const spec = fitted(3, ['a'], { threshold: undefined })
    const [bare] = through(detect(spec), [pump([6, 10])])
    expect(bare!.stream.channels.slice(2)).toEqual([
      { name: 'score', unit: '1', role: 'score' },
      { name: 'score.version', unit: '1', role: 'flag' }
    ])
    expect(joined([bare!])).toMatchObject({ score: [0, 4], 'score.version': [3, 3] })
    expect(bare!.stream.tags).toEqual({ 'score.model': 'pump' })
  })

  it('takes the threshold of the model, and the option before it', async () => {
    const { limits } = await import('../model/limits.ts')
    const spec = fitted(3, ['a'], { threshold: limits({ raise: 4 }) })
    expect(joined(through(detect(spec), [pump([6, 10, 9.5])]))).toMatchObject({
      'score.limit': [4, 4, 4],
      'score.flag': [0, 2, 0]
    })
    expect(joined(through(detect(spec, { threshold }), [pump([6, 10, 8.5])]))['score.flag']).toEqual([0, 2, 2])
  })

  it('puts name and version on events', () => {
    const blocks = [pump([6, 10, 12, 6])]
    const events = through(toEvents(), through(detect(fitted(3, ['a']), { threshold }), blocks))
    expect(events.map(({ phase, model }) => [phase, model])).toEqual([
      ['begin', 'pump@3'],
      ['end', 'pump@3']
    ])
    const each = detect(fitted(3, ['a']), { threshold, each: true })
    const own = through(toEvents({ of: 'score.a' }), through(each, blocks))
    expect(own[0]!.model).toBe('pump@3')
  })

  it('is not copied into checkpoints, and goes on', () => {
    const operator = detect(fitted(3, ['a']), { threshold })
    const cell = new KernelCell(operator, pump([1]).stream)
    cell.process(pump([10]))
    const text = toText(cell.snapshot())
    expect(text).toContain('sha256:pump-3')
    expect(text).not.toContain('sums')
    const again = new KernelCell(operator, pump([1]).stream)
    again.restore(fromText(text) as never)
    expect(column(again.process(pump([8.5], 1)) as Block, 'score.flag')).toEqual(Float64Array.of(2))
  })

  it('is a swap when another model stands in its place after a restart: the verdict stays, what it learned does not', () => {
    const cell = new KernelCell(detect(fitted(3, ['a']), { threshold, learn: 'always' }), pump([1]).stream)
    cell.process(pump([6, 7, 10]))
    const other = new KernelCell(detect(fitted(4, ['a']), { threshold, learn: 'always' }), pump([1]).stream)
    other.restore(cell.snapshot())
    const out = other.process(pump([10.5], 1)) as Block
    expect(joined([out])).toMatchObject({ score: [2.5], 'score.flag': [2], 'score.version': [4] })
  })

  it('keeps of a detector that moves along only where it stands', () => {
    let places = 0
    const moving = fitted(3, ['a'], {
      create: (used) => {
        const detector = fitted(3).create(used)
        let last = 0
        return Object.assign(Object.create(null), {
          ready: true,
          sequential: true,
          process: ({ length, values }: { length: number; values: Float64Array }, _: unknown, out: Float64Array) => {
            for (let i = 0; i < length; i += 1) {
              out[i] = Math.abs(values[i]! - last)
              last = values[i]!
            }
            return out
          },
          snapshot: () => {
            throw new Error('the whole of it')
          },
          place: () => {
            places += 1
            return { kind: 'moving', version: 1, state: last }
          },
          goTo: ({ state }: { state: number }) => {
            last = state
          },
          explain: detector.explain.bind(detector)
        })
      }
    })
    const operator = detect(moving)
    const cell = new KernelCell(operator, pump([1]).stream)
    cell.process(pump([5, 7]))
    const again = new KernelCell(operator, pump([1]).stream)
    again.restore(cell.snapshot())
    expect(column(again.process(pump([8], 1)) as Block, 'score')).toEqual(Float64Array.of(1))
    expect(places).toBe(1)
  })

  it('calibrates its threshold on a span of scores, and learns nothing', () => {
    const learned: number[] = []
    const spy = {
      kind: 'spy',
      calibrates: true,
      create: () => {
        let limit = Number.NaN
        return {
          get limit() {
            return limit
          },
          decide: (score: number) => (score >= limit ? 2 : 0) as 0 | 2,
          calibrate: (scores: Float64Array, seconds: Float64Array) => {
            learned.push(...scores, ...seconds)
            limit = Math.max(...scores) + 1
          },
          snapshot: () => ({ kind: 'spy', version: 1, state: limit })
        }
      },
      restore: () => spy.create()
    }
    const uneven = detect(fitted(3, ['a']), { learn: { scans: 2 }, threshold: spy })
    through(uneven, [pump([6, NaN, 7])])
    expect(learned.splice(0)).toEqual([0, 1, 0, 0.2])
    const operator = detect(fitted(3, ['a']), { learn: { scans: 3 }, threshold: spy })
    const blocks = [pump([6, NaN, 7]), Object.assign({}, pump([6.5, 7, 8], 1), { gap })]
    const out = joined(through(operator, blocks))
    expect(learned).toEqual([0, 1, 0.5, 0, 0.2, 1])
    expect(out).toMatchObject({
      score: [0, NaN, 1, 0.5, 1, 2],
      'score.limit': [NaN, NaN, NaN, NaN, 2, 2],
      'score.flag': [0, 0, 0, 0, 0, 2]
    })
  })

  it('refuses options that would make it learn', () => {
    expect(() => detect(fitted(3), { then: 'adapt', learn: '1s' })).toThrow(
      "detect: then needs a detector that learns here, got 'distance', which is fitted"
    )
    expect(() => detect(fitted(3), { rebase: '1s', threshold })).toThrow('rebase needs a detector that learns here')
    expect(() => detect(fitted(3), { learn: '1s', threshold })).toThrow(
      "learn must be 'never' for 'distance', which is fitted"
    )
    expect(refOf(3).version).toBe(3)
  })
})
