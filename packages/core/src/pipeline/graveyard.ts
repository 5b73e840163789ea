import type { Delivery } from '../delivery/ledger.ts'
import type { OutletLike } from '../delivery/outlet-like.ts'
import type { Block } from '../model/block.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { OperatorError, PipelineError } from '../model/errors.ts'
import type { Batch, Source } from '../model/source.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Log } from './log.ts'
import type { RunCounts } from './run-counts.ts'

/** What a graveyard needs of its run. @internal */
export interface GraveyardHost {
  readonly id: string
  readonly scheduler: Scheduler
  /** The account of the batch that is going through. */
  readonly delivery: Delivery | undefined
  fail(error: unknown): void
}

/** Gives what could not be processed or decoded to the dead letters; without a place for it the run fails. @internal */
export class Graveyard {
  readonly #host: GraveyardHost
  readonly #outlet: OutletLike<DeadLetter> | undefined
  readonly #counts: RunCounts
  readonly #log: Log

  constructor(host: GraveyardHost, outlet: OutletLike<DeadLetter> | undefined, counts: RunCounts, log: Log) {
    this.#host = host
    this.#outlet = outlet
    this.#counts = counts
    this.#log = log
  }

  /** A block that an operator threw on, so many in a row by now. */
  buryBlock(operator: string, inARow: number, block: Block, cause: unknown): void {
    const { id, scheduler } = this.#host
    const error = new OperatorError(operator, block.stream.id, { cause })
    const { split, position } = block.origin
    const what = `a block of ${block.length} scans (split ${split}, position ${position}) could not be processed`
    if (!this.#bury({ error, from: operator, split, position, at: scheduler.now(), block }, what)) return
    if (inARow < 3) return
    this.#host.fail(new PipelineError(id, `three blocks in a row were rejected. ${error.message}`, { cause: error }))
  }

  /** The payloads of a batch that the source could not decode. */
  buryPayloads({ split, position: last, rejected = [] }: Batch, source: Source): void {
    for (const { error, payload, from, position = last } of rejected) {
      const what = `a payload of ${payload.byteLength} bytes of ${source.id} (split ${split}, position ${position}) was rejected`
      this.#bury({ error, from, split, position, at: this.#host.scheduler.now(), payload }, what)
    }
  }

  #bury(letter: DeadLetter, what: string): boolean {
    const { error } = letter
    this.#counts.rejected += 1
    this.#log.error(error.message, error)
    if (this.#outlet) this.#outlet.add(letter, this.#host.delivery)
    else {
      const why = `${error.message}. So ${what}, and there is no place for it: mend that, or give start({ deadLetters: sink }) or start({ directory })`
      this.#host.fail(new PipelineError(this.#host.id, why, { cause: error }))
    }
    return this.#outlet !== undefined
  }
}
