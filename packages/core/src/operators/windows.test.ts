import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KernelCell } from '../kernels/kernel-cell.ts'
import { type Block, timeNs } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { sliceBlock } from '../model/cut.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import { Quality } from '../model/quality.ts'
import type { Span } from '../model/span.ts'
import { defineStream } from '../model/stream.ts'
import { mean } from './mean.ts'
import { rms } from './rms.ts'

interface Row {
  readonly ns: bigint
  readonly values: number[]
  readonly quality: number[]
  readonly position: number
}

function rowsOf(emission: Emission): Row[] {
  const blocks = emission === undefined ? [] : Array.isArray(emission) ? emission : [emission as Block]
  return (blocks as Block[]).flatMap((block) =>
    Array.from({ length: block.length }, (_, i) => ({
      ns: timeNs(block, i),
      values: block.stream.channels.map((_, c) => block.values[c * block.length + i] as number),
      quality: block.stream.channels.map((_, c) => block.quality?.[c * block.length + i] ?? 0),
      position: block.origin.positions?.[i] ?? block.origin.position
    }))
  )
}

function run(kernel: Kernel, blocks: readonly Block[]): Row[] {
  return blocks.flatMap((block) => rowsOf(kernel.process(block))).concat(rowsOf(kernel.flush?.()))
}

function cut(block: Block, at: readonly number[]): Block[] {
  const edges = [...new Set([0, ...at.map((edge) => edge % block.length), block.length])].sort((a, b) => a - b)
  return edges.slice(1).map((to, i) => sliceBlock(block, edges[i] as number, to))
}

function even(values: number[], rate: number, start: bigint, phase = 0): Block {
  const { length } = values
  const stream = defineStream({ id: 's', channels: [{ name: 'a', unit: 'V' }], rate })
  const time = { start, clock: 'device', uncertainty: 0, period: 1e9 / rate, phase } as const
  const positions = Float64Array.from(values, (_, i) => i + 100)
  return {
    stream,
    length,
    values: Float64Array.from(values),
    time,
    origin: { split: 's', position: length + 99, positions }
  }
}

function events(values: number[], offsets: number[], start: bigint): Block {
  const { length } = values
  const stream = defineStream({ id: 'e', channels: [{ name: 'a', unit: 'V' }] })
  const time = { start, clock: 'source', uncertainty: 0, offsets: Float64Array.from(offsets) } as const
  const positions = Float64Array.from(values, (_, i) => i + 100)
  return {
    stream,
    length,
    values: Float64Array.from(values),
    time,
    origin: { split: 's', position: length + 99, positions }
  }
}

const meanOf = (values: number[]): number => {
  const good = values.filter((value) => !Number.isNaN(value))
  return good.reduce((sum, value) => sum + value, 0) / good.length
}

/** The definition, scan by scan, in whole 1024ths of a ns. `cells` are middles of the scans' cells; `p` is 0 for events. */
function naive(
  block: Block,
  cells: bigint[],
  p: bigint,
  size: bigint,
  hop: bigint
): { end: bigint; scans: number[] }[] {
  const found: { end: bigint; scans: number[] }[] = []
  const [first, last] = [cells[0] as bigint, cells[cells.length - 1] as bigint]
  for (let k = (first - p) / hop - 2n; k * hop <= last; k += 1n) {
    const [start, end] = [k * hop, k * hop + size]
    const complete = start >= first - p && (p === 0n || last + p >= end)
    const scans = Array.from(block.values).flatMap((_, i) =>
      (cells[i] as bigint) >= start && (cells[i] as bigint) < end ? [i] : []
    )
    if (complete && scans.length > 0) found.push({ end: end / 1024n, scans })
  }
  return found
}

function expectLike(rows: Row[], block: Block, windows: { end: bigint; scans: number[] }[]): void {
  expect(rows.map((row) => row.ns)).toEqual(windows.map(({ end }) => end))
  expect(rows.map((row) => row.position)).toEqual(windows.map(({ scans }) => (scans[scans.length - 1] as number) + 100))
  for (const [w, { scans }] of windows.entries()) {
    const expected = meanOf(scans.map((i) => block.values[i] as number))
    if (Number.isNaN(expected)) expect(rows[w]?.values[0]).toBeNaN()
    else expect(rows[w]?.values[0]).toBeCloseTo(expected, 9)
  }
}

const START = 1_700_000_000_000_000_000n
const value = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -999, max: 999 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) }
)
const cuts = fc.array(fc.nat(500), { maxLength: 12, size: 'max' })

describe('windows', () => {
  it('equal their definition on an even time axis, however it is cut', () => {
    const ms = fc.integer({ min: 2, max: 60 })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200, size: 'max' }),
        fc.constantFrom(1000, 3000, 1024, 512, 48000 / 7),
        fc.bigInt(0n, 2_000_000_000n),
        ms,
        ms,
        cuts,
        (values, rate, shift, size, hop, at) => {
          const block = even(values, rate, START + shift)
          const kernel = (): Kernel =>
            mean({ window: `${size}ms`, hop: `${hop}ms`, channels: ['a'] }).kernel(block.stream)
          const period = Math.round((1e9 / rate) * 1024)
          const cells = values.map(
            (_, i) => (START + shift) * 1024n + BigInt(Math.round(((i + 513 / 1024) * 1e9 * 1024) / rate))
          )
          const scale = 1_000_000n * 1024n
          const rows = run(kernel(), [block])
          expectLike(rows, block, naive(block, cells, BigInt(period), BigInt(size) * scale, BigInt(hop) * scale))
          expect(run(kernel(), cut(block, at))).toEqual(rows)
        }
      )
    )
  })

  it('equal their definition on events, however they are cut', () => {
    const steps = fc.array(fc.tuple(value, fc.integer({ min: 0, max: 40_000_000 })), {
      minLength: 1,
      maxLength: 120,
      size: 'max'
    })
    const ms = fc.integer({ min: 1, max: 90 })
    fc.assert(
      fc.property(steps, ms, ms, cuts, (scans, size, hop, at) => {
        let passed = 0
        const offsets = scans.map(([, step]) => (passed += step))
        const block = events(
          scans.map(([x]) => x),
          offsets,
          START
        )
        const kernel = (): Kernel =>
          mean({ window: `${size}ms`, hop: `${hop}ms`, channels: ['a'] }).kernel(block.stream)
        const cells = offsets.map((offset) => (START + BigInt(offset)) * 1024n)
        const scale = 1_000_000n * 1024n
        const rows = run(kernel(), [block])
        expectLike(rows, block, naive(block, cells, 0n, BigInt(size) * scale, BigInt(hop) * scale))
        expect(run(kernel(), cut(block, at))).toEqual(rows)
      })
    )
  })

  it('in scans equal their definition, with a rate on the grid of the epoch and without from the first scan', () => {
    const count = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200, size: 'max' }),
        fc.boolean(),
        fc.nat(5000),
        count,
        count,
        cuts,
        (values, rated, shift, size, hop, at) => {
          const block = rated
            ? even(values, 1000, START + BigInt(shift) * 1_000_000n)
            : events(
                values,
                values.map((_, i) => i * i),
                START
              )
          const kernel = (): Kernel =>
            mean({ window: { scans: size }, hop: { scans: hop }, channels: ['a'] }).kernel(block.stream)
          const first = rated ? Number(START / 1_000_000n) + shift : 0
          const windows = []
          for (let start = Math.ceil(first / hop) * hop; start + size <= first + values.length; start += hop) {
            const scans = Array.from({ length: size }, (_, i) => start + i - first)
            const last = timeNs(block, start + size - 1 - first)
            windows.push({ end: rated ? last + 1_000_000n : last, scans })
          }
          const rows = run(kernel(), [block])
          expectLike(rows, block, windows)
          expect(run(kernel(), cut(block, at))).toEqual(rows)
        }
      )
    )
  })

  it('leave with the scan that completes them', () => {
    const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 1000 }, { a: new Array(100).fill(1) })
    const kernel = rms({ window: '50ms' }).kernel(block.stream)
    expect(kernel.process(sliceBlock(block, 0, 49))).toBeUndefined()
    expect(rowsOf(kernel.process(sliceBlock(block, 49, 50)))).toMatchObject([{ ns: 50_000_000n, values: [1] }])
  })

  it('keep their size when times of a fractional period are rounded to the ns', () => {
    const kernel = rms({ window: '50ms' }).kernel(
      defineStream({ id: 's', channels: [{ name: 'a', unit: 'V' }], rate: 3000 })
    )
    const blocks = Array.from({ length: 400 }, (_, b) => {
      const block = even(new Array(7).fill(1), 3000, START + BigInt(Math.round((b * 7e9) / 3000)))
      return {
        ...block,
        quality: undefined,
        origin: { split: 's', position: b * 7 + 6, positions: Float64Array.from({ length: 7 }, (_, i) => b * 7 + i) }
      }
    })
    const rows = blocks.flatMap((block) => rowsOf(kernel.process(block)))
    expect(rows.map((row) => row.position)).toEqual(Array.from({ length: 18 }, (_, w) => w * 150 + 149))
  })

  it('have an even axis from the start, at the ends of the windows', () => {
    const block = even(new Array(1000).fill(2), 1000, START + 30_000_000n)
    const out = rms({ window: '100ms', hop: '50ms' }).kernel(block.stream).process(block) as Block
    expect(out.stream.rate).toBe(20)
    expect(out.time).toMatchObject({ start: START + 150_000_000n, period: 5e7, clock: 'device' })
    expect(out.length).toBe(18)
  })

  it('are apart where scans are missing, and uncertain where a held hole lies in them', () => {
    const [a, b] = [even(new Array(75).fill(1), 1000, START), even(new Array(125).fill(3), 1000, START + 175_000_000n)]
    const held = { ...b, gap: { scans: 100, cause: 'lost' } } as const
    const cell = new KernelCell(rms({ window: '50ms', onGap: 'hold' }), a.stream)
    const [first, second] = [cell.process(a), cell.process(held)]
    expect(rowsOf(first).map((row) => row.ns - START)).toEqual([50_000_000n])
    expect((second as Block[]).map((block) => block.gap)).toEqual([undefined, { scans: 1, cause: 'lost' }])
    expect(rowsOf(second).map(({ ns, values, quality }) => [Number(ns - START) / 1e6, values[0], quality[0]])).toEqual([
      [100, 1, Quality.uncertain],
      [200, 3, Quality.uncertain],
      [250, 3, Quality.good],
      [300, 3, Quality.good]
    ])
  })

  it('reset at a hole unless told to hold it', () => {
    const [a, b] = [even(new Array(75).fill(1), 1000, START), even(new Array(125).fill(3), 1000, START + 175_000_000n)]
    const cell = new KernelCell(rms({ window: '50ms' }), a.stream)
    cell.process(a)
    const out = cell.process({ ...b, gap: { scans: 100, cause: 'lost' } }) as Block
    expect(rowsOf(out).map(({ ns }) => Number(ns - START) / 1e6)).toEqual([250, 300])
    expect(out.gap).toEqual({ scans: 3, cause: 'lost' })
  })

  it('start anew when time runs backwards', () => {
    const block = even(new Array(60).fill(1), 1000, START)
    const kernel = rms({ window: '50ms' }).kernel(block.stream)
    kernel.process(block)
    const back = even(new Array(60).fill(2), 1000, START - 1_000_000_000n)
    expect(rowsOf(kernel.process(back))).toMatchObject([{ ns: START - 950_000_000n, values: [2] }])
  })

  it('stay exact after days and before 1970', () => {
    const far = rms({ window: '50ms' }).kernel(even([1], 1000, 0n).stream)
    const days = [-1n, 0n, 1n, 50n].map((day) =>
      even(new Array(60).fill(1), 1000, day * 86_400_000_000_000n - 10_000_000n)
    )
    const times = days.flatMap((block) =>
      rowsOf(far.process(block)).map(({ ns, quality }) => [ns % 50_000_000n, quality[0]])
    )
    expect(times).toEqual(
      [
        [0n, 0],
        [0n, 1],
        [0n, 0],
        [0n, 1],
        [0n, 0],
        [0n, 1],
        [0n, 0]
      ].slice(0, times.length)
    )
    expect(times.length).toBeGreaterThan(3)
  })

  it('leave NaN out, and say so', () => {
    const block = even([1, Number.NaN, 3, Number.NaN, Number.NaN, Number.NaN, 5, 5, 5], 1000, 0n)
    const quality = Uint8Array.of(0, 3, 0, 3, 3, 3, 0, 1, 0)
    const rows = rowsOf(
      mean({ window: '3ms' })
        .kernel(block.stream)
        .process({ ...block, quality })
    )
    expect(rows.map(({ values, quality }) => [values[0], quality[0]])).toEqual([
      [2, Quality.uncertain],
      [Number.NaN, Quality.missing],
      [5, Quality.uncertain]
    ])
  })

  it('are uncertain where a value is, however they are cut', () => {
    const marks = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1), { minLength: 40, maxLength: 120, size: 'max' })
    fc.assert(
      fc.property(marks, cuts, (quality, at) => {
        const block = { ...even(new Array(quality.length).fill(1), 1000, 0n), quality: Uint8Array.from(quality) }
        const kernel = (): Kernel => mean({ window: '9ms', hop: '4ms', channels: ['a'] }).kernel(block.stream)
        const rows = run(kernel(), [block])
        const expected = rows.map((_, w) => Math.max(...quality.slice(w * 4, w * 4 + 9)))
        expect(rows.map((row) => row.quality[0])).toEqual(expected)
        expect(run(kernel(), cut(block, at))).toEqual(rows)
      })
    )
  })

  it('are exact to the ns a year later in the same kernel', () => {
    const kernel = mean({ window: '1.000001ms', channels: ['a'] }).kernel(even([1], 1e6, 0n).stream)
    const hop = 1_000_001n
    for (const start of [START, START + 365n * 86_400_000_000_000n]) {
      const rows = rowsOf(kernel.process(even(new Array(5000).fill(1), 1e6, start)))
      expect(rows.length).toBeGreaterThan(2)
      expect(rows.map(({ ns }) => ns % hop)).toEqual(rows.map(() => 0n))
    }
  })

  it('give the open window of events at the end of data, as uncertain', () => {
    const block = events([1, 2, 3], [0, 10e6, 60e6], 0n)
    expect(run(mean({ window: '50ms' }).kernel(block.stream), [block])).toMatchObject([
      { ns: 50_000_000n, values: [1.5], quality: [Quality.good] },
      { ns: 100_000_000n, values: [3], quality: [Quality.uncertain] }
    ])
  })

  it('continue from a snapshot with the same bits', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 2, maxLength: 200, size: 'max' }),
        fc.nat(),
        fc.boolean(),
        (values, at, timed) => {
          const block = even(values, 1000, START + 12_000_000n)
          const edge = 1 + (at % (values.length - 1))
          const window: Span = timed ? '20ms' : { scans: 20 }
          const kernel = (): Kernel =>
            rms({ window, hop: timed ? '5ms' : { scans: 5 }, channels: ['a'] }).kernel(block.stream)
          const [one, two] = [kernel(), kernel()]
          const before = rowsOf(one.process(sliceBlock(block, 0, edge)))
          two.restore?.(structuredClone(one.snapshot?.()))
          one.process(sliceBlock(block, edge))
          expect(before.concat(rowsOf(two.process(sliceBlock(block, edge))))).toEqual(run(kernel(), [block]))
        }
      )
    )
  })

  it('refuse a foreign snapshot', () => {
    const { stream } = even([1], 1000, 0n)
    const snapshot = mean({ window: '20ms' }).kernel(stream).snapshot?.()
    expect(() => rms({ window: '20ms' }).kernel(stream).restore?.(snapshot)).toThrow(/windows of rms.*windows of mean/)
  })

  it.each([
    [{ window: '1m' }, "rms: window must be a span such as '250ms', '5min' or { scans: 256 }, got '1m'"],
    [
      { window: '1s', hop: { scans: 3 } },
      'rms: hop must be of the same kind as window (a span of time), got {"scans":3}'
    ],
    [{ window: '365d' }, 'rms: window must be from 1 ns to 104 days, got "365d"']
  ])('refuse %j at call time', (options, message) => {
    expect(() => rms(options as never)).toThrow(new RangeError(message))
  })

  it('refuse a window shorter than a scan, and unknown channels, at the first block', () => {
    const { stream } = even([1], 10, 0n)
    expect(() => rms({ window: '50ms' }).kernel(stream)).toThrow(
      'rms: window of 50 ms holds less than one scan at 10 Hz'
    )
    expect(() => rms({ window: '1s', channels: ['b'] }).kernel(stream)).toThrow(
      "Stream 's' has no channel 'b'; it has: a"
    )
  })
})

it('marks windows of back-fill as such', () => {
  const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4, 5, 6, 7, 8, 9] })
  const old: Block = { ...block, origin: { ...block.origin, historical: true } }
  const outOf = (input: Block): Emission =>
    rms({ window: { scans: 4 }, channels: ['a'] })
      .kernel(input.stream)
      .process(input)
  expect((outOf(old) as Block).origin.historical).toBe(true)
  expect('historical' in (outOf(block) as Block).origin).toBe(false)
})
