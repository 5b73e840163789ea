import type { Scheduler } from '@messwerk/core/driver'

const TICKS = 8

/** What a watch tells about its link. @internal */
export interface LinkWatchOptions {
  readonly keepaliveMs: number
  readonly scheduler: Scheduler
  readonly ping: () => void
  /** Nothing has been heard for a whole keepalive, or something was heard again. */
  readonly quiet: (isQuiet: boolean) => void
  /** Nothing has been heard for 1.5 keepalives. */
  readonly dead: () => void
}

/**
 * Watches a connection by what arrives, never by what the client library believes: a link whose other end has gone
 * without a word looks connected. It pings twice in each keepalive; after a whole one of silence the link counts as
 * degraded, after one and a half as dead.
 *
 * @internal
 */
export class LinkWatch {
  readonly #options: LinkWatchOptions
  #silence = 0
  #looked: number
  #ticks = 0
  #isQuiet = false
  #cancel: (() => void) | undefined
  /** While we do not read, silence says nothing about the peer; it must go on hearing from us. */
  isHolding = false

  constructor(options: LinkWatchOptions) {
    this.#options = options
    this.#looked = options.scheduler.elapsed()
    this.#tick()
  }

  /** Bytes have arrived. */
  heard(): void {
    this.#silence = 0
    if (!this.#isQuiet) return
    this.#isQuiet = false
    this.#options.quiet(false)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #tick(): void {
    const { keepaliveMs, scheduler, ping } = this.#options
    this.#cancel = scheduler.after(keepaliveMs / TICKS, () => {
      this.#tick()
      this.#ticks += 1
      if (this.#ticks % (TICKS / 2) === 0) ping()
      const now = scheduler.elapsed()
      // a process that was busy has not listened: what waits in the socket is read after this
      this.#silence += this.isHolding ? 0 : Math.min(now - this.#looked, keepaliveMs / 4)
      this.#looked = now
      this.#look()
    })
  }

  #look(): void {
    const { keepaliveMs, quiet, dead } = this.#options
    if (this.#silence >= keepaliveMs && !this.#isQuiet) {
      this.#isQuiet = true
      quiet(true)
    }
    if (this.#silence < keepaliveMs * 1.5) return
    this.stop()
    dead()
  }
}
