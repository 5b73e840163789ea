import {
  type Batch,
  type Block,
  type Gap,
  joinGaps,
  type MeasurementEvent,
  timeNs,
  timeOf,
  withGap
} from '@messwerk/core/model'

/** Blocks handed over at once. */
const BATCH = 16

/**
 * What has been decoded and not been asked for: bounded in bytes; what does not fit becomes a gap.
 *
 * @internal
 */
export class BlockQueue {
  readonly #limit: number
  readonly #split: string
  #blocks: Block[] = []
  #events: MeasurementEvent[] = []
  #memo: string | undefined
  #bytes = 0
  #dropped: Gap | undefined
  /** The last block, whether it did fit or not. */
  #last: Block | undefined
  #end: { readonly error: Error | undefined; readonly position: number } | undefined
  #wake: (() => void) | undefined

  constructor(split: string, limitBytes: number) {
    this.#split = split
    this.#limit = limitBytes
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds events, to be handed over with the block behind their positions, or at the end. */
  note(events: readonly MeasurementEvent[]): void {
    this.#events.push(...events)
  }

  /** Sets what goes with the next blocks that are handed over: the newest counts. */
  remember(memo: string): void {
    this.#memo = memo
  }

  /** Adds a block; where it does not fit, its scans become part of the gap of the next that does. */
  push(block: Block): void {
    this.#last = block
    const gap = joinGaps(this.#dropped, block.gap)
    const size = bytesOf(block)
    if (this.#bytes + size > this.#limit && this.#blocks.length > 0) {
      this.#dropped = joinGaps(gap, { scans: block.length, cause: 'overflow' })
      return
    }
    this.#dropped = undefined
    this.#blocks.push(gap === block.gap ? block : withGap(block, gap))
    this.#bytes += size
    this.#wake?.()
  }

  /**
   * No block will follow.
   *
   * @param gap - what is missing behind the last block
   * @param position - of the last scan, missing ones counted
   */
  end(error: Error | undefined, gap: Gap | undefined, position: number): void {
    if (!this.#end) this.#dropped = joinGaps(this.#dropped, gap)
    this.#end ??= { error, position }
    this.#wake?.()
  }

  /**
   * The next blocks as a batch; waits for the first of them. Undefined at the end.
   *
   * @throws the error that ended it
   */
  async next(): Promise<Batch | undefined> {
    while (this.#blocks.length === 0) {
      if (this.#end && this.#dropped && this.#last) this.#noteGap(this.#dropped, this.#last, this.#end.position)
      if (this.#end && this.#events.length > 0) return this.#trailing(this.#end.position)
      if (this.#end?.error) throw this.#end.error
      if (this.#end) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const blocks = this.#blocks.splice(0, BATCH)
    for (const block of blocks) this.#bytes -= bytesOf(block)
    const { position } = (blocks.at(-1) as Block).origin
    const events = this.#eventsUntil(position)
    const memo = this.#memo
    this.#memo = undefined
    const batch = { split: this.#split, position, blocks, ...(memo !== undefined && { memo }) }
    return events.length > 0 ? { ...batch, events } : batch
  }

  #eventsUntil(position: number): MeasurementEvent[] {
    if (this.#events.length === 0) return this.#events
    const due = this.#events.filter(({ origin }) => origin.position <= position)
    this.#events = this.#events.filter(({ origin }) => origin.position > position)
    return due
  }

  /** What has no block behind it. */
  #trailing(position: number): Batch {
    const events = this.#events
    this.#events = []
    return { split: this.#split, position, blocks: [], events }
  }

  /** What is missing at the end has no block behind it to carry its gap: a notice says so. */
  #noteGap(gap: Gap, last: Block, position: number): void {
    const { id: stream } = last.stream
    const start = timeOf(last, last.length - 1)
    this.#dropped = undefined
    const id = `${stream}/gap/${timeNs(last, last.length - 1)}`
    const origin = { split: this.#split, position }
    const event = {
      id,
      kind: 'notice',
      phase: 'end',
      stream,
      rule: 'gap',
      start,
      end: start,
      origin,
      data: gap
    } as const
    this.#events.push(event)
  }
}

function bytesOf({ values, quality }: Block): number {
  return 400 + values.byteLength + (quality?.byteLength ?? 0)
}
