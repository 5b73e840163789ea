import * as fc from 'fast-check'
import { type Block, sliceBlock } from '../model/index.ts'

/**
 * Ways to cut a block into consecutive blocks of at least one scan. Whatever works on blocks must say the same of each.
 *
 * @example
 * ```ts
 * import { blockOf } from '@messwerk/core/model'
 * import { cuttings } from '@messwerk/core/testing/arbitraries'
 * import * as fc from 'fast-check'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4] })
 * fc.assert(fc.property(cuttings(block), (parts) => parts.reduce((sum, part) => sum + part.length, 0) === 4)) // => undefined
 * ```
 */
export function cuttings<C extends string>(block: Block<C>): fc.Arbitrary<readonly Block<C>[]> {
  if (block.length === 1) return fc.constant([block])
  return fc.subarray(Array.from({ length: block.length - 1 }, (_, i) => i + 1)).map((cuts) => {
    const ends = [...cuts, block.length]
    return ends.map((end, i) => sliceBlock(block, ends[i - 1] ?? 0, end))
  })
}
