import { type Delivery, Ledger } from '../delivery/ledger.ts'
import type { SplitState } from '../model/checkpoint.ts'
import { PipelineError } from '../model/errors.ts'
import { SeenIds } from '../model/seen-ids.ts'
import type { Batch } from '../model/source.ts'
import { Holes } from './holes.ts'

/** What is known of one split: how far it went through the operators, what is settled, which messages were seen. @internal */
export class SplitAccount {
  readonly split: string
  readonly ledger: Ledger
  /** Position of the last batch that went through the operators. */
  pushed: number | undefined
  /** Deliveries that the last saved checkpoint covers. */
  saved = 0
  seen: SeenIds | undefined
  holes: Holes | undefined
  /** What the newest checkpoint has of it, where it may be given back later. */
  durable: SplitState | undefined
  /** It is being handed over to someone else. */
  isLeaving = false

  constructor(split: string, settled: (bytes: number, advanced: boolean) => void) {
    this.split = split
    this.ledger = new Ledger(settled)
  }

  /** Takes a batch: from now on it counts as pushed. */
  track({ position }: Batch, bytes: number, since: number): Delivery {
    this.pushed = position
    return this.ledger.track(position, bytes, since)
  }

  /** @throws PipelineError when the source goes back: operators would count twice. */
  check({ position }: Batch, source: string, pipeline: string): void {
    if (this.pushed === undefined || position > this.pushed) return
    const what = `source ${source} handed over position ${position} of split ${this.split} after ${this.pushed}`
    throw new PipelineError(
      pipeline,
      `${what}; positions must increase, and reading from one gives what comes after it`
    )
  }

  /** Rejected payloads of a batch leave holes. */
  reject(batch: Batch): void {
    this.holes ??= new Holes()
    this.holes.begin(batch)
  }

  /** Whether it is a redelivery of what went through the operators; remembers its ids. */
  isKnown({ ids, redelivered }: Batch): boolean {
    if (ids === undefined || ids.length === 0) return false
    this.seen ??= new SeenIds()
    let isKnown = redelivered !== false
    for (let i = 0; i < ids.length && isKnown; i += 1) isKnown = this.seen.has(ids[i] as number)
    for (let i = 0; i < ids.length; i += 1) this.seen.add(ids[i] as number)
    return isKnown
  }
}
