import type { Scheduler } from '@messwerk/core/driver'
import type { SimulatedDevice } from './simulated-device.ts'

/** How often what is due is written, ms. */
const TICK_MS = 5

/** Takes bytes for the host; says whether they got through. @internal */
export interface Wire {
  /** False = the host does not read in time: the frames are lost, as on USB. */
  readonly hasRoom: boolean
  send(bytes: Uint8Array): void
}

/**
 * Lets a simulated device measure and transmit at its rate, on the clock of a scheduler.
 *
 * @internal
 */
export class RealTime {
  readonly #device: SimulatedDevice
  readonly #wire: Wire
  readonly #scheduler: Scheduler
  /** Elapsed time and number of the scan at which the transmission began. */
  #from = { at: 0, scan: 0 }
  #cancel: (() => void) | undefined

  constructor(device: SimulatedDevice, wire: Wire, scheduler: Scheduler) {
    this.#device = device
    this.#wire = wire
    this.#scheduler = scheduler
    // a device that nobody has stopped is transmitting when a host comes
    if (device.transmitting) wire.send(device.transmission.single())
  }

  /** Takes bytes of the host and answers; frames that were due come before the answer. */
  take(bytes: Uint8Array): void {
    this.#write()
    const wasTransmitting = this.#cancel !== undefined
    const { rate } = this.#device
    for (const response of this.#device.take(bytes)) this.#wire.send(response)
    const { started, transmitting, transmission } = this.#device
    const starts = started && transmitting && !wasTransmitting
    if (starts || this.#device.rate !== rate) this.#from = { at: this.#scheduler.elapsed(), scan: transmission.sent }
    if (starts) this.#tick()
    if (!transmitting) this.stop()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #tick(): void {
    this.#cancel = this.#scheduler.after(TICK_MS, () => {
      this.#write()
      this.#tick()
    })
  }

  /** Writes every frame that is due by now. */
  #write(): void {
    if (!this.#cancel) return
    const { transmission, rate } = this.#device
    const passed = this.#scheduler.elapsed() - this.#from.at
    let due = this.#from.scan + Math.floor((passed * rate) / 1000) - transmission.sent
    if (due > 0 && !this.#wire.hasRoom) transmission.lose(transmission.sent, due)
    while (due > 0) {
      const { bytes, scans } = transmission.write(due)
      if (bytes.length > 0) this.#wire.send(bytes)
      due -= scans
    }
  }
}
