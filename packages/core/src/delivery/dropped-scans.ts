import { type Block, withGap } from '../model/block.ts'
import { type Gap, joinGaps } from '../model/gap.ts'

/** Remembers dropped blocks by stream, so that the stream's next block declares the hole. @internal */
export class DroppedScans {
  readonly #gaps = new Map<string, Gap>()

  drop(block: Block): void {
    const { id } = block.stream
    const before = joinGaps(this.#gaps.get(id), block.gap)
    this.#gaps.set(id, joinGaps(before, { scans: block.length, cause: 'shed' }) as Gap)
  }

  /** The block, with the hole before it declared. */
  declare(block: Block): Block {
    if (this.#gaps.size === 0) return block
    const missing = this.#gaps.get(block.stream.id)
    if (!missing) return block
    this.#gaps.delete(block.stream.id)
    return withGap(block, joinGaps(missing, block.gap))
  }
}
