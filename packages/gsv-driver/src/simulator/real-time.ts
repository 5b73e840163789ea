import type { Scheduler } from '@messwerk/core/driver'
import type { SimulatedDevice } from './simulated-device.ts'

/** How often what is due is written, ms. */
const TICK_MS = 5
/** How long a device is off that is switched off and on, ms. */
const OFF_MS = 700
/** The rest of a request must come within this, ms. */
const REQUEST_MS = 200

/** Takes bytes for the host; says whether they get through. @internal */
export interface Wire {
  /** False = the host does not read in time: the frames are lost, as on USB. */
  readonly hasRoom: boolean
  send(bytes: Uint8Array): void
}

/** @internal */
export interface RealTimeOptions {
  /** Whether scans go on while nothing is transmitted. */
  readonly freeRunning?: boolean
  /** Whether a host that comes finds the transmission running, if it was started. */
  readonly streaming?: boolean
  /** How much faster the device's crystal is than it says, parts per million. */
  readonly crystal?: number
  /** Bytes of frames that the device itself holds. */
  readonly buffer?: number
}

/**
 * Lets a simulated device measure and transmit at its rate, on the clock of a scheduler, to one host at a time.
 *
 * @internal
 */
export class RealTime {
  readonly #device: SimulatedDevice
  readonly #scheduler: Scheduler
  readonly #freeRunning: boolean
  readonly #streaming: boolean
  readonly #speed: number
  readonly #buffer: number
  #wire: Wire | undefined
  /** Elapsed time and number of the scan at which counting began. */
  #from = { at: 0, scan: 0 }
  #isCounting = false
  #isUnplugged = false
  #isOff = false
  #cancelTick: (() => void) | undefined
  #cancelIdle: (() => void) | undefined
  #cancelStall: (() => void) | undefined
  /** Bytes of the host that came during a stall. */
  #held: Uint8Array[] = []

  constructor(device: SimulatedDevice, scheduler: Scheduler, options: RealTimeOptions = {}) {
    const { freeRunning = false, streaming = freeRunning, crystal = 0, buffer = 65_536 } = options
    this.#device = device
    this.#scheduler = scheduler
    this.#freeRunning = freeRunning
    this.#streaming = streaming
    this.#speed = 1 + crystal / 1e6
    this.#buffer = buffer
  }

  /** Whether a host is there. */
  get isAttached(): boolean {
    return this.#wire !== undefined
  }

  /** A host comes. A device that nobody has stopped is transmitting. */
  attach(wire: Wire): void {
    this.settle()
    this.#wire = wire
    const { started, transmitting, transmission } = this.#device
    if (started && this.#streaming) this.#begin()
    else if (transmitting) wire.send(transmission.single())
  }

  /** The host of this wire is gone. */
  detach(wire: Wire): void {
    if (this.#wire !== wire) return
    this.#write()
    this.#wire = undefined
    this.#cancelIdle?.()
    this.#held = []
    if (!this.#freeRunning && !this.#isUnplugged) this.#isCounting = false
    this.#pause()
  }

  /** Takes bytes of the host and answers; frames that were due come before the answer. */
  take(bytes: Uint8Array): void {
    if (this.#isOff) return
    if (this.#cancelStall) return void this.#held.push(bytes.slice())
    this.#write()
    const { rate } = this.#device
    for (const response of this.#device.take(bytes)) this.#send(response)
    const { started, transmitting, transmission } = this.#device
    if (this.#device.rate !== rate) this.#from = { at: this.#scheduler.elapsed(), scan: transmission.sent }
    if (started && transmitting) this.#begin()
    else if (!this.#freeRunning) this.#isCounting = false
    if (!transmitting) this.#pause()
    if (this.#device.silence > 0) this.#switchOff(this.#device.silence)
    this.#watchRequest()
  }

  /** When a scan was or will be measured, ms of elapsed time, by the last start or change of the rate. */
  timeOf(scan: number): number {
    return this.#from.at + ((scan + 1 - this.#from.scan) * 1000) / (this.#device.rate * this.#speed)
  }

  /** Switches the device off and, a moment later, on again. */
  restart(): void {
    this.#write()
    this.#switchOff(OFF_MS)
  }

  /** Nothing gets through for so long, ms; the device holds what fits its buffer and loses the rest. */
  stall(ms: number): void {
    this.#write()
    this.#cancelStall?.()
    this.#cancelStall = this.#scheduler.after(ms, () => this.#endStall())
  }

  /** Frames go nowhere until `plug`; whoever serves a host sends it away. */
  unplug(): void {
    this.#write()
    this.#isUnplugged = true
  }

  plug(): void {
    this.settle()
    this.#isUnplugged = false
    if (!this.#wire && !this.#freeRunning) this.#isCounting = false
  }

  /** Counts what was measured and not written up to now; for whoever asks. */
  settle(): void {
    if (this.#wire && !this.#isUnplugged && this.#device.transmitting) return
    this.#write()
  }

  stop(): void {
    this.#pause()
    this.#cancelIdle?.()
    this.#cancelStall?.()
    this.#cancelStall = undefined
    this.#isCounting = false
  }

  #begin(): void {
    if (!this.#isCounting) {
      this.#isCounting = true
      this.#from = { at: this.#scheduler.elapsed(), scan: this.#device.transmission.sent }
    }
    if (!this.#cancelTick && this.#device.transmitting) this.#tick()
  }

  #pause(): void {
    this.#cancelTick?.()
    this.#cancelTick = undefined
  }

  #tick(): void {
    const { wire } = this.#device.transmission
    const delay = TICK_MS + (wire.delayMs > 0 ? wire.random() * wire.delayMs : 0)
    this.#cancelTick = this.#scheduler.after(delay, () => {
      this.#write()
      this.#tick()
    })
  }

  /** Scans that are due by now. */
  #due(): number {
    const passed = this.#scheduler.elapsed() - this.#from.at
    const { rate, transmission } = this.#device
    return this.#from.scan + Math.floor((passed * rate * this.#speed) / 1000 + 1e-9) - transmission.sent
  }

  /** Writes every frame that is due by now, or counts what nobody gets. */
  #write(): void {
    if (!this.#isCounting || this.#cancelStall) return
    const due = this.#due()
    if (due <= 0) return
    const { transmission, transmitting } = this.#device
    if (!transmitting || this.#isOff) transmission.skip(due, 'silent')
    else if (!this.#wire || this.#isUnplugged) transmission.skip(due, 'lost')
    else if (this.#wire.hasRoom) this.#transmit(due)
    else this.#lose(due)
  }

  #lose(scans: number): void {
    this.#device.transmission.skip(scans, 'lost')
    this.#device.overflowed()
  }

  #transmit(due: number): void {
    const { transmission } = this.#device
    let left = due
    while (left >= transmission.writer.scans) {
      const { bytes, scans } = transmission.write(left)
      if (bytes.length > 0) this.#send(bytes)
      left -= scans
    }
  }

  #send(bytes: Uint8Array): void {
    const { wire } = this.#device.transmission
    if (!this.#wire || this.#isUnplugged) return
    if (wire.split === 0) return this.#wire.send(bytes)
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + Math.floor(wire.random() * wire.split))
      this.#wire.send(bytes.subarray(at, end))
      at = end
    }
  }

  #endStall(): void {
    this.#cancelStall = undefined
    if (this.#isCounting && this.#wire && this.#device.transmitting) {
      const { longest, scans } = this.#device.transmission.writer
      const fits = Math.floor(this.#buffer / longest) * scans
      const due = this.#due()
      this.#transmit(Math.min(due, fits))
      if (due > fits) this.#lose(due - fits)
    }
    for (const bytes of this.#held.splice(0)) this.take(bytes)
  }

  /** The device is reset: it is away for a while, and begins anew. */
  #switchOff(ms: number): void {
    this.#isOff = true
    this.#pause()
    this.#scheduler.after(ms, () => {
      this.#write()
      this.#isOff = false
      this.#device.silence = 0
      this.#device.powerUp()
      this.#from = { at: this.#scheduler.elapsed(), scan: this.#device.transmission.sent }
      if (this.#wire && this.#device.started && this.#device.transmitting) this.#begin()
    })
  }

  #watchRequest(): void {
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    if (this.#device.pending === 0) return
    this.#cancelIdle = this.#scheduler.after(REQUEST_MS, () => {
      this.#cancelIdle = undefined
      this.#write()
      for (const response of this.#device.idle()) this.#send(response)
    })
  }
}
