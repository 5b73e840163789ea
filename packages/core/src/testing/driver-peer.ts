import { AssertionError } from 'node:assert'
import { setImmediate as macrotask } from 'node:timers/promises'
import { systemTime } from '../time/system-time.ts'
import type { DriverDevice, DriverLink } from './driver-subject.ts'

/** The far end of the link that the suite gives a driver: the device, and its wire. @internal */
export class DriverPeer implements DriverLink {
  readonly url = 'suite:'
  readonly written: Uint8Array[] = []
  isOpen = false
  isClosed = false
  /** When the device makes its scan 0, ms. */
  readonly #origin = systemTime.elapsed()
  readonly #period: number
  readonly #device: DriverDevice | undefined
  #receiver: Parameters<DriverLink['start']>[0] | undefined

  constructor(rate: number, device: DriverDevice | undefined) {
    this.#period = 1000 / rate
    this.#device = device
  }

  start(receiver: Parameters<DriverLink['start']>[0]): void {
    this.#receiver = receiver
    this.isOpen = true
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(bytes.slice())
    const answer = this.#device?.take(bytes)
    await macrotask()
    if (answer && !this.isClosed) this.#receiver?.data(answer, systemTime.elapsed())
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  /** When the device has made a scan, ms on the clock of the arrivals. */
  madeAt(scan: number): number {
    return this.#origin + scan * this.#period
  }

  /** Bytes that arrive when the device has made its scan number `scan`, `late` ms later. */
  send(bytes: Uint8Array, scan: number, late = 0): void {
    if (!this.isClosed) this.#receiver?.data(bytes, this.madeAt(scan) + late)
  }

  /** The link is lost. */
  lose(): void {
    if (!this.isClosed) this.#receiver?.closed(new Error('the cable was pulled'))
  }

  /** Resolves when the driver listens and the device transmits. */
  async transmitting(timeoutMs: number): Promise<void> {
    const until = Date.now() + timeoutMs
    while (!(this.isOpen && (this.#device?.transmits ?? true))) {
      if (Date.now() > until) {
        throw new AssertionError({ message: `the driver did not start its device within ${timeoutMs} ms` })
      }
      await macrotask()
    }
    await macrotask()
  }
}
