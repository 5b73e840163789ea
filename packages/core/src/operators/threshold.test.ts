import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, blockOf, Quality } from '../model/index.ts'
import { anyCut, cutUp, joined, through } from './fixtures/through.ts'
import { threshold } from './threshold.ts'

const block = (pressure: readonly number[]): Block<'pressure'> =>
  blockOf({ stream: 'pump-1', channels: { current: 'A', pressure: 'bar' }, rate: 10 }, { current: pressure, pressure })

describe('threshold', () => {
  it('adds the limit in the unit of the channel and the flag', () => {
    const [out] = through(threshold({ of: 'pressure', raise: 6, clear: 4, warn: 5 }), [block([3, 5, 6, NaN, 4, 3])])
    expect(out!.stream.channels.slice(2)).toEqual([
      { name: 'pressure.limit', unit: 'bar', role: 'limit' },
      { name: 'pressure.flag', unit: '1', role: 'flag' }
    ])
    expect(joined([out!])).toMatchObject({
      pressure: [3, 5, 6, NaN, 4, 3],
      'pressure.limit': [6, 6, 6, 6, 6, 6],
      'pressure.flag': [0, 1, 2, 2, 2, 0]
    })
  })

  it('names what it needs and adds', () => {
    const { id, needs, adds, onGap } = threshold({ of: 'pressure', raise: 6 })
    expect({ id, needs, adds, onGap }).toEqual({
      id: 'threshold',
      needs: ['pressure'],
      adds: ['pressure.limit', 'pressure.flag'],
      onGap: 'hold'
    })
  })

  it('keeps quality; what it adds is good', () => {
    const quality = Uint8Array.of(0, 0, Quality.bad, Quality.uncertain)
    const [out] = through(threshold({ of: 'pressure', raise: 6 }), [{ ...block([NaN, 7]), quality }])
    expect(out!.quality).toEqual(Uint8Array.of(0, 0, Quality.bad, Quality.uncertain, 0, 0, 0, 0))
    expect(through(threshold({ of: 'pressure', raise: 6 }), [block([1])])[0]!.quality).toBeUndefined()
  })

  it('starts the delay anew at a gap and keeps the flag', () => {
    const gap = { scans: 5, cause: 'lost' } as const
    const blocks = [block([7, 7]), { ...block([7, 7, 7, 7]), gap }, { ...block([7, 1]), gap }]
    const late = blocks.map(
      (one, i): Block => ({ ...one, time: { ...one.time, start: BigInt(i) * 10n ** 9n } as Block['time'] })
    )
    const out = through(threshold({ of: 'pressure', raise: 6, delay: '300ms' }), late)
    expect(joined(out)['pressure.flag']).toEqual([0, 0, 0, 0, 0, 2, 2, 0])
    expect(out[1]!.gap).toEqual(gap)
  })

  it('gives the same for any cutting, and from a snapshot at any place', () => {
    const values = fc.array(fc.constantFrom(0, 4, 5, 6, 7, NaN), { minLength: 1, maxLength: 60 })
    const op = threshold({ of: 'pressure', raise: 6, clear: 4, warn: 5, delay: '200ms' })
    fc.assert(
      fc.property(values, anyCut, (pressure, cut) => {
        const whole = joined(through(op, [block(pressure)]))
        const pieces = cutUp([block(pressure)], cut)
        expect(joined(through(op, pieces))).toEqual(whole)
        let kernel = op.kernel(pieces[0]!.stream)
        const resumed = pieces.map((piece) => {
          const state = structuredClone(kernel.snapshot!())
          kernel = op.kernel(piece.stream)
          kernel.restore!(state)
          return kernel.process(piece) as Block
        })
        expect(joined(resumed)).toEqual(whole)
      })
    )
  })

  it('refuses wrong options and streams', () => {
    expect(() => threshold({ of: 'pressure', raise: NaN })).toThrow('threshold: raise must be a finite number, got NaN')
    expect(() => threshold({ raise: 6 } as never)).toThrow(
      new TypeError('threshold: of must name a channel, got undefined')
    )
    expect(() => through(threshold({ of: 'presure', raise: 6 }) as never, [block([1])])).toThrow(
      "Stream 'pump-1' has no channel 'presure'; it has: current, pressure"
    )
    const twice = threshold({ of: 'pressure', raise: 6 })
    expect(() => through(twice, through(twice, [block([1])]))).toThrow(
      "threshold: stream 'pump-1' already has a channel 'pressure.limit'"
    )
  })
})
