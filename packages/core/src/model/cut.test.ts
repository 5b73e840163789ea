import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryBlock } from '../testing/arbitrary-block.ts'
import { blockText } from '../testing/block-text.ts'
import { cuttings } from '../testing/cuttings.ts'
import { type Block, timeNs } from './block.ts'
import { blockOf } from './block-builder.ts'
import { concatBlocks, sliceBlock } from './cut.ts'

const shape = { stream: 's', channels: { a: 'V', b: 'A' }, rate: 3 } as const
const block = blockOf(shape, { a: [1, 2, 3, 4], b: [10, 20, 30, 40] })

function times(one: Block): bigint[] {
  return Array.from({ length: one.length }, (_, i) => timeNs(one, i))
}

/** A block with the same times and positions written out per scan: what a joined block may turn an even axis into. */
function spelledOut(one: Block): string {
  const { split, position, positions } = one.origin
  const each = positions ?? new Float64Array(one.length).fill(position)
  const { clock, uncertainty } = one.time
  const time = { start: 0n, clock, uncertainty, offsets: new Float64Array(0) } as const
  return `${blockText({ ...one, time, origin: { split, position, positions: each } })} ${times(one).join(' ')}`
}

describe('sliceBlock', () => {
  it('copies the scans and keeps the gap with the first', () => {
    const gapped: Block = { ...block, gap: { scans: 2, cause: 'lost' }, quality: Uint8Array.of(0, 1, 0, 1, 1, 0, 1, 0) }
    const [head, tail] = [sliceBlock(gapped, 0, 1), sliceBlock(gapped, 2)]
    expect([head.values, head.quality, head.gap]).toEqual([
      Float64Array.of(1, 10),
      Uint8Array.of(0, 1),
      { scans: 2, cause: 'lost' }
    ])
    expect([tail.values, tail.quality, tail.gap]).toEqual([
      Float64Array.of(3, 4, 30, 40),
      Uint8Array.of(0, 1, 1, 0),
      undefined
    ])
    expect(tail.values.buffer).not.toBe(block.values.buffer)
  })

  it('gives the whole block as it is', () => expect(sliceBlock(block, 0)).toBe(block))

  it.each([
    [0, 0],
    [2, 1],
    [-1, 2],
    [0, 5],
    [0.5, 2],
    [Number.NaN, 2]
  ])('refuses scans %s..%s', (from, to) => {
    expect(() => sliceBlock(block, from, to)).toThrow(
      new RangeError(`sliceBlock: scans ${from}..${to} are not part of a block of 4`)
    )
  })
})

describe('concatBlocks', () => {
  it('is undone by cutting: any cutting joins to the same scans', () => {
    const cut = arbitraryBlock().chain((whole) => fc.tuple(fc.constant(whole), cuttings(whole)))
    fc.assert(
      fc.property(cut, ([whole, parts]) => {
        expect(parts.flatMap(times)).toEqual(times(whole))
        expect(spelledOut(concatBlocks(parts))).toBe(spelledOut(whole))
      }),
      { numRuns: 300 }
    )
  })

  it('keeps even spacing where the blocks go on to the ns', () => {
    const joined = concatBlocks([sliceBlock(block, 0, 1), sliceBlock(block, 1, 3), sliceBlock(block, 3)])
    expect([joined.time.period, joined.time.offsets]).toEqual([1e9 / 3, undefined])
    expect(times(joined)).toEqual(times(block))
  })

  it('gives each scan its own time where they do not', () => {
    const later: Block = {
      ...block,
      time: { ...block.time, start: block.time.start + 9_000_000_000n } as Block['time']
    }
    const joined = concatBlocks([block, later])
    expect(joined.time.period).toBeUndefined()
    expect(times(joined)).toEqual([...times(block), ...times(later)])
  })

  it('does not take blocks for even that begin at the right ns, but at another part of it', () => {
    const tail = sliceBlock(block, 1)
    const rounded: Block = { ...tail, time: { ...tail.time, phase: 0 } as Block['time'] }
    const joined = concatBlocks([sliceBlock(block, 0, 1), rounded])
    expect(times(joined)).toEqual([0n, 333_333_333n, 666_666_666n, 1_000_000_000n])
  })

  it('fills in good quality and takes the largest uncertainty', () => {
    const [head, tail] = [sliceBlock(block, 0, 1), sliceBlock(block, 1, 2)]
    const unsure: Block = { ...tail, quality: Uint8Array.of(1, 2), time: { ...tail.time, uncertainty: 9 } }
    expect(concatBlocks([head, unsure])).toMatchObject({ quality: Uint8Array.of(0, 1, 0, 2), time: { uncertainty: 9 } })
  })

  it('joins thousands of blocks', () => {
    const parts = Array.from({ length: 150_000 }, () => sliceBlock(block, 0, 1))
    expect(concatBlocks(parts).length).toBe(150_000)
  })

  it('refuses what is no sequence', () => {
    const other = blockOf({ ...shape, stream: 't' }, { a: [1], b: [1] })
    const gapped: Block = { ...block, gap: { scans: 7, cause: 'lost' } }
    const elsewhere: Block = { ...block, origin: { split: 'x', position: 1 } }
    expect(() => concatBlocks([])).toThrow('concatBlocks: needs at least one block')
    expect(() => concatBlocks([block, other])).toThrow("concatBlocks: a block of stream 't' among blocks of 's'")
    expect(() => concatBlocks([block, gapped])).toThrow("concatBlocks: a gap of 7 scans lies between the blocks of 's'")
    expect(() => concatBlocks([block, elsewhere])).toThrow("concatBlocks: a block of split 'x' among 's'")
    expect(concatBlocks([gapped, block]).gap).toEqual({ scans: 7, cause: 'lost' })
  })
})

describe('back-fill', () => {
  const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3] })
  const old = { ...block, origin: { ...block.origin, historical: true } }

  it('stays marked when it is cut and joined', () => {
    const parts = [sliceBlock(old, 0, 1), sliceBlock(old, 1, 3)]
    expect(parts.map(({ origin }) => origin.historical)).toEqual([true, true])
    expect(concatBlocks(parts).origin.historical).toBe(true)
    const positions = Float64Array.of(1, 2, 3)
    const each = { ...old, origin: { split: 's', position: 3, positions, historical: true } }
    expect(concatBlocks([sliceBlock(each, 0, 1), sliceBlock(each, 1, 3)]).origin).toEqual(each.origin)
    expect('historical' in sliceBlock(block, 0, 1).origin).toBe(false)
  })

  it('is not joined with what is live', () => {
    const [live, late] = [sliceBlock(block, 0, 1), sliceBlock(old, 1, 3)]
    expect(() => concatBlocks([live, late])).toThrow("concatBlocks: historical blocks of 's' among those that are not")
    expect(() => concatBlocks([late, live])).toThrow(RangeError)
  })
})
