import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { arbitraryBlock } from '../testing/arbitrary-block.ts'
import { cuttings } from '../testing/cuttings.ts'
import { blockBytes, column, timeNs, timeOf } from './block.ts'
import { blockOf } from './block-builder.ts'
import { axisNs, nsOfMs, sliceAxis } from './time-axis.ts'

const block = blockOf(
  { stream: 'pump', channels: { a: 'V', b: 'A' }, rate: 10, start: 1_700_000_000_000 },
  { a: [1, 2], b: [3, 4] }
)

it('gives a column as a view', () => {
  expect(column(block, 'b')).toEqual(Float64Array.of(3, 4))
  expect(column(block, 'b').buffer).toBe(block.values.buffer)
  expect(() => column(block as never, 'c' as never)).toThrow("Stream 'pump' has no channel 'c'; it has: a, b")
})

it('tells times in ms and ns', () => {
  expect([timeOf(block), timeOf(block, 1)]).toEqual([1_700_000_000_000, 1_700_000_000_100])
  expect([timeNs(block), timeNs(block, 1)]).toEqual([1_700_000_000_000_000_000n, 1_700_000_000_100_000_000n])
})

it('counts what it holds', () => {
  expect(blockBytes(block)).toBe(400 + 4 * 8)
  const full = {
    ...block,
    quality: new Uint8Array(4),
    time: { start: 0n, clock: 'source', uncertainty: 0, offsets: new Float64Array(2) },
    origin: { split: 's', position: 1, positions: new Float64Array(2) }
  } as const
  expect(blockBytes(full)).toBe(400 + 4 * 8 + 4 + 2 * 8 + 2 * 8)
})

it('tells the same ms in every bit, however a block is cut', () => {
  const cut = arbitraryBlock().chain((whole) => fc.tuple(fc.constant(whole), cuttings(whole)))
  fc.assert(
    fc.property(cut, ([whole, parts]) => {
      const times = parts.flatMap((part) => Array.from({ length: part.length }, (_, i) => timeOf(part, i)))
      expect(times).toEqual(Array.from({ length: whole.length }, (_, i) => timeOf(whole, i)))
      expect(times.every((ms, i) => Math.abs(ms - Number(timeNs(whole, i)) / 1e6) < 1e-3)).toBe(true)
    })
  )
})

it('keeps times to the ns through many cuts, at periods of any fraction', () => {
  const period = fc.oneof(
    fc.constantFrom(12_345.1, 1e9 / 3000, 1e9 / 7, 1e9 / 44_100, 0.1, 1000.05),
    fc.double({ min: 0.01, max: 1e11, noNaN: true })
  )
  const phase = fc.oneof(fc.constantFrom(0, 0.5, 0.1), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
  fc.assert(
    fc.property(period, phase, fc.array(fc.nat({ max: 5000 }), { minLength: 1 }), (ns, part, steps) => {
      const axis = {
        start: 1_700_000_000_000_000_000n,
        clock: 'device',
        uncertainty: 0,
        period: ns,
        phase: part
      } as const
      let cut: ReturnType<typeof sliceAxis> = axis
      let at = 0
      for (const step of steps) {
        cut = sliceAxis(cut, step, step + 1)
        at += step
        expect(axisNs(cut, 0)).toBe(axisNs(axis, at))
        expect(axisNs(cut, 77)).toBe(axisNs(axis, at + 77))
      }
      const exact = Number(axisNs(axis, at) - axis.start)
      expect(Math.abs(exact - (part + at * ns))).toBeLessThanOrEqual(0.6 + at * (2 ** -33 + ns * 2 ** -52))
    }),
    { numRuns: 500 }
  )
})

// Without the grid, scans of the first two flip by 1 ns: their halves are not exact in binary.
it.each([0.1, 0.7, 12_345.1, 1000.05, 1e9 / 3000, 1e9 / 44_100])(
  'keeps times when it is cut after every scan: %s ns',
  (period) => {
    const axis = { start: 0n, clock: 'device', uncertainty: 0, period, phase: 0.5 } as const
    let cut: ReturnType<typeof sliceAxis> = axis
    const cutTimes = Array.from({ length: 3000 }, () => {
      const time = axisNs(cut, 0)
      cut = sliceAxis(cut, 1, 2)
      return time
    })
    expect(cutTimes).toEqual(Array.from({ length: 3000 }, (_, i) => axisNs(axis, i)))
  }
)

it('cuts an axis of offsets', () => {
  const axis = { start: 5n, clock: 'source', uncertainty: 1, offsets: Float64Array.of(0, 10, 30) } as const
  const cut = sliceAxis(axis, 1, 3)
  expect([axisNs(cut, 0), axisNs(cut, 1)]).toEqual([15n, 35n])
})

it('turns ms into ns without the error of a product', () => {
  expect(nsOfMs(1_700_000_000_001)).toBe(1_700_000_000_001_000_000n)
  expect(nsOfMs(1.5)).toBe(1_500_000n)
  expect(nsOfMs(-1.5)).toBe(-1_500_000n)
})
