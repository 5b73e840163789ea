import { type Operator, toEvents } from '@messwerk/core'
import type { Block, MeasurementEvent } from '@messwerk/core/model'
import { Subject } from 'rxjs'
import type { Alarm } from './judge.ts'
import { WatchedTime } from './watched-time.ts'

/** Alarms whose events are kept; all are counted. */
const KEPT = 100_000

/**
 * One threshold on its way through the recording: the operators as they run live, with `toEvents` behind them.
 *
 * @internal
 */
export class Trial {
  readonly alarms: Alarm[] = []
  readonly watched: WatchedTime
  /** More alarms than are kept. */
  uncounted = 0
  /** Limit seen last, as `<of>.limit`. */
  limit = Number.NaN
  readonly #blocks = new Subject<Block>()
  readonly #open = new Map<string, MeasurementEvent>()
  #failure: { readonly error: unknown } | undefined

  /** @param onScored - sees each block behind the operators */
  // biome-ignore lint/suspicious/noExplicitAny: steps of any names, any mode
  constructor(operators: readonly Operator<any, any, any>[], of: string, onScored?: (block: Block) => void) {
    this.watched = new WatchedTime(of)
    const scored = new Subject<Block>()
    const onError = (error: unknown): void => {
      this.#failure ??= { error }
    }
    scored.pipe(toEvents({ of })).subscribe({ next: (event) => this.#take(event), error: onError })
    operators
      .reduce((blocks, step) => step(blocks) as typeof blocks, this.#blocks.asObservable())
      .subscribe({
        next: (block) => {
          // what is thrown in here would go to nobody
          try {
            this.#watch(block, of)
            onScored?.(block)
            scored.next(block)
          } catch (error) {
            onError(error)
          }
        },
        error: onError,
        complete: () => scored.complete()
      })
  }

  /** @throws what an operator threw */
  take(block: Block): void {
    this.#blocks.next(block)
    this.#check()
  }

  end(): void {
    this.#blocks.complete()
    this.#check()
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error
  }

  #watch(block: Block, of: string): void {
    this.watched.take(block)
    const at = block.stream.channels.findIndex(({ name }) => name === `${of}.limit`)
    if (at >= 0 && block.length > 0) this.limit = block.values[(at + 1) * block.length - 1]!
  }

  #take(event: MeasurementEvent): void {
    if (event.kind !== 'anomaly') return
    if (event.phase === 'begin') {
      this.#open.set(event.id, event)
      return
    }
    this.#open.delete(event.id)
    if (this.alarms.length < KEPT) this.alarms.push({ event, start: event.start, end: event.end ?? event.start })
    else this.uncounted += 1
  }
}
