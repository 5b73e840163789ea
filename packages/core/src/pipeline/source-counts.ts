import type { Block } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch } from '../model/source.ts'
import type { SplitAccount } from './split-account.ts'
import type { SourceMetrics } from './status.ts'

/** Counts what one source hands over. @internal */
export class SourceCounts {
  batches = 0
  scans = 0
  gaps = 0
  missingScans = 0
  late = 0
  rejected = 0
  redelivered = 0
  retries = 0
  unsettledBytes = 0

  took(bytes: number, { blocks, rejected }: Batch, isKnown: boolean): void {
    this.unsettledBytes += bytes
    this.batches += 1
    if (isKnown) {
      this.redelivered += 1
      return
    }
    if (rejected) this.rejected += rejected.length
    for (let i = 0; i < blocks.length; i += 1) this.#block(blocks[i] as Block)
  }

  metrics(accounts: Iterable<SplitAccount>, now: number, commits: number): SourceMetrics {
    let uncommitted = 0
    let oldest = now
    for (const { ledger, saved } of accounts) {
      uncommitted += ledger.tracked - saved
      oldest = Math.min(oldest, ledger.oldestSince ?? now)
    }
    const { batches, scans, gaps, missingScans, late, rejected, redelivered, retries, unsettledBytes } = this
    const taken = { batches, scans, gaps, missingScans, late, rejected, redelivered, retries }
    return Object.assign(taken, { commits, uncommitted, unsettledBytes, oldestUnsettledMs: now - oldest })
  }

  #block({ length, gap }: Block): void {
    this.scans += length
    if (gap !== undefined) this.gap(gap)
  }

  gap(gap: Gap): void {
    this.gaps += 1
    if (gap.cause === 'late') this.late += 1
    if (gap.scans !== 'unknown') this.missingScans += gap.scans
  }
}
