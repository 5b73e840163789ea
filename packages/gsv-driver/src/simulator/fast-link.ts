import type { ByteLink, ByteReceiver, Scheduler } from '@messwerk/core/driver'
import type { SimulatedDevice } from './simulated-device.ts'

/** Frames made at once. */
const CHUNK = 256

/** @internal */
export interface FastLinkOptions {
  readonly device: SimulatedDevice
  readonly scheduler: Scheduler
  /** Scans after which the link ends; undefined = never. */
  readonly scans: number | undefined
}

/**
 * A link inside the process that delivers as fast as it is read: arrivals carry the time at which the device would have
 * sent them, so an hour takes seconds and the sample clock sees an hour.
 *
 * @internal
 */
export class FastLink implements ByteLink {
  readonly url: string
  readonly #device: SimulatedDevice
  readonly #scheduler: Scheduler
  readonly #scans: number | undefined
  readonly #origin: number
  #receiver: ByteReceiver | undefined
  #isPaused = false
  #isRunning = false
  #isClosed = false

  constructor({ device, scheduler, scans }: FastLinkOptions) {
    this.url = `simulator:${device.serial}`
    this.#device = device
    this.#scheduler = scheduler
    this.#scans = scans
    this.#origin = scheduler.elapsed()
  }

  start(receiver: ByteReceiver): void {
    this.#receiver = receiver
    const { transmitting, transmission } = this.#device
    if (transmitting) this.#deliver(transmission.single())
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (const response of this.#device.take(bytes)) this.#deliver(response)
    if (this.#device.silence > 0) this.#restart()
    this.#run()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#run()
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  /** A reset takes no time here. */
  #restart(): void {
    this.#device.silence = 0
    this.#device.powerUp()
  }

  /** Answers come in a later macrotask, as from a device. */
  #deliver(bytes: Uint8Array): void {
    void this.#scheduler.macrotask().then(() => {
      if (!this.#isClosed) this.#receiver?.data(bytes, this.#now())
    })
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#transmit().finally(() => {
      this.#isRunning = false
    })
  }

  async #transmit(): Promise<void> {
    const { transmission } = this.#device
    for (;;) {
      await this.#scheduler.macrotask()
      if (this.#isClosed || this.#isPaused || !(this.#device.started && this.#device.transmitting)) return
      const left = (this.#scans ?? Number.POSITIVE_INFINITY) - transmission.sent
      if (left < transmission.writer.scans) return this.#end()
      const { bytes } = transmission.write(Math.min(CHUNK, left))
      if (bytes.length > 0) this.#receiver?.data(bytes, this.#now())
    }
  }

  #end(): void {
    this.#isClosed = true
    this.#receiver?.closed()
  }

  /** The time at which the device has sent what it has sent, ms on the clock of the scheduler. */
  #now(): number {
    return this.#origin + (this.#device.transmission.sent * 1000) / this.#device.rate
  }
}
