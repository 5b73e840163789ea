import { type ByteLink, type Scheduler, systemTime } from '@messwerk/core/driver'
import { type Duration, durationMs } from '@messwerk/core/model'
import type { DataType } from '../codec/index.ts'
import { FastLink } from './fast-link.ts'
import { type Fault, type FaultLabel, Faults } from './faults.ts'
import { RealLink } from './real-link.ts'
import { SIX_COMPONENTS, Signal, type SimulatedChannel } from './signal.ts'
import { SimulatedDevice } from './simulated-device.ts'
import { TcpServer } from './tcp-server.ts'
import { Transmission } from './transmission.ts'

/**
 * Options of {@link simulateGsv}.
 *
 * @example
 * ```ts
 * import type { SimulateGsvOptions } from '@messwerk/gsv-driver/simulator'
 *
 * const options: SimulateGsvOptions = { rate: 1000, channels: [{ name: 'force', unit: 'kN', offset: 12 }], seed: 7 }
 * options.seed // => 7
 * ```
 */
export interface SimulateGsvOptions {
  /** @defaultValue 'gsv-8' */
  readonly model?: 'gsv-8'
  /** Frames per second, Hz; 1 to 12 000 for float32, 24 000 for int24, 48 000 for int16. @defaultValue 1000 */
  readonly rate?: number
  /** One to eight. @defaultValue the six components of a force/torque sensor under a steady load */
  readonly channels?: readonly SimulatedChannel[]
  /** @defaultValue 'float32' */
  readonly dataType?: DataType
  /** Of the noise: equal seeds make equal scans. @defaultValue 1 */
  readonly seed?: number
  /** Serial number. @defaultValue 1234567, as a device that was never given one */
  readonly serial?: number
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
}

/**
 * How a link inside the process delivers.
 *
 * @example
 * ```ts
 * import type { SimulatedLinkOptions } from '@messwerk/gsv-driver/simulator'
 *
 * const options: SimulatedLinkOptions = { speed: 'max', duration: '1h' }
 * options.speed // => 'max'
 * ```
 */
export interface SimulatedLinkOptions {
  /** `real`: at the rate of the device; `max`: as fast as it is read, with the times of the device. @defaultValue 'real' */
  readonly speed?: 'real' | 'max'
  /** Time of the device after which the link ends; with `max` only. @defaultValue it does not end */
  readonly duration?: Duration
}

/**
 * A simulated amplifier, see {@link simulateGsv}.
 *
 * @example
 * ```ts
 * import { simulateGsv, type SimulatedGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier: SimulatedGsv = simulateGsv()
 * amplifier.sent // => 0
 * ```
 */
export interface SimulatedGsv {
  /** Scans measured since a host first started the transmission; those that were lost on the wire count. */
  readonly sent: number
  /** Of these, the ones that were never written to the wire. */
  readonly lost: number
  /** The truth about the injected faults. */
  readonly labels: readonly FaultLabel[]
  /** Lets a channel show a fault. @throws RangeError when there is no such channel, or the scans lie in the past */
  inject(fault: Fault): void
  /** Measures `count` scans from `at` on (default: the next) and does not write them: what a broken wire does. */
  loseFrames(range: { readonly at?: number; readonly count: number }): void
  /** Damages `count` frames from `at` on (default: the next). */
  corruptFrames(range: { readonly at?: number; readonly count: number }): void
  /**
   * Serves the device over TCP, to one host at a time; returns its `tcp://` URL.
   *
   * @throws InUseError when another program has the port
   */
  listen(options?: { readonly host?: string; readonly port?: number }): Promise<string>
  /** A link to the device inside this process. */
  link(options?: SimulatedLinkOptions): ByteLink
  /** Stops serving; the host sees its connection end. */
  close(): Promise<void>
}

/**
 * A GSV-8 that exists only as bytes: it answers commands with state and error codes and transmits measured frames, so
 * the real driver runs against it, without hardware.
 *
 * Signals are `offset + sine + normal noise`, seeded; faults are injected with labels, frames lost or damaged on demand.
 *
 * @throws RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { gsvSource } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv({ rate: 1000, seed: 7 })
 * amplifier.inject({ kind: 'shift', channel: 'force_z', at: 5000, for: 300, size: 40 })
 * const url = await amplifier.listen()
 * const source = gsvSource({ url, id: 'press-3' })
 * source.id // => 'press-3'
 * await amplifier.close()
 * ```
 */
export function simulateGsv(options: SimulateGsvOptions = {}): SimulatedGsv {
  return new Simulator(options)
}

const MOST_RATE: Readonly<Record<DataType, number>> = { int16: 48_000, int24: 24_000, float32: 12_000 }

class Simulator implements SimulatedGsv {
  readonly #names: readonly string[]
  readonly #rate: number
  readonly #seed: number
  readonly #scheduler: Scheduler
  readonly #faults = new Faults()
  readonly #transmission: Transmission
  readonly #device: SimulatedDevice
  #server: TcpServer | undefined

  constructor(options: SimulateGsvOptions) {
    const {
      rate = 1000,
      channels = SIX_COMPONENTS,
      dataType = 'float32',
      seed = 1,
      serial = 1_234_567,
      scheduler = systemTime
    } = options
    check(options)
    this.#names = channels.map(({ name }, i) => name ?? `channel_${i + 1}`)
    this.#rate = rate
    this.#seed = seed
    this.#scheduler = scheduler
    const signal = new Signal(channels, rate, seed)
    const scale = Float64Array.from(channels, (channel) => channel.scale ?? 1000)
    this.#transmission = new Transmission(
      { objects: channels.length, dataType, crc: false },
      signal,
      this.#faults,
      scale
    )
    this.#device = new SimulatedDevice(channels, rate, serial, this.#transmission, signal)
  }

  get sent(): number {
    return this.#transmission.sent
  }

  get lost(): number {
    return this.#transmission.lost
  }

  get labels(): readonly FaultLabel[] {
    return this.#faults.labels
  }

  inject({ kind, channel, at = this.sent, for: scans = 1, size = 0 }: Fault): void {
    const column = typeof channel === 'number' ? channel - 1 : this.#names.indexOf(channel)
    const name = this.#names[column]
    if (name === undefined) {
      throw new RangeError(
        `inject: channel must be 1 to ${this.#names.length} or one of ${this.#names.join(', ')}, got '${channel}'`
      )
    }
    this.#checkRange('inject', at, scans)
    this.#faults.add({ kind, channel: name, from: at, to: at + scans, size }, column, this.#seed)
  }

  loseFrames({ at = this.sent, count }: { readonly at?: number; readonly count: number }): void {
    this.#checkRange('loseFrames', at, count)
    this.#transmission.lose(at, count)
  }

  corruptFrames({ at = this.sent, count }: { readonly at?: number; readonly count: number }): void {
    this.#checkRange('corruptFrames', at, count)
    this.#transmission.damage(at, count)
  }

  async listen({
    host = '127.0.0.1',
    port = 0
  }: {
    readonly host?: string
    readonly port?: number
  } = {}): Promise<string> {
    const server = new TcpServer(this.#device, this.#scheduler)
    const url = await server.listen(host, port)
    this.#server = server
    return url
  }

  link({ speed = 'real', duration }: SimulatedLinkOptions = {}): ByteLink {
    if (speed === 'real') {
      if (duration !== undefined) throw new RangeError("link: duration goes with speed 'max' only")
      return new RealLink(this.#device, this.#scheduler)
    }
    if (speed !== 'max') throw new RangeError(`link: speed must be 'real' or 'max', got '${String(speed)}'`)
    const scans =
      duration === undefined ? undefined : Math.round((durationMs(duration, 'link: duration') * this.#rate) / 1000)
    return new FastLink({ device: this.#device, scheduler: this.#scheduler, scans })
  }

  async close(): Promise<void> {
    await this.#server?.close()
    this.#server = undefined
  }

  #checkRange(what: string, at: number, count: number): void {
    if (!(Number.isInteger(count) && count > 0))
      throw new RangeError(`${what}: scans must be a positive whole number, got ${count}`)
    if (!(Number.isInteger(at) && at >= this.sent)) {
      throw new RangeError(`${what}: at must be a scan that is still to come (${this.sent} or later), got ${at}`)
    }
  }
}

function check({
  model = 'gsv-8',
  rate = 1000,
  channels = SIX_COMPONENTS,
  dataType = 'float32'
}: SimulateGsvOptions): void {
  if (model !== 'gsv-8') throw new RangeError(`simulateGsv: model must be 'gsv-8', got '${String(model)}'`)
  const most = MOST_RATE[dataType]
  if (most === undefined)
    throw new RangeError(`simulateGsv: dataType must be float32, int24 or int16, got '${String(dataType)}'`)
  if (!(rate >= 1 && rate <= most))
    throw new RangeError(`simulateGsv: rate must be 1 to ${most} Hz for ${dataType}, got ${rate}`)
  if (channels.length < 1 || channels.length > 8) {
    throw new RangeError(`simulateGsv: channels must be one to eight, got ${channels.length}`)
  }
}
