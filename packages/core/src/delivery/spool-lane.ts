import { withGap } from '../model/block.ts'
import type { Spool, SpoolRecord } from '../model/spool.ts'

/** @internal */
export interface LaneOptions {
  readonly spool: Spool
  /** Reads on after this position, up to `to`. */
  readonly from: number
  readonly to?: number | undefined
  readonly bytesOf: (record: SpoolRecord) => number
  /** Most bytes read ahead. */
  readonly ahead: number
  readonly now: () => number
  readonly changed: () => void
}

/**
 * Records of a part of a spool, read ahead within a bound. Where its last ones are gone, the first one behind it is part of
 * it too: that declares the hole.
 *
 * @internal
 */
export class SpoolLane {
  bytes = 0
  /** When the oldest that is here came here. */
  since = 0
  hasEnded = false
  failure: { readonly cause: unknown } | undefined
  readonly #options: LaneOptions
  readonly #stop = new AbortController()
  #records: SpoolRecord[] = []
  #room: (() => void) | undefined

  constructor(options: LaneOptions) {
    this.#options = options
    void this.#pump()
  }

  get length(): number {
    return this.#records.length
  }

  get oldest(): SpoolRecord | undefined {
    return this.#records[0]
  }

  /** The next records, at least one, within these bounds. */
  take(items: number, bytes: number): SpoolRecord[] {
    const { bytesOf, now } = this.#options
    const records = this.#records
    let count = 0
    let taken = 0
    while (count < records.length && count < items) {
      const size = bytesOf(records[count] as SpoolRecord)
      if (count > 0 && taken + size > bytes) break
      taken += size
      count += 1
    }
    this.#records = records.slice(count)
    this.bytes -= taken
    this.since = now()
    this.#room?.()
    return records.slice(0, count)
  }

  stop(): void {
    this.#stop.abort()
    this.#room?.()
  }

  async #pump(): Promise<void> {
    const { spool, from, to = Number.POSITIVE_INFINITY, bytesOf, ahead, now, changed } = this.#options
    try {
      for await (const record of spool.read({ from, signal: this.#stop.signal })) {
        if (this.#stop.signal.aborted || (record.position > to && record.missing === undefined)) break
        if (this.#records.length === 0) this.since = now()
        this.#records.push(record.position > to ? beyond(record) : record)
        this.bytes += bytesOf(record)
        changed()
        if (record.position >= to) break
        while (this.bytes >= ahead && !this.#stop.signal.aborted) await this.#untilRoom()
      }
    } catch (cause) {
      this.failure = { cause }
    }
    this.hasEnded = true
    changed()
  }

  #untilRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#room = resolve
    })
  }
}

/** Among what is missing before it is what the other lane had written: how much is missing to the sink is not known. */
function beyond(record: SpoolRecord): SpoolRecord {
  const blocks = record.batch.blocks.map((block) =>
    block.gap ? withGap(block, { scans: 'unknown', cause: block.gap.cause }) : block
  )
  return Object.assign({}, record, { batch: Object.assign({}, record.batch, { blocks }) })
}
