import { type Block, column, timeOf } from '@messwerk/core/model'

/** Adds up the time in which a stream had a score, and follows the largest of them. @internal */
export class WatchedTime {
  readonly #of: string
  readonly #last = new Map<string, number>()
  /** ms since the Unix epoch of the first and the last scan with a score, by stream. */
  readonly spans = new Map<string, { first: number; last: number }>()
  scans = 0
  scored = 0
  seconds = 0

  constructor(of: string) {
    this.#of = of
  }

  /** @throws RangeError when the block has no such score */
  take(block: Block): void {
    const { id } = block.stream
    const scores = column(block, this.#of)
    const period = block.time.period
    let before = block.gap === undefined ? (this.#last.get(id) ?? Number.NaN) : Number.NaN
    for (let i = 0; i < block.length; i += 1) {
      const at = timeOf(block, i)
      if (!Number.isNaN(scores[i])) {
        this.scored += 1
        this.#extend(id, at)
        if (period !== undefined) this.seconds += period / 1e9
        else if (at > before) this.seconds += (at - before) / 1000
      }
      before = at
    }
    this.scans += block.length
    this.#last.set(id, before)
  }

  /** Whether a span of time lies behind the learning: some of it was scored. */
  covers(start: number, end: number, stream?: string): boolean {
    for (const [id, span] of this.spans)
      if ((stream === undefined || stream === id) && end >= span.first && start <= span.last) return true
    return false
  }

  #extend(stream: string, at: number): void {
    const span = this.spans.get(stream)
    if (span) span.last = at
    else this.spans.set(stream, { first: at, last: at })
  }
}
