import type { Block, Origin } from './block.ts'
import { originOf } from './origin.ts'
import { offsetNs, sliceAxis, type TimeAxis } from './time-axis.ts'

/**
 * Scans `from` to `to` (not included) of a block. Values are copied; the gap stays with the first scan.
 *
 * @throws RangeError when that is not at least one scan of the block
 *
 * @example
 * ```ts
 * import { blockOf, column, sliceBlock } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3] })
 * column(sliceBlock(block, 1, 3), 'a') // => Float64Array.of(2, 3)
 * ```
 */
export function sliceBlock<C extends string>(block: Block<C>, from: number, to = block.length): Block<C> {
  const { stream, length, values, quality } = block
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= length)) {
    throw new RangeError(`sliceBlock: scans ${from}..${to} are not part of a block of ${length}`)
  }
  if (from === 0 && to === length) return block
  const cut = new Float64Array(stream.channels.length * (to - from))
  const cutQuality = quality && new Uint8Array(cut.length)
  for (let c = 0; c < stream.channels.length; c += 1) {
    cut.set(values.subarray(c * length + from, c * length + to), c * (to - from))
    if (quality) cutQuality?.set(quality.subarray(c * length + from, c * length + to), c * (to - from))
  }
  return {
    stream,
    length: to - from,
    values: cut,
    time: sliceAxis(block.time, from, to),
    quality: cutQuality,
    gap: from === 0 ? block.gap : undefined,
    origin: sliceOrigin(block.origin, from, to)
  }
}

function sliceOrigin({ split, position, positions, historical }: Origin, from: number, to: number): Origin {
  if (!positions) return originOf(split, position, undefined, historical)
  return originOf(split, positions[to - 1] as number, positions.slice(from, to), historical)
}

/**
 * Blocks of one stream that follow each other as one block.
 *
 * Even spacing is kept where the blocks continue each other to the ns; otherwise each scan gets its own offset. The gap
 * of the first block stays; a gap of a later one cannot be said in one block, so it is refused.
 *
 * @throws RangeError when there are no blocks, streams or splits differ, a later block has a gap, or only some are
 * historical
 *
 * @example
 * ```ts
 * import { blockOf, column, concatBlocks, sliceBlock } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3] })
 * column(concatBlocks([sliceBlock(block, 0, 1), sliceBlock(block, 1, 3)]), 'a') // => Float64Array.of(1, 2, 3)
 * ```
 */
export function concatBlocks<C extends string>(blocks: readonly Block<C>[]): Block<C> {
  const first = blocks[0]
  if (!first) throw new RangeError('concatBlocks: needs at least one block')
  if (blocks.length === 1) return first
  checkSequence(blocks, first)
  const length = blocks.reduce((sum, block) => sum + block.length, 0)
  const width = first.stream.channels.length
  const values = new Float64Array(width * length)
  const quality = blocks.some((block) => block.quality) ? new Uint8Array(width * length) : undefined
  let at = 0
  for (const block of blocks) {
    for (let c = 0; c < width; c += 1) {
      const from = c * block.length
      values.set(block.values.subarray(from, from + block.length), c * length + at)
      if (block.quality) quality?.set(block.quality.subarray(from, from + block.length), c * length + at)
    }
    at += block.length
  }
  const { stream, gap } = first
  return { stream, length, values, time: joinAxes(blocks, first), quality, gap, origin: joinOrigins(blocks, first) }
}

function checkSequence(blocks: readonly Block[], first: Block): void {
  for (const block of blocks) {
    if (block.stream !== first.stream) {
      throw new RangeError(`concatBlocks: a block of stream '${block.stream.id}' among blocks of '${first.stream.id}'`)
    }
    if (block.origin.split !== first.origin.split) {
      throw new RangeError(`concatBlocks: a block of split '${block.origin.split}' among '${first.origin.split}'`)
    }
    if ((block.origin.historical === true) !== (first.origin.historical === true)) {
      throw new RangeError(`concatBlocks: historical blocks of '${first.stream.id}' among those that are not`)
    }
    if (block !== first && block.gap) {
      throw new RangeError(
        `concatBlocks: a gap of ${block.gap.scans} scans lies between the blocks of '${first.stream.id}'`
      )
    }
  }
}

function joinAxes(blocks: readonly Block[], first: Block): TimeAxis {
  const { start, clock } = first.time
  const uncertainty = blocks.reduce((most, { time }) => Math.max(most, time.uncertainty), 0)
  if (first.time.offsets === undefined && continuous(blocks)) {
    const { period, phase } = first.time
    return { start, clock, uncertainty, period, phase }
  }
  const offsets = new Float64Array(blocks.reduce((sum, block) => sum + block.length, 0))
  let at = 0
  for (const { time, length } of blocks) {
    const shift = Number(time.start - start)
    for (let i = 0; i < length; i += 1) offsets[at + i] = shift + offsetNs(time, i)
    at += length
  }
  return { start, clock, uncertainty, offsets }
}

function continuous(blocks: readonly Block[]): boolean {
  return blocks.every((block, i) => {
    const before = blocks[i - 1]
    if (block.time.offsets) return false
    if (!before) return true
    const expected = sliceAxis(before.time, before.length, before.length + 1)
    return (
      expected.period === block.time.period &&
      expected.start === block.time.start &&
      expected.phase === (block.time.phase ?? 0)
    )
  })
}

function joinOrigins(blocks: readonly Block[], first: Block): Origin {
  const { split, historical } = first.origin
  const { position } = (blocks[blocks.length - 1] as Block).origin
  if (blocks.every(({ origin }) => origin.positions === undefined && origin.position === position)) {
    return originOf(split, position, undefined, historical)
  }
  const positions = new Float64Array(blocks.reduce((sum, block) => sum + block.length, 0))
  let at = 0
  for (const { origin, length } of blocks) {
    if (origin.positions) positions.set(origin.positions, at)
    else positions.fill(origin.position, at, at + length)
    at += length
  }
  return originOf(split, position, positions, historical)
}
