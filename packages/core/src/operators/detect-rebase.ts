import type { Block } from '../model/block.ts'
import type { Samples } from '../model/samples.ts'
import type { DetectChannels } from './detect-channels.ts'
import type { DetectClock } from './detect-clock.ts'
import { DetectLearning, type LearnSpan } from './detect-learning.ts'

/**
 * Watches an open event for a new normal: a level that has lasted.
 *
 * @internal
 */
export class DetectRebase {
  readonly #span: LearnSpan
  readonly #channels: DetectChannels
  #learning: DetectLearning | undefined

  constructor(span: LearnSpan, channels: DetectChannels) {
    this.#span = span
    this.#channels = channels
  }

  gap(): void {
    this.#learning?.gap()
  }

  /** A scan of an open event; returns the last scans of it, once they are a span long and steady. */
  take(block: Block, scan: number, clock: DetectClock): Samples | undefined {
    this.#learning ??= new DetectLearning(this.#span, this.#channels)
    this.#learning.takeScan(block, scan, clock)
    if (!this.#learning.isFull) return undefined
    const samples = this.#learning.samples()
    this.#learning = undefined
    return isSteady(samples) ? samples : undefined
  }

  /** The event is over. */
  clear(): void {
    this.#learning = undefined
  }

  snapshot(): unknown {
    return this.#learning?.snapshot()
  }

  restore(state: unknown): void {
    this.clear()
    if (state === undefined) return
    this.#learning = new DetectLearning(this.#span, this.#channels)
    this.#learning.restore(state)
  }
}

/** Whether no channel moved, between the first half and the second, by more than it scatters within them. */
function isSteady({ channels, length, values }: Samples): boolean {
  const half = length >> 1
  for (let c = 0; c < channels.length; c += 1) {
    const first = values.slice(c * length, c * length + half)
    const second = values.slice(c * length + length - half, (c + 1) * length)
    const moved = Math.abs(median(second) - median(first))
    if (moved > Math.max(scatter(first), scatter(second))) return false
  }
  return true
}

/** 1.4826 times the median distance from the median: a standard deviation, for bell-shaped values. */
function scatter(column: Float64Array): number {
  const center = median(column)
  return 1.4826 * median(column.map((value) => Math.abs(value - center)))
}

/** Of a column, which it sorts; 0 of nothing. */
function median(column: Float64Array): number {
  if (column.length === 0) return 0
  column.sort()
  return (column[(column.length - 1) >> 1]! + column[column.length >> 1]!) / 2
}
