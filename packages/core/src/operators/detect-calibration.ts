import type { Block } from '../model/block.ts'
import type { Threshold } from '../model/threshold.ts'
import type { DetectClock } from './detect-clock.ts'
import { DetectLearning, type LearnedColumns, type LearnSpan } from './detect-learning.ts'

/**
 * Collects the scores of a fitted model until the span is full, for a threshold that finds its limit in them.
 *
 * @internal
 */
export class DetectCalibration {
  readonly #learning: DetectLearning
  readonly #scores = { score: Number.NaN }

  constructor(span: LearnSpan) {
    this.#learning = new DetectLearning(span, columnOf(this.#scores))
  }

  gap(): void {
    this.#learning.gap()
  }

  /** Takes the score of a scan; true when that was the last, and the threshold has its limit. */
  take(score: number, block: Block, scan: number, clock: DetectClock, threshold: Threshold): boolean {
    this.#scores.score = score
    this.#learning.takeScan(block, scan, clock)
    if (!this.#learning.isFull) return false
    const { values, seconds } = this.#learning.samples()
    const times = typeof seconds === 'number' ? values.map((_, i) => i * seconds) : seconds
    threshold.calibrate?.(values, times)
    return true
  }

  progress(): string {
    return this.#learning.progress()
  }

  snapshot(): unknown {
    return this.#learning.snapshot()
  }

  restore(state: unknown): void {
    this.#learning.restore(state)
  }
}

/** The score that was given last, as one column to learn from: a page may not have it yet, as `process` asks before it returns. */
function columnOf(of: { readonly score: number }): LearnedColumns {
  return {
    names: ['score'],
    isGood: () => Number.isFinite(of.score),
    copyScan: (_block, _scan, to, at) => {
      to[at] = of.score
    }
  }
}
