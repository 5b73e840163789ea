import fc from 'fast-check'
import { from, lastValueFrom, merge, of, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type AlignOptions, align, mean, observe, pushSource, when } from '../index.ts'
import type { Block } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { sliceBlock } from '../model/cut.ts'
import type { GapCause } from '../model/gap.ts'
import { Quality } from '../model/quality.ts'
import { defineStream } from '../model/stream.ts'
import type { Joint } from '../rx/joining.ts'
import { operatorSuite } from '../testing/operator-suite.ts'
import { alignedTwin, rowsOf, scansOf, type TwinRow } from './fixtures/aligned-twin.ts'

const START = 1_700_000_000_000_000_000n
const { good, uncertain, bad } = Quality

interface Spec {
  /** ns from scan to scan. */
  readonly steps: readonly number[]
  readonly start: bigint
  /** Hz; then the steps only say how many scans there are. */
  readonly rate: number | undefined
  readonly seed: number
  readonly tears: readonly number[]
  readonly cuts: readonly number[]
}

const CAUSES: readonly GapCause[] = ['lost', 'reconnect', 'rejected']

/** Blocks of one stream with holes, bad values and NaN in them. */
function streamOf(id: string, names: readonly string[], { steps, start, rate, seed, tears, cuts }: Spec): Block[] {
  const length = steps.length
  const stream = defineStream({ id, channels: names.map((name) => ({ name, unit: 'V' })), rate })
  const of = (c: number, i: number): number => (seed * 31 + c * 17 + i * 7) % 23
  const values = Float64Array.from({ length: names.length * length }, (_, at) => {
    const draw = of(Math.floor(at / length), at % length)
    return draw === 0 ? Number.NaN : draw / 3
  })
  const quality = Uint8Array.from(values, (value, at) =>
    Number.isNaN(value) ? (at % 2 ? good : bad) : at % 5 === 0 ? uncertain : good
  )
  let passed = 0
  const offsets = Float64Array.from(steps, (step, i) => (passed += i === 0 ? 0 : step))
  const clock = { start, clock: 'source', uncertainty: 0 } as const
  const time = rate === undefined ? { ...clock, offsets } : { ...clock, period: 1e9 / rate }
  const whole: Block = { stream, length, values, quality, time, origin: { split: id, position: length } }
  const torn = new Set(tears.map((at) => at % length))
  const edges = [...new Set([0, length, ...torn, ...cuts.map((at) => at % length)])].sort((a, b) => a - b)
  return edges.slice(1).map((to, i) => {
    const at = edges[i] as number
    const piece = sliceBlock(whole, at, to)
    return torn.has(at) ? { ...piece, gap: { scans: 3, cause: CAUSES[at % 3] as GapCause } } : piece
  })
}

/** All blocks, each stream in its order. */
function interleaved(streams: readonly (readonly Block[])[], turns: readonly number[]): Block[] {
  const left = streams.map((blocks) => [...blocks])
  const all: Block[] = []
  for (let i = 0; left.some((blocks) => blocks.length > 0); i += 1) {
    const open = left.filter((blocks) => blocks.length > 0)
    all.push((open[(turns[i % turns.length] as number) % open.length] as Block[]).shift() as Block)
  }
  return all
}

const specs = fc.record({
  steps: fc.array(fc.oneof(fc.integer({ min: 0, max: 40_000_000 }), fc.constant(900_000_000)), {
    minLength: 1,
    maxLength: 40,
    size: 'max'
  }),
  start: fc.bigInt(0n, 300_000_000n).map((shift) => START + shift),
  rate: fc.constantFrom(undefined, 1000 / 3, 50, 7),
  seed: fc.nat(1000),
  tears: fc.array(fc.nat(100), { maxLength: 2 }),
  cuts: fc.array(fc.nat(100), { maxLength: 6 })
})
const grids = fc.record({
  rate: fc.constantFrom(100, 30, 1000 / 7, 4, 1000),
  method: fc.constantFrom<'previous' | 'linear'>('previous', 'linear'),
  maxGapMs: fc.constantFrom(5, 50, 1000)
})
const turns = fc.array(fc.nat(6), { minLength: 1, maxLength: 20 })
const streams = { a: { x: 'V' }, b: { y: 'V', z: 'V' }, c: { x: 'V' } } as const

function joined(blocks: readonly Block[], options: AlignOptions): TwinRow[] {
  const out: Block[] = []
  align(options)(from(blocks)).subscribe((block) => void out.push(block))
  return rowsOf(out)
}

/** What was given between two restarts goes on in a joint of its own. */
function restarted(joint: Joint, options: AlignOptions, ids: readonly string[]): Joint {
  const next = align(options).joining!.open('one', () => 0)
  for (const id of ids) next.restoreOf(id, structuredClone(joint.snapshotOf(id)), id)
  next.restore(structuredClone(joint.snapshot()))
  return next
}

/** One row a line: ms since the start, then each value with a letter for its quality. */
function told(blocks: readonly Block[]): string[] {
  return rowsOf(blocks).map(({ ns, values, quality, gap }) => {
    const cells = values.map((value, c) => `${value}${'gubm'[quality[c] as number]}`)
    const hole = gap ? [`after ${gap.scans} ${gap.cause}`] : []
    return [Number(ns - START) / 1e6, ...cells, ...hole].join(' ')
  })
}

/** Scans of stream `id` at times in ms since the start. */
function scans(id: string, at: readonly number[], values: readonly number[], gap?: GapCause): Block {
  const stream = defineStream({ id, channels: [{ name: 'x', unit: 'V' }] })
  const offsets = Float64Array.from(at, (ms) => ms * 1e6)
  const time = { start: START, clock: 'source', uncertainty: 0, offsets } as const
  const origin = { split: id, position: at[at.length - 1] as number }
  const hole = gap && ({ scans: 'unknown', cause: gap } as const)
  return { stream, length: at.length, values: Float64Array.from(values), time, gap: hole, origin }
}

const pair = { a: { x: 'V' }, b: { x: 'V' } } as const
const tenth: AlignOptions<typeof pair> = { as: 'j', streams: pair, rate: 10, method: 'previous', maxGap: '1s' }
const through = (options: AlignOptions, ...blocks: Block[]): string[] => {
  const out: Block[] = []
  align(options)(from(blocks)).subscribe((block) => void out.push(block))
  return told(out)
}

describe('align', () => {
  it('equals its definition, however blocks are cut and lie between each other', { timeout: 60_000 }, () => {
    const property = fc.property(specs, specs, specs, grids, turns, (a, b, c, { rate, method, maxGapMs }, order) => {
      // the channels of b in another order than they are asked for
      const inputs = [streamOf('a', ['x'], a), streamOf('b', ['z', 'y'], b), streamOf('c', ['x'], c)]
      const options = { as: 'j', streams, rate, method, maxGap: `${maxGapMs}ms` } as const
      const wanted = inputs.map((blocks, s) => (s === 1 ? scansOf(blocks).map(flipped) : scansOf(blocks)))
      const expected = alignedTwin(wanted, { rate, method, maxGapNs: maxGapMs * 1e6 })
      expect(joined(interleaved(inputs, order), options)).toEqual(expected)
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('continues from a snapshot with the same bits, wherever it is taken', { timeout: 60_000 }, () => {
    const property = fc.property(
      specs,
      specs,
      grids,
      turns,
      fc.nat(50),
      (a, b, { rate, method, maxGapMs }, order, at) => {
        const options = { as: 'j', streams: pair, rate, method, maxGap: `${maxGapMs}ms` } as const
        const blocks = interleaved([streamOf('a', ['x'], a), streamOf('b', ['x'], b)], order)
        const whole = joined(blocks, options)
        let joint = align(options).joining!.open('one', () => 0)
        const out = blocks.flatMap((block, i) => {
          if (i === at % blocks.length) joint = restarted(joint, options, ['a', 'b'])
          joint.take(block, block.stream.id)
          return rowsOf(joint.emit())
        })
        joint.finish()
        expect(out.concat(rowsOf(joint.emit()))).toEqual(whole)
      }
    )
    fc.assert(property, { numRuns: 200 })
  })

  it('gives a snapshot that is a copy', () => {
    const joint = align(tenth).joining!.open('one', () => 0)
    joint.take(scans('a', [0, 50, 120], [1, 2, 3]), 'a')
    const taken = [joint.snapshotOf('a'), joint.snapshot()]
    const kept = structuredClone(taken)
    joint.take(scans('b', [0, 150, 350], [1, 2, 3]), 'b')
    joint.take(scans('a', [130, 500], [4, 5]), 'a')
    joint.emit()
    expect(taken).toEqual(kept)
  })

  it('holds the last value as long as it may', () => {
    const out = through(
      { ...tenth, maxGap: '150ms' },
      scans('a', [0, 100, 500], [1, 2, 3]),
      scans('b', [0, 200, 220, 500], [5, 6, 7, 8])
    )
    expect(out).toEqual(['0 1g 5g', '100 2g 5g', '200 2g 6g', '300 NaNm 7g', '500 3g 8g after 1 recording'])
  })

  it('draws a line no longer than it may be', () => {
    const options = { ...tenth, method: 'linear', maxGap: '250ms' } as const
    const out = through(
      options,
      scans('a', [0, 200, 500], [1, 3, 9]),
      scans('b', [50, 250, 450, 500], [0, 200, 100, 0])
    )
    expect(out).toEqual(['0 1g NaNm', '100 2u 50u', '200 3g 150u', '300 NaNm 175u', '400 NaNm 125u', '500 9g 0g'])
  })

  it('marks what is held over a declared hole as uncertain, and a hole of all as a gap with its cause', () => {
    const [a, b] = [scans('a', [0, 100, 200], [1, 2, 3]), scans('b', [0, 100, 200, 1500], [5, 6, 7, 8])]
    const out = through(
      { ...tenth, maxGap: '200ms' },
      a,
      b,
      scans('a', [350], [4], 'lost'),
      scans('a', [1480], [9], 'reconnect')
    )
    expect(out).toEqual([
      '0 1g 5g',
      '100 2g 6g',
      '200 3g 7g',
      '300 3u 7g',
      '400 4u 7g',
      '500 4u NaNm',
      '1500 9u 8g after 9 reconnect'
    ])
  })

  it('takes a hole of no scans, which only says how blocks came, for none', () => {
    const backFilled = (block: Block): Block => ({ ...block, gap: { scans: 0, cause: 'reconnect' } })
    const options = { ...tenth, maxGap: '250ms' } as const
    const out = through(
      options,
      scans('a', [0, 100], [1, 2]),
      scans('b', [0, 150, 1500], [5, 6, 7]),
      backFilled(scans('a', [350], [3])),
      backFilled(scans('a', [1480], [4]))
    )
    expect(out).toEqual([
      '0 1g 5g',
      '100 2g 5g',
      '200 2g 6g',
      '300 2g 6g',
      '400 3g 6g',
      '500 3g NaNm',
      '600 3g NaNm',
      '1500 4u 7g after 8 recording'
    ])
    // also where something else is missing that no block could say
    const joint = align(tenth).joining!.open('one', () => 0)
    joint.take(scans('a', [0], [1]), 'a')
    expect(() => joint.take(blockOf({ stream: 'a', channels: { y: 'V' }, rate: 10 }, { y: [1] }), 'a')).toThrow(
      RangeError
    )
    joint.take(backFilled(scans('a', [150, 300], [2, 3])), 'a')
    joint.take(scans('b', [0, 300], [2, 3]), 'b')
    expect(told(joint.emit())).toEqual(['0 1g 2g', '100 1u 2g', '200 2g 2g'])
  })

  it('waits for a stream until it was silent for `idle` while the others were heard', () => {
    let now = 0
    const joint = align(tenth).joining!.open('one', () => now)
    const given = (block: Block): string[] => {
      joint.take(block, block.stream.id)
      return told(joint.emit())
    }
    given(scans('b', [0, 100], [5, 6]))
    expect(given(scans('a', [0, 100, 200], [1, 2, 3]))).toEqual(['0 1g 5g'])
    for (let i = 3; i < 8; i += 1) {
      now += 2000
      expect(given(scans('a', [100 * i], [i]))).toEqual([])
    }
    now += 2000
    expect(given(scans('a', [800], [8]))).toEqual([
      '100 2g 6g',
      '200 3g 6u',
      '300 3g 6u',
      '400 4g 6u',
      '500 5g 6u',
      '600 6g 6u',
      '700 7g 6u'
    ])
    // what comes late counts from now on
    expect(joint.take(scans('b', [300, 650, 750], [7, 8, 9]), 'b')).toBe(2)
    expect(told(joint.emit())).toEqual([])
    expect(given(scans('b', [950], [10]))).toEqual([])
    expect(given(scans('a', [900], [9]))).toEqual(['800 8g 9g'])
  })

  it('takes no stream for silent after a pause of all', () => {
    let now = 0
    const joint = align(tenth).joining!.open('one', () => now)
    joint.take(scans('a', [0, 100], [1, 2]), 'a')
    joint.take(scans('b', [0, 100], [5, 6]), 'b')
    now += 3_600_000
    joint.take(scans('a', [200, 300], [3, 4]), 'a')
    expect(told(joint.emit())).toEqual(['0 1g 5g'])
    joint.take(scans('b', [200, 300], [7, 8]), 'b')
    expect(told(joint.emit())).toEqual(['100 2g 6g', '200 3g 7g'])
  })

  it('waits with no more than `buffer` scans, also for a stream that never comes', () => {
    const joint = align({ ...tenth, buffer: 4 }).joining!.open('one', () => 0)
    const at = Array.from({ length: 10 }, (_, i) => 100 * i)
    joint.take(scans('a', at, at), 'a')
    expect(told(joint.emit())).toEqual([
      '0 0g NaNm',
      '100 100g NaNm',
      '200 200g NaNm',
      '300 300g NaNm',
      '400 400g NaNm',
      '500 500g NaNm'
    ])
  })

  it('keeps one scan of those before the next instant, however far that is', () => {
    const joint = align({ ...tenth, rate: 0.001 }).joining!.open('one', () => 0)
    const kept = [0, 1000, 2000].map((from) => {
      const at = Array.from({ length: 1000 }, (_, i) => from + i)
      for (const id of ['a', 'b']) joint.take(scans(id, at, at), id)
      joint.emit()
      return (joint.snapshotOf('a') as { scans: { times: Float64Array } }).scans.times.length
    })
    expect(kept).toEqual([1, 1, 1])
  })

  it('counts scans that are older than what came of their stream as late, and leaves them out', () => {
    const joint = align(tenth).joining!.open('one', () => 0)
    expect(joint.take(scans('a', [0, 300], [1, 4]), 'a')).toBe(0)
    expect(joint.take(scans('a', [100, 200, 400], [2, 3, 5]), 'a')).toBe(2)
    joint.take(scans('b', [0, 500], [5, 6]), 'b')
    expect(told(joint.emit())).toEqual(['0 1g 5g', '100 1g 5g', '200 1g 5g', '300 4g 5g'])
  })

  it('keeps exact times for years, and its memory flat', () => {
    const joint = align({ ...tenth, maxGap: '1s' }).joining!.open('one', () => 0)
    const year = 365 * 86_400_000
    for (let i = 0; i < 400; i += 1) {
      const at = (year / 100) * i + 0.000001
      for (const id of ['a', 'b']) {
        const block = scans(id, [0, 100, 200], [i, i, i])
        joint.take({ ...block, time: { ...block.time, start: START + BigInt(Math.round(at * 1e6)) } }, id)
      }
      for (const { ns } of rowsOf(joint.emit())) expect(ns % 100_000_000n).toBe(0n)
    }
    expect((joint.snapshotOf('a') as { scans: { times: Float64Array } }).scans.times.length).toBeLessThan(10)
  })

  it('gives one stream for each split where they are co-partitioned', () => {
    const options = { ...tenth, coPartitioned: true }
    const of = (split: string, block: Block): Block => ({ ...block, origin: { split, position: 1 } })
    const blocks = ['p/0', 'p/1'].flatMap((split) => [
      of(split, scans('a', [0, 100], [1, 2])),
      of(split, scans('b', [0, 100], [5, 6]))
    ])
    const out: Block[] = []
    align(options)(from(blocks)).subscribe((block) => void out.push(block))
    expect(out.map(({ stream, origin }) => [stream.id, origin.split, origin.position])).toEqual([
      ['j', 'p/0', 17_000_000_000_000 / 1000],
      ['j', 'p/1', 17_000_000_000_000 / 1000],
      ['j', 'p/0', 17_000_000_001],
      ['j', 'p/1', 17_000_000_001]
    ])
  })

  it('refuses one stream of two splits', () => {
    const other: Block = { ...scans('a', [200], [3]), origin: { split: 'elsewhere', position: 1 } }
    const errors: unknown[] = []
    align(tenth)(of(scans('a', [0], [1]), other)).subscribe({ error: (error: unknown) => errors.push(error) })
    expect(String(errors[0])).toMatch(/^RangeError: align: stream 'a' comes from several splits/)
  })

  it('refuses a channel that a stream has not, and another unit, and marks what it missed', () => {
    const { joining } = align({ ...tenth, streams: { a: { x: 'V' }, b: { x: 'mV' } } })
    const joint = joining!.open('one', () => 0)
    expect(() => joint.take(scans('b', [0], [1]), 'b')).toThrow(
      new RangeError(
        "align: channel 'x' of stream 'b' has the unit 'V', streams says 'mV'; correct it, or put convert before align"
      )
    )
    const other = blockOf({ stream: 'a', channels: { y: 'V' }, rate: 10 }, { y: [1] })
    const next = align(tenth).joining!.open('one', () => 0)
    next.take(scans('a', [0], [1]), 'a')
    expect(() => next.take(other, 'a')).toThrow(/Stream 'a' has no channel 'x'; it has: y/)
    next.take(scans('a', [150, 300], [2, 3]), 'a')
    next.take(scans('b', [0, 300], [2, 3]), 'b')
    expect(told(next.emit())).toEqual(['0 1g 2g', '100 1u 2g', '200 2g 2g'])
  })

  it('leaves other streams out, and names its channels', async () => {
    const operator = align({
      as: 'j',
      streams: { 'press-3': { force: 'kN' }, oil: { p: 'bar', t: 'Cel' } },
      rate: 1,
      method: 'linear',
      maxGap: '5s'
    })
    expect(operator.adds).toEqual(['press-3.force', 'oil.p', 'oil.t'])
    const out = await lastValueFrom(of(scans('other', [0], [1])).pipe(operator, toArray()))
    expect(out).toEqual([])
  })

  it('joins live sources, behind windows too', async () => {
    const fast = pushSource({ stream: 'fast', channels: { x: 'V' } })
    const slow = pushSource({ stream: 'slow', channels: { y: 'V' } })
    for (let i = 0; i <= 40; i += 1) fast.push({ x: i }, 1000 + 50 * i)
    for (let i = 0; i <= 2; i += 1) slow.push({ y: 10 * i }, 1000 + 1000 * i)
    fast.end()
    slow.end()
    const streams = { fast: { 'x.mean': 'V' }, slow: { y: 'V' } } as const
    const smooth = observe(fast).pipe(mean({ window: '500ms', channels: ['x'] }))
    const all = merge(smooth, observe(slow)).pipe(
      align({ as: 'j', streams, rate: 2, method: 'linear', maxGap: '1s' }),
      toArray()
    )
    const rows = rowsOf(await lastValueFrom(all))
    expect(rows.map(({ values }) => values)).toEqual([
      [Number.NaN, 0],
      [4.5, 5],
      [14.5, 10],
      [24.5, 15],
      [34.5, 20],
      [40, Number.NaN]
    ])
  })

  it('does not stand inside another operator', () => {
    expect(() => when('on', align(tenth))).toThrow(
      new TypeError("when: 'align' joins streams; put it into pipe by itself")
    )
    expect(() => align(tenth).kernel(scans('a', [0], [1]).stream)).toThrow(
      /joins streams, so it stands in pipe by itself/
    )
  })

  it.each([
    [{ as: '' }, TypeError, "align: as must be the id of the joined stream, got ''"],
    [{ as: 'a' }, RangeError, "align: as must be another id than that of a stream which is joined, got 'a'"],
    [
      { streams: {} },
      TypeError,
      "align: streams must say what is joined, such as { 'press-3': { force: 'kN' } }, got {}"
    ],
    [
      { streams: { a: {} } },
      TypeError,
      "align: streams['a'] must be units by channel, such as { force: 'kN' }, got {}"
    ],
    [{ streams: { a: { x: '' } } }, TypeError, /stream 'j': channel 'a\.x' needs a unit/],
    [{ streams: { a: { 'b.c': 'V' }, 'a.b': { c: 'V' } } }, RangeError, /channel 'a\.b\.c' is named twice/],
    [{ rate: 0 }, RangeError, 'align: rate must be from 0.000001 to 1000000 instants per second (Hz), got 0'],
    [{ rate: '10' }, RangeError, "align: rate must be from 0.000001 to 1000000 instants per second (Hz), got '10'"],
    [{ method: 'sinc' }, RangeError, "align: method must be 'previous' or 'linear', got 'sinc'"],
    [{ maxGap: 5 }, RangeError, /^align: maxGap must be a span of time such as '250ms'.*got 5$/],
    [{ maxGap: '30d' }, RangeError, "align: maxGap must be longer than 0 and at most 26 days, got '30d'"],
    [{ idle: '0s' }, RangeError, "align: idle must be longer than 0 and at most 26 days, got '0s'"],
    [{ buffer: 1.5 }, RangeError, 'align: buffer must be a whole number of scans from 2 to 16777216, got 1.5'],
    [{ coPartitioned: 'yes' }, TypeError, "align: coPartitioned must be true or false, got 'yes'"]
  ])('refuses %j', (options, type, message) => {
    expect(() => align({ ...tenth, ...options } as never)).toThrow(type as ErrorConstructor)
    expect(() => align({ ...tenth, ...options } as never)).toThrow(message)
  })
})

const alone = { as: 'j', streams: { s: { a: 'A' } }, rate: 50, method: 'linear', maxGap: '1s' } as const
const why = 'it joins streams, so it has no kernel for one; align.test.ts looks at its state and its holes'
operatorSuite(
  'align',
  {
    operator: () => align(alone),
    blocks: [
      blockOf(
        { stream: 's', channels: { a: 'A' }, rate: 70 },
        { a: Array.from({ length: 300 }, (_, i) => Math.sin(i)) }
      )
    ],
    skip: { O9: why, O10: why, O11: why, O12: why, O13: why }
  },
  { describe, it }
)

function flipped<T extends { readonly values: readonly number[]; readonly quality: readonly number[] }>(scan: T): T {
  return { ...scan, values: scan.values.toReversed(), quality: scan.quality.toReversed() }
}
