import type { Scheduler } from '@messwerk/core/driver'

/** @internal */
export interface DataWatchOptions {
  readonly scheduler: Scheduler
  readonly publishMs: number
  /** Longest time after which the server publishes, also without data. */
  readonly keepAliveMs: number
  /** Whether the server has not been asked for data: then its silence says nothing. */
  readonly isPaused: () => boolean
  /** The server's time, ms since the Unix epoch. */
  readonly probe: () => Promise<number>
  readonly quiet: (why: string | undefined) => void
  /** @param isLink - whether nothing at all comes; else the session answers, and only the subscription is dead */
  readonly dead: (why: string, isLink: boolean) => void
  /** The server's clock was set by so many ms. */
  readonly stepped: (byMs: number) => void
}

/** A small pause is no silence, ms. */
const LEAST_QUIET = 250
const LEAST_DEAD = 1500
/** A clock that moves by more than this between two answers was set, ms. */
const STEP = 3000
/** Servers keep their time once a second or so. */
const FROZEN_MS = 6000
const CLOCK_EVERY = 2000
/** A session is asked at least so often, however seldom data is wanted, ms. */
const MOST_PERIOD = 20_000

/**
 * Watches a subscription by what the server answers: publish responses show that data flows, reads of its time that the
 * session lives. What the client library believes is not asked.
 *
 * @internal
 */
export class DataWatch {
  readonly #with: DataWatchOptions
  readonly #tickMs: number
  /** After which the session is asked for a sign of life, ms. */
  readonly #periodMs: number
  #link = 0
  #publish = 0
  #looked: number
  #probedAt: number
  #isProbing = false
  #offset: number | undefined
  #movedAt = Number.POSITIVE_INFINITY
  #isFrozen = false
  #lastTime: number | undefined
  #why: string | undefined
  #cancel: (() => void) | undefined

  constructor(options: DataWatchOptions) {
    this.#with = options
    this.#looked = options.scheduler.elapsed()
    this.#probedAt = this.#looked
    this.#periodMs = Math.min(options.publishMs, MOST_PERIOD)
    this.#tickMs = Math.min(Math.max(options.publishMs / 4, 25), 5000)
    this.#tick()
    this.#probe()
  }

  /** A publish response has come. */
  heard(): void {
    this.#publish = 0
    this.#link = 0
    if (this.#why !== undefined) this.#look()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #tick(): void {
    const { scheduler, isPaused } = this.#with
    this.#cancel = scheduler.after(this.#tickMs, () => {
      this.#tick()
      const now = scheduler.elapsed()
      // a process that was busy has not listened: what waits in the socket is read after this
      const passed = Math.min(now - this.#looked, 2 * this.#tickMs)
      this.#looked = now
      this.#link += passed
      this.#publish = isPaused() ? 0 : this.#publish + passed
      const isDue = now - this.#probedAt >= Math.max(CLOCK_EVERY, this.#periodMs)
      if (isDue || this.#link >= Math.max(this.#periodMs, LEAST_QUIET / 2)) this.#probe()
      this.#look()
    })
  }

  #look(): void {
    const { publishMs, keepAliveMs, quiet, dead } = this.#with
    const linkQuiet = Math.max(2 * this.#periodMs, LEAST_QUIET)
    const publishQuiet = Math.max(keepAliveMs + publishMs, LEAST_QUIET)
    let why: string | undefined
    if (this.#link >= linkQuiet) why = `nothing heard from the server for ${linkQuiet} ms`
    else if (this.#publish >= publishQuiet)
      why = `the session answers, the subscription has sent nothing for ${publishQuiet} ms`
    else if (this.#isFrozen) why = "the server's clock stands still"
    if (why !== this.#why) {
      this.#why = why
      quiet(why)
    }
    const isLink = this.#link >= Math.max(2 * linkQuiet, LEAST_DEAD)
    const isDead = isLink || this.#publish >= Math.max(2 * publishQuiet, LEAST_DEAD)
    if (!isDead || this.#cancel === undefined) return
    this.stop()
    dead(why ?? 'nothing heard from the server', isLink)
  }

  #probe(): void {
    if (this.#isProbing) return
    const { scheduler, probe } = this.#with
    this.#isProbing = true
    this.#probedAt = scheduler.elapsed()
    probe()
      .then(
        (time) => this.#answered(time),
        () => {} // what it means shows in the silence
      )
      .finally(() => {
        this.#isProbing = false
      })
  }

  #answered(time: number): void {
    if (this.#cancel === undefined) return
    this.#link = 0
    if (!Number.isFinite(time)) return
    const now = this.#with.scheduler.elapsed()
    if (time === this.#lastTime) {
      this.#isFrozen = now - this.#movedAt >= FROZEN_MS
    } else {
      const offset = time - now
      const by = this.#offset === undefined ? 0 : offset - this.#offset
      this.#isFrozen = false
      this.#lastTime = time
      this.#movedAt = now
      this.#offset = offset
      if (Math.abs(by) > STEP) this.#with.stepped(by)
    }
    this.#look()
  }
}
