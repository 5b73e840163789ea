import type { Block } from '../model/block.ts'
import { type Gap, joinGaps } from '../model/gap.ts'
import type { Batch, Rejected } from '../model/source.ts'
import type { Lane } from './lane.ts'

/** What a source that cannot replay sent meanwhile. @internal */
export const RECONNECT: Gap = { scans: 'unknown', cause: 'reconnect' }

// a device that makes up the names of its streams may not fill the memory
const MOST_STREAMS = 10_000

/** Holes that payloads left which could not be decoded, until a block of their stream carries them. @internal */
export class Holes {
  readonly #gaps = new Map<string, Gap>()
  /** Of the batch that is going through, those behind the blocks so far. */
  #ahead: readonly Rejected[] = []

  get isEmpty(): boolean {
    return this.#gaps.size === 0 && this.#ahead.length === 0
  }

  /** A batch with rejected payloads begins. */
  begin({ rejected = [] }: Batch): void {
    this.#ahead = rejected.filter(({ stream }) => stream !== undefined)
  }

  /** The batch is over: what no block of it carries is for the next one. */
  end(): void {
    for (const payload of this.#ahead) this.#add(payload)
    this.#ahead = []
  }

  /** The hole before a block. */
  take({ stream: { id }, origin }: Block): Gap | undefined {
    if (this.#ahead.length > 0) this.#pass(id, origin.position)
    const gap = this.#gaps.get(id)
    if (gap !== undefined) this.#gaps.delete(id)
    return gap
  }

  /** What is left, by stream. */
  snapshot(): [stream: string, gap: Gap][] | undefined {
    return this.#gaps.size > 0 ? Array.from(this.#gaps) : undefined
  }

  /** What no block will carry any more. */
  drain(): [stream: string, gap: Gap][] {
    const rest = Array.from(this.#gaps)
    this.#gaps.clear()
    return rest
  }

  restore(gaps: readonly (readonly [stream: string, gap: Gap])[]): void {
    for (const [stream, gap] of gaps) this.#gaps.set(stream, gap)
  }

  #pass(stream: string, to: number): void {
    this.#ahead = this.#ahead.filter((payload) => {
      const isBefore = payload.stream === stream && payload.position !== undefined && payload.position < to
      if (isBefore) this.#add(payload)
      return !isBefore
    })
  }

  #add({ stream = '', scans, cause = 'rejected' }: Rejected): void {
    const hole: Gap = { scans: scans ?? 'unknown', cause }
    const gap = joinGaps(this.#gaps.get(stream), hole) as Gap
    if (this.#gaps.size < MOST_STREAMS || this.#gaps.has(stream)) this.#gaps.set(stream, gap)
  }
}

/**
 * How many numbers of its publisher are missing before a block, also when the last one came before a restart; unknown
 * where the publisher counts anew.
 *
 * @internal
 */
export function skippedBefore(lane: Lane, sequences: Float64Array, at: number, mayRepeat: boolean): number | 'unknown' {
  const first = sequences[2 * at] as number
  const last = sequences[2 * at + 1] as number
  const before = lane.sequence
  if (Number.isNaN(first)) return 0
  if (!(mayRepeat && before !== undefined && last < before)) lane.sequence = last
  if (before === undefined) return 0
  if (first <= before) return mayRepeat ? 0 : 'unknown'
  return first - before - 1
}

/** Of skipped numbers, those that no other hole tells of. @internal */
export function unexplained(skipped: number | 'unknown', ...others: readonly (Gap | undefined)[]): Gap | undefined {
  if (skipped === 'unknown') {
    return others.some((gap) => gap?.scans === 'unknown') ? undefined : { scans: 'unknown', cause: 'sequence' }
  }
  let left = skipped
  for (const gap of others) if (gap && isNumbered(gap) && gap.scans !== 'unknown') left -= gap.scans
  return left > 0 ? { scans: left, cause: 'sequence' } : undefined
}

/** Whether what is missing had numbers of its publisher: then the skipped numbers tell of the same scans. */
function isNumbered({ cause }: Gap): boolean {
  return cause === 'rejected' || cause === 'late' || cause === 'sequence'
}
