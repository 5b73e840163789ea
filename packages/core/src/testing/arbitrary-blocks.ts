import * as fc from 'fast-check'
import { type Block, type Gap, sliceAxis, type TimeAxis } from '../model/index.ts'
import { originOf } from '../model/origin.ts'
import { type ArbitraryBlockOptions, arbitraryBlock, streamOf } from './arbitrary-block.ts'

/**
 * Consecutive blocks of one stream and split: times and positions go on, a gap leaves as many scans out as it says.
 *
 * @example
 * ```ts
 * import { arbitraryBlocks } from '@messwerk/core/testing/arbitraries'
 * import * as fc from 'fast-check'
 *
 * fc.assert(fc.property(arbitraryBlocks({ axis: 'uniform' }), (blocks) => blocks.length >= 1)) // => undefined
 * ```
 */
export function arbitraryBlocks(
  options: ArbitraryBlockOptions & { readonly maxBlocks?: number | undefined } = {}
): fc.Arbitrary<readonly Block[]> {
  return streamOf(options).chain((stream) =>
    fc
      .tuple(
        arbitraryBlock({ ...options, stream, maxScans: 1 }),
        fc.array(arbitraryBlock({ ...options, stream }), { minLength: 1, maxLength: options.maxBlocks ?? 5 })
      )
      .map(([anchor, blocks]) => follow(anchor, blocks))
  )
}

const LONGEST_GAP = 5000

/** Moves each block behind the one before it; the first takes time and split from the anchor. */
function follow(anchor: Block, blocks: readonly Block[]): readonly Block[] {
  let scan = 0
  let { start } = anchor.time
  const { split, historical } = anchor.origin
  return blocks.map((block) => {
    const gap = block.gap && shortened(block.gap)
    scan += gap && gap.scans !== 'unknown' ? gap.scans : 0
    const first = scan
    scan += block.length
    const time = axisFrom(anchor.time, block, first, start)
    if (time.offsets) start = time.start + BigInt((time.offsets[block.length - 1] as number) + 1)
    const positions = Float64Array.from({ length: block.length }, (_, i) => first + i)
    return { ...block, gap, time, origin: originOf(split, scan - 1, positions, historical) }
  })
}

function shortened({ scans, cause }: Gap): Gap {
  return { scans: scans === 'unknown' ? scans : scans % LONGEST_GAP, cause }
}

function axisFrom(anchor: TimeAxis, block: Block, first: number, start: bigint): TimeAxis {
  const { clock, uncertainty } = anchor
  if (anchor.offsets || block.time.offsets) {
    return { start, clock, uncertainty, offsets: block.time.offsets ?? new Float64Array(block.length) }
  }
  return sliceAxis(anchor, first, first + block.length)
}
