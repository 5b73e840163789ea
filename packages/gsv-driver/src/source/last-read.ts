import { type Batch, timeNs } from '@messwerk/core/model'

/** The last scan that was handed over. @internal */
export interface LastScan {
  readonly position: number
  /** When the one behind it is due, ns since the Unix epoch. */
  readonly due: bigint
}

/**
 * Where the last reading of a source ended, so that the next one can count what it missed.
 *
 * @internal
 */
export class LastRead {
  #position: number | undefined
  #scan: LastScan | undefined

  /** Remembers a batch that is handed over. */
  note({ blocks, position }: Batch): void {
    this.#position = position
    const last = blocks.at(-1)
    // what a notice says is missing at the end lies in front of the next block, too, and is counted with it
    if (!last) return
    const period = BigInt(Math.round(last.time.period as number))
    this.#scan = { position, due: timeNs(last, last.length - 1) + period }
  }

  /** The last scan before a position; undefined when the last reading ended elsewhere. */
  before(position: number | undefined): LastScan | undefined {
    return position !== undefined && position === this.#position ? this.#scan : undefined
  }
}
