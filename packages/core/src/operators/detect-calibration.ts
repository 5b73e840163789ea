import type { Block } from '../model/block.ts'
import type { Threshold } from '../model/threshold.ts'
import type { DetectClock } from './detect-clock.ts'
import { DetectLearning, type LearnedColumns, type LearnSpan } from './detect-learning.ts'
import type { DetectPage } from './detect-page.ts'

/**
 * Collects the scores of a fitted model until the span is full, for a threshold that finds its limit in them.
 *
 * @internal
 */
export class DetectCalibration {
  readonly #learning: DetectLearning

  constructor(span: LearnSpan, page: DetectPage) {
    this.#learning = new DetectLearning(span, scoresOn(page))
  }

  gap(): void {
    this.#learning.gap()
  }

  /** Takes the score of a scan; true when that was the last, and the threshold has its limit. */
  take(block: Block, scan: number, clock: DetectClock, threshold: Threshold): boolean {
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

/** The scores that stand on a page, as one column to learn from. */
function scoresOn(page: DetectPage): LearnedColumns {
  return {
    names: ['score'],
    isGood: (_, scan) => Number.isFinite(page.values[page.score + scan]),
    copyScan: (_, scan, to, at) => {
      to[at] = page.values[page.score + scan]!
    }
  }
}
