import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, defineStream, Quality, timeNs } from '../model/index.ts'
import { arbitraryBlock } from './arbitrary-block.ts'
import { arbitraryBlocks } from './arbitrary-blocks.ts'
import { arbitraryStream } from './arbitrary-stream.ts'
import { blockText } from './block-text.ts'
import { cuttings } from './cuttings.ts'

/** Whether some of many blocks has a property: an arbitrary that never makes it tests nothing. */
function makes(arbitrary: fc.Arbitrary<Block>, property: (block: Block) => boolean): boolean {
  return fc.sample(arbitrary, { numRuns: 300, seed: 1 }).some(property)
}

describe('arbitraryBlock', () => {
  it('makes valid blocks', () => {
    fc.assert(
      fc.property(arbitraryBlock(), ({ stream, length, values, time, quality, gap, origin }) => {
        const size = stream.channels.length * length
        expect([values.length, quality?.length ?? size, time.offsets?.length ?? length]).toEqual([size, size, length])
        expect(time.offsets ?? new Float64Array(0)).toEqual((time.offsets ?? new Float64Array(0)).toSorted())
        expect(origin.positions?.at(-1) ?? origin.position).toBe(origin.position)
        for (const [i, q] of (quality ?? []).entries()) if (q >= Quality.bad) expect(values[i]).toBeNaN()
        if (time.period !== undefined) expect(time.period).toBe(1e9 / (stream.rate as number))
        if (gap && gap.scans !== 'unknown') expect(gap.scans).toBeGreaterThanOrEqual(0)
      })
    )
  })

  const any = arbitraryBlock()
  it.each<[string, (block: Block) => boolean]>([
    ['NaN', ({ values }) => values.includes(Number.NaN)],
    ['-0', ({ values }) => values.some((value) => Object.is(value, -0))],
    ['infinities', ({ values }) => values.includes(Number.POSITIVE_INFINITY)],
    ['subnormals', ({ values }) => values.some((value) => value !== 0 && Math.abs(value) < 2.3e-308)],
    ['even axes', ({ time }) => time.period !== undefined],
    ['phases', ({ time }) => time.offsets === undefined && (time.phase ?? 0) > 0],
    ['fractional periods', ({ time }) => time.period !== undefined && time.period % 1 !== 0],
    ['offsets', ({ time }) => time.offsets !== undefined],
    ['quality', ({ quality }) => quality?.includes(Quality.uncertain) === true],
    ['good blocks', ({ quality }) => quality === undefined],
    ['gaps', ({ gap }) => typeof gap?.scans === 'number'],
    ['unknown gaps', ({ gap }) => gap?.scans === 'unknown'],
    ['positions', ({ origin }) => origin.positions !== undefined],
    ['one position', ({ origin }) => origin.positions === undefined],
    ['several channels', ({ stream }) => stream.channels.length > 2],
    ['single scans', ({ length }) => length === 1]
  ])('makes %s', (_, property) => expect(makes(any, property)).toBe(true))

  it('keeps to its options', () => {
    const stream = defineStream({ id: 's', channels: [{ name: 'a', unit: 'V' }], rate: 50 })
    const tame = arbitraryBlock({ stream, values: 'finite', quality: false, gaps: false, maxScans: 3 })
    const isTame = (block: Block): boolean =>
      block.stream === stream &&
      block.values.every(Number.isFinite) &&
      !block.quality &&
      !block.gap &&
      block.length <= 3
    expect(makes(tame, (block) => !isTame(block))).toBe(false)
    expect(makes(arbitraryBlock({ axis: 'events' }), ({ time }) => time.offsets === undefined)).toBe(false)
    expect(makes(arbitraryBlock({ axis: 'uniform' }), ({ time }) => time.offsets !== undefined)).toBe(false)
  })
})

it('makes streams with and without a rate', () => {
  const streams = fc.sample(arbitraryStream(), { numRuns: 100, seed: 1 })
  expect(new Set(streams.map(({ rate }) => rate === undefined)).size).toBe(2)
  expect(fc.sample(arbitraryStream({ rate: true }), 50).every(({ rate }) => rate !== undefined)).toBe(true)
  expect(fc.sample(arbitraryStream({ rate: false }), 50).every(({ rate }) => rate === undefined)).toBe(true)
})

describe('arbitraryBlocks', () => {
  const axes = ['uniform', 'events'] as const
  it.each(axes)('follow each other in time and position: %s', (axis) => {
    fc.assert(
      fc.property(arbitraryBlocks({ axis }), (blocks) => {
        let [last, position] = [undefined as bigint | undefined, -1]
        for (const block of blocks) {
          expect(block.stream).toBe(blocks[0]?.stream)
          expect(block.origin.split).toBe(blocks[0]?.origin.split)
          for (let i = 0; i < block.length; i += 1) {
            if (last !== undefined && axis === 'events') expect(timeNs(block, i) >= last).toBe(true)
            const at = block.origin.positions?.[i] as number
            expect(at).toBeGreaterThan(position)
            ;[last, position] = [timeNs(block, i), at]
          }
        }
      })
    )
  })

  it('leave out of time what a gap says', () => {
    fc.assert(
      fc.property(arbitraryBlocks({ axis: 'uniform' }), (blocks) => {
        const first = blocks[0]?.gap?.scans
        let scan = typeof first === 'number' ? first : 0
        const [anchor, period] = [timeNs(blocks[0] as Block), blocks[0]?.time.period as number]
        for (const [b, block] of blocks.entries()) {
          if (b > 0 && typeof block.gap?.scans === 'number') scan += block.gap.scans
          const passed = Number(timeNs(block) - anchor) / period + (typeof first === 'number' ? first : 0)
          expect(Math.abs(passed - scan)).toBeLessThan(1e-3 + 2 / period)
          scan += block.length
        }
      })
    )
  })
})

describe('cuttings', () => {
  it('give every scan once, in order', () => {
    const cut = arbitraryBlock().chain((block) => fc.tuple(fc.constant(block), cuttings(block)))
    fc.assert(
      fc.property(cut, ([block, parts]) => {
        expect(parts.reduce((sum, { length }) => sum + length, 0)).toBe(block.length)
        expect(parts[0]?.gap).toEqual(block.gap)
        expect(parts.at(-1)?.origin.position).toBe(block.origin.position)
      })
    )
  })

  it('come in all sizes, the whole block too', () => {
    const block = fc
      .sample(arbitraryBlock({ maxScans: 12 }), { numRuns: 50, seed: 3 })
      .find(({ length }) => length > 8) as Block
    const counts = new Set(fc.sample(cuttings(block), { numRuns: 300, seed: 1 }).map((parts) => parts.length))
    expect([counts.has(1), counts.has(block.length)]).toEqual([true, true])
  })
})

describe('blockText', () => {
  it('is equal for equal blocks only', () => {
    const block = fc.sample(arbitraryBlock({ values: 'finite', axis: 'events' }), { numRuns: 1, seed: 5 })[0] as Block
    const values = block.values.slice()
    values[0] = (values[0] as number) + 1
    const others: Block[] = [
      { ...block, values },
      { ...block, gap: { scans: 77_777, cause: 'shed' } },
      { ...block, time: { ...block.time, start: block.time.start + 1n } as Block['time'] },
      { ...block, origin: { ...block.origin, position: block.origin.position + 1 } },
      { ...block, quality: new Uint8Array(block.values.length).fill(1) },
      { ...block, stream: defineStream({ ...block.stream, id: 'another' }) }
    ]
    expect(blockText({ ...block, values: block.values.slice() })).toBe(blockText(block))
    expect(new Set([block, ...others].map(blockText)).size).toBe(7)
  })

  it('tells 0 from -0', () => {
    const zero = fc.sample(arbitraryBlock({ quality: false }), 1)[0] as Block
    const [plus, minus] = [zero.values.map(() => 0), zero.values.map(() => -0)]
    expect(blockText({ ...zero, values: plus })).not.toBe(blockText({ ...zero, values: minus }))
  })
})
