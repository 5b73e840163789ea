import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from './feed.ts'
import { between, type Random } from './random.ts'

/** Faults that come in their own time. */
type OwnTime = 'kill' | 'rebalance'

/** How long a fault lasts, ms, and how often it comes beside the others. */
const SHAPE: Readonly<
  Record<Exclude<Fault, OwnTime>, { readonly ms: readonly [number, number]; readonly weight: number }>
> = {
  cut: { ms: [0, 0], weight: 3 },
  'half-open': { ms: [1000, 5000], weight: 2 },
  slow: { ms: [500, 2000], weight: 2 },
  'broker-restart': { ms: [100, 500], weight: 1 },
  'broker-kill': { ms: [200, 3000], weight: 1 },
  leader: { ms: [1000, 4000], weight: 1 },
  'disk-full': { ms: [500, 2000], weight: 1 }
}

const LONG_MS = 5000

/** Lets one fault after the other happen, in a seeded order, until it is stopped. */
export class FaultSchedule {
  readonly counts: Partial<Record<Fault, number>> = {}
  readonly #random: Random
  readonly #faults: Partial<Record<Fault, (ms: number) => Promise<void>>>
  readonly #wanted: readonly Exclude<Fault, OwnTime>[]
  readonly #pauseMs: number
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #overAt = Number.NEGATIVE_INFINITY

  constructor(
    random: Random,
    wanted: readonly Fault[],
    faults: Partial<Record<Fault, (ms: number) => Promise<void>>>,
    pauseMs = 1500
  ) {
    this.#random = random
    this.#faults = faults
    // one kind alone would leave no time for anything else
    this.#pauseMs = wanted.filter((fault) => faults[fault]).length === 1 ? 3 * pauseMs : pauseMs
    this.#wanted = wanted.filter((fault) => isScheduled(fault) && faults[fault] !== undefined) as never
    for (const fault of this.#wanted) this.counts[fault] = 0
  }

  start(): void {
    if (this.#wanted.length === 0) return
    this.#running ??= this.#run()
    this.#running.catch(() => {}) // `stop` tells of it
  }

  /** When the last fault was over (`performance.now()`); infinite while there is one. */
  get overAt(): number {
    return this.#overAt
  }

  /** Whether each has happened. */
  get hadEach(): boolean {
    return this.#wanted.every((fault) => this.counts[fault]! > 0)
  }

  /** Whether there was a fault at some time since then (`performance.now()`). */
  disturbedSince(then: number): boolean {
    return this.#overAt >= then
  }

  /** Resolves when the last fault is over. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const bag = this.#wanted.flatMap((fault) => new Array<typeof fault>(SHAPE[fault].weight).fill(fault))
    // each once first, so that a short trial has met all of them
    const first = [...this.#wanted]
    let took = 0
    while (!this.#stop.signal.aborted) {
      const pause = between(this.#random, 0.3, 1) * this.#pauseMs
      // a broker that takes its time to start must not be away all the time
      await sleep(took > LONG_MS ? Math.max(took, pause) : pause, undefined, { signal: this.#stop.signal }).catch(
        () => {}
      )
      if (this.#stop.signal.aborted) return
      const fault = first.shift() ?? bag[Math.floor(this.#random() * bag.length)]!
      const [least, most] = SHAPE[fault].ms
      const began = performance.now()
      this.#overAt = Number.POSITIVE_INFINITY
      await this.#faults[fault]?.(between(this.#random, least, most))
      this.#overAt = performance.now()
      took = this.#overAt - began
      this.counts[fault]! += 1
    }
  }
}

function isScheduled(fault: Fault): boolean {
  return fault !== 'kill' && fault !== 'rebalance'
}
