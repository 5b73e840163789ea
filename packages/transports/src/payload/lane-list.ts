import type { Block } from '@messwerk/core/model'
import type { StreamLane } from './stream-lane.ts'

/** The lanes that have something to take. @internal */
export class LaneList {
  readonly #listed: StreamLane[] = []

  /** Notes that a lane has something to take. */
  add(lane: StreamLane): void {
    if (lane.isListed) return
    lane.isListed = true
    this.#listed.push(lane)
  }

  /** The blocks that have been collected, and their sequence numbers, if there are any. */
  take(): { readonly blocks: Block[]; readonly sequences: Float64Array | undefined } {
    const blocks: Block[] = []
    const sequences: number[] = []
    for (const lane of this.#listed) {
      lane.isListed = false
      for (const block of lane.take(sequences)) blocks.push(block)
    }
    this.#listed.length = 0
    const areThere = sequences.some((sequence) => !Number.isNaN(sequence))
    return { blocks, sequences: areThere ? Float64Array.from(sequences) : undefined }
  }
}
