import { type Block, blockBytes, withGap } from '../model/block.ts'
import { type Gap, joinGaps } from '../model/gap.ts'
import type { Batch, Source } from '../model/source.ts'
import { RECONNECT, skippedBefore, unexplained } from './holes.ts'
import type { IntakeHost } from './intake-host.ts'
import type { Lane } from './lane.ts'
import type { SourceCounts } from './source-counts.ts'
import type { SplitAccount } from './split-account.ts'
import type { SplitAccounts } from './split-accounts.ts'
import type { Step } from './steps.ts'

/** Lets the batches of one source go through the operators, each in a turn of its own, with an account. @internal */
export class Turns {
  readonly #host: IntakeHost
  readonly #source: Source
  readonly #root: readonly Step[]
  readonly #accounts: SplitAccounts
  readonly #counts: SourceCounts

  constructor(host: IntakeHost, source: Source, root: readonly Step[], accounts: SplitAccounts, counts: SourceCounts) {
    this.#host = host
    this.#source = source
    this.#root = root
    this.#accounts = accounts
    this.#counts = counts
  }

  /** One turn: a batch goes through all operators, synchronously. Returns its bytes. */
  run(batch: Batch): number {
    const host = this.#host
    const account = this.#accounts.of(batch.split)
    if (account === undefined) return 0
    if (this.#source.replay !== 'none') account.check(batch, this.#source.id, host.id)
    const bytes = bytesOf(batch)
    const delivery = account.track(batch, bytes, host.scheduler.elapsed())
    host.delivery = delivery
    host.took(bytes)
    const isKnown = batch.ids !== undefined && account.isKnown(batch)
    this.#counts.took(bytes, batch, isKnown)
    if (!isKnown) this.#enter(batch, account)
    host.delivery = undefined
    delivery.release()
    return bytes
  }

  /** The last turn of every split, with an account of its own: no checkpoint may have flushed kernels before its rows are durable. */
  async flush(): Promise<void> {
    const host = this.#host
    for (const { split, pushed, ledger, holes } of this.#accounts.all()) {
      if (pushed === undefined) continue
      const delivery = ledger.track(pushed, 0, host.scheduler.elapsed())
      host.delivery = delivery
      for (const lane of this.#accounts.lanes.of(split)) for (const step of this.#root) step.flush(lane)
      for (const [stream, gap] of holes?.drain() ?? []) {
        this.#counts.gap(gap)
        host.leftOpen(this.#source.id, stream, gap, { split, position: pushed })
      }
      host.delivery = undefined
      delivery.release()
    }
    await host.idle() // what windows gave to asynchronous operators
  }

  /** A turn without a batch, with an account of its own. */
  last(split: string, work: () => void): void {
    const host = this.#host
    const { pushed, ledger } = this.#accounts.find(split) ?? {}
    const delivery = pushed === undefined ? undefined : ledger?.track(pushed, 0, host.scheduler.elapsed())
    host.delivery = delivery
    work()
    host.delivery = undefined
    delivery?.release()
  }

  #enter(batch: Batch, account: SplitAccount): void {
    const { blocks, rejected } = batch
    this.#host.entered(batch, this.#source)
    if (rejected) account.reject(batch)
    for (let i = 0; i < blocks.length; i += 1) this.#push(batch, i, account)
    if (rejected) account.holes?.end()
  }

  #push({ split, blocks, sequences, redelivered }: Batch, at: number, { holes }: SplitAccount): void {
    let block = blocks[at] as Block
    const lane = this.#accounts.lanes.get(split, block.stream)
    if (lane.isNew) this.#meet(lane, block)
    const skipped = sequences ? skippedBefore(lane, sequences, at, redelivered === true) : 0
    if (skipped !== 0 || lane.isTorn || (holes && !holes.isEmpty))
      block = this.#declared(lane, block, skipped, holes?.take(block))
    for (let s = 0; s < this.#root.length; s += 1) (this.#root[s] as Step).push(lane, block)
  }

  /** With the holes that the source could not know of. */
  #declared(lane: Lane, block: Block, skipped: number | 'unknown', rejected: Gap | undefined): Block {
    const torn = lane.isTorn && !isCounted(block.gap) ? RECONNECT : undefined
    lane.isTorn = false
    const gap = joinGaps(joinGaps(unexplained(skipped, rejected, block.gap), torn), rejected)
    if (gap === undefined) return block
    this.#counts.gap(gap)
    this.#host.declared(this.#source.id, block.stream.id, gap)
    return withGap(block, joinGaps(gap, block.gap))
  }

  #meet(lane: Lane, { time }: Block): void {
    lane.isNew = false
    if (time.clock === 'arrival' && this.#source.replay === 'session') this.#host.repeatsRows(this.#source)
  }
}

/** Whether the source knows by the clock all that it missed while it was not read. */
function isCounted(gap: Gap | undefined): boolean {
  return gap?.cause === 'reconnect' && gap.scans !== 'unknown'
}

function bytesOf({ blocks, rejected }: Batch): number {
  let bytes = 0
  for (let i = 0; i < blocks.length; i += 1) bytes += blockBytes(blocks[i] as Block)
  if (rejected) for (const { payload } of rejected) bytes += payload.byteLength
  return bytes
}
