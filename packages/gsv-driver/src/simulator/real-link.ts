import type { ByteLink, ByteReceiver, Scheduler } from '@messwerk/core/driver'
import { RealTime } from './real-time.ts'
import type { SimulatedDevice } from './simulated-device.ts'

/**
 * A link inside the process at the rate of the device.
 *
 * @internal
 */
export class RealLink implements ByteLink {
  readonly url: string
  readonly #device: SimulatedDevice
  readonly #scheduler: Scheduler
  #running: RealTime | undefined

  constructor(device: SimulatedDevice, scheduler: Scheduler) {
    this.url = `simulator:${device.serial}`
    this.#device = device
    this.#scheduler = scheduler
  }

  start(receiver: ByteReceiver): void {
    const send = (bytes: Uint8Array): void => receiver.data(bytes, this.#scheduler.elapsed())
    this.#running = new RealTime(this.#device, { hasRoom: true, send }, this.#scheduler)
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#scheduler.macrotask()
    this.#running?.take(bytes)
  }

  async close(): Promise<void> {
    this.#running?.stop()
    this.#running = undefined
  }
}
