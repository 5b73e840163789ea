import { type Block, toText } from '../model/index.ts'

/**
 * A block as a text that is equal for two blocks when, and only when, they are equal in every bit: values (NaN and -0
 * too), time axis, quality, gap, origin, stream. For assertions: a difference can be read.
 *
 * @example
 * ```ts
 * import { blockOf, sliceBlock } from '@messwerk/core/model'
 * import { blockText } from '@messwerk/core/testing'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })
 * blockText(sliceBlock(block, 0, 2)) === blockText(block) // => true
 * blockText(sliceBlock(block, 0, 1)) === blockText(block) // => false
 * ```
 */
export function blockText({ stream, length, values, time, quality, gap, origin }: Block): string {
  const { id, channels, rate, tags } = stream
  const { start, clock, uncertainty, period, offsets } = time
  const phase = time.offsets ? undefined : time.phase
  return toText({
    stream: { id, channels, rate, tags: Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)) },
    length,
    values,
    time: { start, clock, uncertainty, period, phase, offsets },
    quality,
    gap: gap && [gap.scans, gap.cause],
    origin: [origin.split, origin.position, origin.positions, origin.historical === true]
  })
}
