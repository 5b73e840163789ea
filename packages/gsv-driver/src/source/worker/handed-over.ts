import type { Batch } from '@messwerk/core/model'

/**
 * What a source handed over last, for the thread of its next reading to know what it missed.
 *
 * @internal
 */
export class HandedOver {
  #withBlocks: Batch | undefined
  #last: Batch | undefined

  /** Remembers a batch; of its blocks only the last. */
  note(batch: Batch): void {
    this.#last = { split: batch.split, position: batch.position, blocks: batch.blocks.slice(-1) }
    if (batch.blocks.length > 0) this.#withBlocks = this.#last
  }

  /** The last with scans, and what came behind it. */
  get batches(): readonly Batch[] {
    const batches = new Set([this.#withBlocks, this.#last])
    batches.delete(undefined)
    return [...batches] as Batch[]
  }
}
