import type { Scheduler } from '@messwerk/core/driver'
import { NotConnectedError, type SourceReport } from '@messwerk/core/model'
import type { ScanSession } from '../device/scan-session.ts'

/** What a {@link SilenceWatch} works with. @internal */
export interface SilenceOptions {
  readonly session: ScanSession
  readonly scheduler: Scheduler
  /** Frames a second. */
  readonly rate: number
  /** Whether the link is held back, so that nothing can arrive. */
  readonly isHeld: () => boolean
  readonly report: ((report: SourceReport) => void) | undefined
  /** Called once, when it has been silent for too long. */
  readonly silent: (error: NotConnectedError) => void
}

/** Looks while a device may be silent; a process that was busy itself has looked once. */
const LOOKS = 4

/**
 * Notices a device that sends no frames though its link is open: after 1 s (or 20 periods) it is reported, after twice
 * that it counts as not connected.
 *
 * @internal
 */
export class SilenceWatch {
  readonly #o: SilenceOptions
  /** ms */
  readonly #longest: number
  #seen = -1
  #looks = 0
  #cancel: (() => void) | undefined

  /** Whether the device was given up. */
  isOver = false

  constructor(options: SilenceOptions) {
    this.#o = options
    this.#longest = Math.max(1000, 20_000 / options.rate)
  }

  start(): void {
    this.#cancel = this.#o.scheduler.after(this.#longest / LOOKS, () => {
      this.#look()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #look(): void {
    const { session, isHeld, report, silent } = this.#o
    const { decoded } = session.parser
    if (decoded !== this.#seen && this.#looks >= LOOKS) report?.({ state: 'running' })
    const isQuiet = decoded === this.#seen && session.transmitting && !isHeld()
    this.#seen = decoded
    this.#looks = isQuiet ? this.#looks + 1 : 0
    const why = `no measured frame for ${(this.#looks * this.#longest) / LOOKS / 1000} s on an open link; check power and cable of the device, and whether another program has stopped it`
    if (this.#looks === LOOKS) report?.({ state: 'degraded', why: `${session.url}: ${why}` })
    if (!this.#cancel) return
    if (this.#looks < 2 * LOOKS) return this.start()
    this.isOver = true
    silent(new NotConnectedError(session.url, why))
  }
}
