import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockOf, type DriftSpec, format } from '../model/index.ts'
import { drift } from './drift.ts'
import { anyCut, cutUp, through } from './fixtures/through.ts'

/** A drift at every third value above 5; counts what it was given. */
function thirdHigh(seen = 0): DriftSpec {
  const make = (count: number) => ({
    update(value: number) {
      if (!(value > 5)) return undefined
      count += 1
      return count % 3 === 0 ? { statistic: value, limit: 5, before: count } : undefined
    },
    snapshot: () => ({ kind: 'third-high', version: 1, state: count })
  })
  return { kind: 'third-high', create: () => make(seen), restore: ({ state }) => make(state as number) }
}

const values = [6, 1, 7, 8, 2, 9, Number.NaN, 6, 7, 1]
const block = blockOf({ stream: 's', channels: { p: 'bar' }, rate: 10 }, { p: values })

describe('drift', () => {
  it('sends one event a drift, at the scan that shows it', () => {
    const [one, two, ...rest] = through(drift(thirdHigh(), { of: 'p' }), [block])
    expect(rest).toEqual([])
    expect(one).toStrictEqual({
      id: 's/p.drift/300000000',
      kind: 'drift',
      phase: 'end',
      stream: 's',
      rule: 'p',
      start: 300,
      end: 300,
      score: 8,
      limit: 5,
      origin: { split: 's', position: block.origin.position },
      data: { test: 'third-high', before: 3 }
    })
    expect(two?.start).toBe(800)
    expect(format(one!, { utc: true })).toContain('s: drift: p ')
  })

  it('gives the same events for any cutting into blocks', () => {
    const whole = through(drift(thirdHigh(), { of: 'p' }), [block]).map(({ id }) => id)
    fc.assert(
      fc.property(anyCut, (sizes) => {
        expect(through(drift(thirdHigh(), { of: 'p' }), cutUp([block], sizes)).map(({ id }) => id)).toEqual(whole)
      })
    )
  })

  it('goes on from a snapshot', () => {
    const operator = drift(thirdHigh(), { of: 'p' })
    const [first, second] = cutUp([block], [5])
    const [kernel, restored] = [operator.kernel(block.stream), operator.kernel(block.stream)]
    kernel.process(first!)
    restored.restore?.(structuredClone(kernel.snapshot?.()))
    expect(restored.process(second!)).toEqual(kernel.process(second!))
  })

  it('refuses what is no test, and a channel that is not there', () => {
    expect(() => drift(undefined as unknown as DriftSpec)).toThrow(
      'drift: needs a drift test such as adwin(), got undefined'
    )
    expect(() => drift(thirdHigh(), { of: '' })).toThrow('drift: of must name a channel, got ')
    expect(() => drift(thirdHigh(), { of: 'q' }).kernel(block.stream)).toThrow("no channel 'q'")
  })
})
