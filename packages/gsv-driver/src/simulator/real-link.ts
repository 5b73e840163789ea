import type { ByteLink, ByteReceiver, Scheduler } from '@messwerk/core/driver'
import { NotConnectedError } from '@messwerk/core/model'
import type { RealTime, Wire } from './real-time.ts'

/**
 * A link inside the process at the rate of the device.
 *
 * @internal
 */
export class RealLink implements ByteLink {
  readonly url: string
  readonly #running: RealTime
  readonly #scheduler: Scheduler
  readonly #isPlugged: () => boolean
  readonly #gone: (link: RealLink) => void
  #wire: Wire | undefined
  #receiver: ByteReceiver | undefined

  constructor(
    url: string,
    running: RealTime,
    scheduler: Scheduler,
    isPlugged: () => boolean,
    gone: (link: RealLink) => void
  ) {
    this.url = url
    this.#running = running
    this.#scheduler = scheduler
    this.#isPlugged = isPlugged
    this.#gone = gone
  }

  start(receiver: ByteReceiver): void {
    this.#receiver = receiver
    if (!this.#isPlugged() || this.#running.isAttached) return this.unplug()
    const send = (bytes: Uint8Array): void => receiver.data(bytes, this.#scheduler.elapsed())
    this.#wire = { hasRoom: true, send }
    this.#running.attach(this.#wire)
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#scheduler.macrotask()
    if (this.#wire) this.#running.take(bytes)
  }

  async close(): Promise<void> {
    this.#receiver = undefined
    this.#detach()
  }

  /** The cable is pulled out. */
  unplug(): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    this.#detach()
    receiver?.closed(new NotConnectedError(this.url, 'the device is unplugged, or another host has it'))
  }

  #detach(): void {
    if (this.#wire) this.#running.detach(this.#wire)
    this.#wire = undefined
    this.#gone(this)
  }
}
