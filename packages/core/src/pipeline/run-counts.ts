import type { Block } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch } from '../model/source.ts'
import type { RunMetrics } from './status.ts'

/** What is counted for all sources of a run together. */
type Counted = 'batches' | 'blocks' | 'scans' | 'values' | 'gaps' | 'missingScans' | 'rejected' | 'evictedStreams'

/** Counts what enters the operators. @internal */
export class RunCounts {
  batches = 0
  blocks = 0
  scans = 0
  values = 0
  gaps = 0
  missingScans = 0
  rejected = 0
  evictedStreams = 0

  entered({ blocks }: Batch): void {
    this.batches += 1
    this.blocks += blocks.length
    for (let i = 0; i < blocks.length; i += 1) {
      const { length, values, gap } = blocks[i] as Block
      this.scans += length
      this.values += values.length
      if (gap !== undefined) this.gap(gap)
    }
  }

  gap({ scans }: Gap): void {
    this.gaps += 1
    if (scans !== 'unknown') this.missingScans += scans
  }

  metrics(rest: Omit<RunMetrics, Counted>): RunMetrics {
    const { batches, blocks, scans, values, gaps, missingScans, rejected, evictedStreams } = this
    return Object.assign({ batches, blocks, scans, values, gaps, missingScans, rejected, evictedStreams }, rest)
  }
}
