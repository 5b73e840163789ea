import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Block,
  blockOf,
  defineStream,
  type MeasurementEvent,
  sliceBlock,
  type TimeAxis,
  timeNs
} from '../model/index.ts'
import { detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { anyCut, cutUp, through } from './fixtures/through.ts'
import { threshold } from './threshold.ts'
import { toEvents } from './to-events.ts'

const gap = { scans: 5, cause: 'lost' } as const

/** A watched channel with its flag, 10 Hz. */
function flagged(flags: readonly number[], values: readonly number[] = flags, start = 0): Block<'p' | 'p.flag'> {
  return blockOf(
    { stream: 's', channels: { p: 'bar', 'p.flag': '1' }, rate: 10, start },
    { p: values, 'p.flag': flags }
  )
}

const spans = (blocks: readonly Block[]): (number | undefined)[][] =>
  through(toEvents({ of: 'p' }), blocks)
    .filter(({ phase }) => phase === 'end')
    .map(({ start, peak, end }) => [start, peak, end])

describe('toEvents', () => {
  it('sends the beginning at once and the end with the peak', () => {
    const values = [3, 3, 3, 6, 9, 8, 3]
    const block = blockOf(
      { stream: 'pump-1', channels: { a: 'bar', b: 'A' }, rate: 10, start: 1_700_000_000_000 },
      { a: values, b: [1, 1, 1, 2, 1, 1, 1] }
    )
    const scored = through(detect(distance(), { learn: { scans: 2 }, threshold: { raise: 3, clear: 2 } }), [block])
    const [begin, end, ...rest] = through(toEvents({ model: 'pumps@7' }), scored)
    expect(rest).toEqual([])
    expect(begin).toStrictEqual({
      id: 'pump-1/score/1700000000300000000',
      kind: 'anomaly',
      phase: 'begin',
      stream: 'pump-1',
      rule: 'score',
      start: 1_700_000_000_300,
      score: 4,
      limit: 3,
      contributions: { a: 3, b: 1 },
      values: { a: { value: 6, unit: 'bar', lower: 0, upper: 6 }, b: { value: 2, unit: 'A', lower: -2, upper: 4 } },
      model: 'pumps@7',
      origin: { split: 'pump-1', position: 6 }
    })
    expect(end).toStrictEqual({
      id: 'pump-1/score/1700000000300000000',
      kind: 'anomaly',
      phase: 'end',
      stream: 'pump-1',
      rule: 'score',
      start: 1_700_000_000_300,
      peak: 1_700_000_000_400,
      end: 1_700_000_000_600,
      score: 6,
      limit: 3,
      contributions: { a: 6, b: 0 },
      values: { a: { value: 9, unit: 'bar', lower: 0, upper: 6 }, b: { value: 1, unit: 'A', lower: -2, upper: 4 } },
      model: 'pumps@7',
      origin: { split: 'pump-1', position: 6 }
    })
    expect(JSON.parse(JSON.stringify(end))).toEqual(end)
  })

  it('sends the value of the channel for a threshold, and its smallest on the low side', () => {
    const block = blockOf({ stream: 's', channels: { p: 'bar' }, rate: 10 }, { p: [5, 2, 1, 2.5, 4] })
    const low = through(toEvents({ of: 'p' }), through(threshold({ of: 'p', raise: 2, clear: 3 }), [block]))
    expect(low.map(({ values, limit, score, peak }) => ({ values, limit, score, peak }))).toEqual([
      { values: { p: { value: 2, unit: 'bar' } }, limit: 2 },
      { values: { p: { value: 1, unit: 'bar' } }, limit: 2, peak: 200 }
    ])
    const steep = blockOf({ stream: 's', channels: { p: 'bar' }, rate: 10 }, { p: [1.5, 1, 2.5] })
    const last = through(toEvents({ of: 'p' }), through(threshold({ of: 'p', raise: 2, clear: 3 }), [steep])).at(-1)
    expect(last).toMatchObject({ peak: 100 })
  })

  it('tells the side of a value right at the limit by where it came from', () => {
    const peak = (p: readonly number[], clear: number, cut: readonly number[]) => {
      const block = blockOf({ stream: 's', channels: { p: 'bar' }, rate: 10 }, { p })
      const events = through(
        toEvents({ of: 'p' }),
        through(threshold({ of: 'p', raise: 6, clear }), cutUp([block], cut))
      )
      return events.at(-1)!.values!.p!.value
    }
    for (const cut of [[9], [1]]) {
      expect(peak([5, 6, 5.5, 7, 4], 5, cut)).toBe(7)
      expect(peak([8, 6, 6.5, 5, 8], 7, cut)).toBe(5)
    }
  })

  it('sends score and limit only for a threshold on a score, without shares', () => {
    const block = blockOf({ stream: 's', channels: { p: 'bar' }, rate: 10 }, { p: [1, 1, 1, 5] })
    const scored = through(threshold({ of: 'score', raise: 3 }), through(detect(distance(['p'])), [block]))
    const [begin] = through(toEvents(), scored)
    expect(begin).toMatchObject({ score: 4, limit: 3 })
    expect(begin).not.toHaveProperty('values')
    expect(begin).not.toHaveProperty('contributions')
  })

  it('leaves out what is not finite', () => {
    const [begin] = through(toEvents({ of: 'p' }), [flagged([2], [NaN])])
    expect(begin).not.toHaveProperty('values')
    expect(begin).not.toHaveProperty('limit')
  })

  it('begins at flag 2, ends below, and keeps what NaN says', () => {
    expect(spans([flagged([NaN, 0, 1, 2, NaN, 2, 1, 2, 0])])).toEqual([
      [300, 300, 600],
      [700, 700, 800]
    ])
    expect(spans([flagged([0, 1, NaN])])).toEqual([])
  })

  it('ends an open event at the end of the data', () => {
    const [, end] = through(toEvents({ of: 'p' }), [flagged([0, 2, 2], [1, 6, 7])])
    expect(end).toMatchObject({ phase: 'end', start: 100, peak: 200, end: 300, data: { endedBy: 'end of data' } })
    const offsets = Float64Array.of(0, 1e8, 5e8)
    const uneven: TimeAxis = { start: 0n, clock: 'source', uncertainty: 0, offsets }
    const stream = defineStream({ id: 's', channels: flagged([0]).stream.channels })
    const [, last] = through(toEvents({ of: 'p' }), [{ ...flagged([0, 2, 2]), stream, time: uneven }])
    expect(last).toMatchObject({ end: 500 })
  })

  it('ends an open event before a gap, and begins another one behind it', () => {
    const blocks = [
      flagged([0, 2], [0, 6]),
      { ...flagged([2, 0], [8, 0], 5000), gap },
      { ...flagged([0], [0], 9000), gap }
    ]
    const events = through(toEvents({ of: 'p' }), blocks)
    expect(events.map(({ id, phase, end, data }) => [id, phase, end, data])).toEqual([
      ['s/p/100000000', 'begin', undefined, undefined],
      ['s/p/100000000', 'end', 200, { endedBy: 'gap' }],
      ['s/p/5000000000', 'begin', undefined, undefined],
      ['s/p/5000000000', 'end', 5100, undefined]
    ])
    expect(events[1]!.origin).toEqual({ split: 's', position: 1 })
  })

  it('names the position of the scan where scans have one', () => {
    const origin = { split: 'k/0', position: 13, positions: Float64Array.of(10, 11, 12, 13) }
    const events = through(toEvents({ of: 'p' }), [{ ...flagged([0, 2, 2, 0]), origin }])
    expect(events.map((event) => event.origin)).toEqual([
      { split: 'k/0', position: 11 },
      { split: 'k/0', position: 13 }
    ])
    const open = through(toEvents({ of: 'p' }), [{ ...flagged([0, 2, 2, 2]), origin }])
    expect(open.at(-1)!.origin).toEqual({ split: 'k/0', position: 13 })
  })

  it('leaves out what does not last, and tells of the rest once it has', () => {
    const flags = [0, 2, 2, 0, 2, 2, 2, 2, 0, 2]
    const values = [0, 5, 6, 0, 3, 9, 4, 10, 0, 1]
    const operator = toEvents({ of: 'p', minLength: '200ms' })
    const whole = through(operator, [flagged(flags, values)])
    expect(
      whole.map(({ id, phase, start, peak, end, values: shown }) => [id, phase, start, peak, end, shown!.p!.value])
    ).toEqual([
      ['s/p/400000000', 'begin', 400, undefined, undefined, 9],
      ['s/p/400000000', 'end', 400, 700, 800, 10]
    ])
    expect(whole[0]!.origin).toEqual({ split: 's', position: 9 })
    for (const cut of [[1], [2, 3], [6, 1]]) {
      expect(through(operator, cutUp([flagged(flags, values)], cut)).map(timeless)).toEqual(whole.map(timeless))
    }
    const block = flagged([2, 2], [1, 2], 5000)
    expect(through(operator, [flagged([2, 2]), { ...block, gap }])).toEqual([])
    expect(() => toEvents({ minLength: 5 as never })).toThrow('toEvents: minLength must be a span of time')
  })

  it('says what is missing', () => {
    const scored = through(detect(distance()), [
      blockOf({ stream: 'pump-1', channels: { a: 'bar' }, rate: 1 }, { a: [1] })
    ])
    expect(() => through(toEvents(), scored)).toThrow(
      new RangeError(
        "toEvents: stream 'pump-1' has no channel 'score.flag': give detect a threshold, or use threshold({ of: 'score', raise: .. }) first"
      )
    )
    expect(() => through(toEvents({ of: 'q' }) as never, [flagged([0])])).toThrow("Stream 's' has no channel 'q'")
    expect(() => toEvents({ of: '' })).toThrow(new TypeError('toEvents: of must name a channel, got '))
    expect(() => toEvents({ model: '' })).toThrow(new TypeError('toEvents: model must be a non-empty string, got '))
  })
})

/** Cut blocks have positions of their own. */
function timeless({ origin: _, ...event }: MeasurementEvent): unknown {
  return event
}

interface Scan {
  readonly flag: number
  readonly value: number
}

/** Events as one would find them by looking at all of the data: runs of scans between gaps. */
function naive(runs: readonly { readonly scans: readonly Scan[]; readonly block: Block }[]): unknown[] {
  return runs.flatMap(({ scans, block }, r) => {
    const found: unknown[] = []
    let from = -1
    scans.forEach(({ flag }, i) => {
      const isOpen = from >= 0
      if (!isOpen && flag === 2) from = i
      if (isOpen && flag < 2) {
        found.push(found_(scans, block, from, i))
        from = -1
      }
    })
    if (from < 0) return found
    const endedBy = r === runs.length - 1 ? 'end of data' : 'gap'
    return found.concat([[...found_(scans, block, from, scans.length), endedBy]])
  })
}

function found_(scans: readonly Scan[], block: Block, from: number, to: number): unknown[] {
  let peak = from
  for (let i = from; i < to; i += 1) if (scans[i]!.value > scans[peak]!.value) peak = i
  return [timeNs(block, from), timeNs(block, peak), timeNs(block, to), scans[peak]!.value]
}

function seen({ phase, id, peak, end, values, data }: MeasurementEvent): unknown[] {
  if (phase === 'begin') return []
  const ns = (ms: number) => BigInt(Math.round(ms * 1e6))
  const { endedBy } = (data ?? {}) as { endedBy?: string }
  const facts = [BigInt(id.split('/')[2]!), ns(peak!), ns(end!), values!.p!.value]
  return [endedBy === undefined ? facts : facts.concat(endedBy as never)]
}

describe('toEvents: any cutting, any restart', () => {
  const scan = fc.record<Scan>({ flag: fc.constantFrom(0, 1, 2, 2, 2, NaN), value: fc.integer({ min: 1, max: 9 }) })
  const data = fc.array(fc.array(scan, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 }).map((parts) =>
    parts.map((scans, r) => {
      const flags = scans.map(({ flag }) => flag)
      const block = flagged(
        flags,
        scans.map(({ value }) => value),
        r * 60_000
      )
      return { scans, block: r === 0 ? block : { ...block, gap } }
    })
  )

  it('finds what a look at the whole finds', () => {
    fc.assert(
      fc.property(data, (runs) => {
        const blocks = runs.map(({ block }) => block)
        expect(through(toEvents({ of: 'p' }), blocks).flatMap(seen)).toEqual(naive(runs))
      })
    )
  })

  it('gives the same events', () => {
    fc.assert(
      fc.property(data, anyCut, fc.bigInt({ min: 0n, max: 2_000_000_000_000_000_000n }), (runs, cut, start) => {
        const rate = 2999
        const blocks = runs.map(({ block }, r): Block => {
          const time = {
            start: start + BigInt(r) * 10n ** 9n,
            clock: 'source',
            uncertainty: 0,
            period: 1e9 / rate
          } as const
          return { ...block, time }
        })
        const whole = through(toEvents({ of: 'p' }), blocks)
        expect(through(toEvents({ of: 'p' }), cutUp(blocks, cut))).toEqual(whole)
      })
    )
  })

  it('gives the same events from a snapshot between any two blocks', () => {
    fc.assert(
      fc.property(data, anyCut, (runs, cut) => {
        const operator = toEvents({ of: 'p' })
        const blocks = runs.map(({ block }) => block)
        const pieces = cutUp(blocks, cut)
        let kernel = operator.kernel(pieces[0]!.stream)
        const resumed = pieces.flatMap((piece) => {
          const state = structuredClone(kernel.snapshot!())
          kernel = operator.kernel(piece.stream)
          kernel.restore!(state)
          return kernel.process(piece)
        })
        expect(resumed.concat(kernel.flush!())).toEqual(through(operator, blocks))
      })
    )
  })

  it('a snapshot is a copy, and what was sent stays as it was', () => {
    const kernel = toEvents({ of: 'p' }).kernel(flagged([0]).stream)
    const [begin] = kernel.process(flagged([2, 2], [5, 6]))
    const sent = structuredClone(begin)
    const state = kernel.snapshot!()
    const before = structuredClone(state)
    kernel.process(sliceBlock(flagged([2, 2], [7, 9]), 0, 2))
    expect(state).toEqual(before)
    expect(begin).toEqual(sent)
  })
})
