import { type ByteLink, type Scheduler, systemTime } from '@messwerk/core/driver'
import { durationMs } from '@messwerk/core/model'
import type { LegacyModel } from '../codec/index.ts'
import { FramedDevice } from './device/framed-device.ts'
import { MODELS, settingsOf } from './device/settings.ts'
import { FastLink } from './fast-link.ts'
import { type Fault, type FaultLabel, Faults } from './faults.ts'
import { LegacyDevice } from './legacy/legacy-device.ts'
import { type Plan, planOf } from './plan.ts'
import { PlayedBlocks } from './played-blocks.ts'
import { PseudoTerminal } from './pseudo-terminal.ts'
import { RealLink } from './real-link.ts'
import { RealTime } from './real-time.ts'
import type { SentScans } from './sent-log.ts'
import { Signal } from './signal.ts'
import type { SimulatedDevice } from './simulated-device.ts'
import type { SimulatedGsv, SimulatedLinkOptions, SimulateGsvOptions } from './simulated-gsv.ts'
import { TcpServer } from './tcp-server.ts'
import type { WireDisturbance } from './wire-noise.ts'

/**
 * An amplifier that exists only as bytes: it answers commands with state and error codes and transmits measured frames,
 * so the real driver runs against it, without hardware.
 *
 * Signals are `offset + wave + normal noise`, seeded, or the values of blocks; faults are injected with labels, frames
 * lost or damaged on demand.
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
  return new Simulator(planOf(options), options.scheduler ?? systemTime)
}

class Simulator implements SimulatedGsv {
  readonly #plan: Plan
  readonly #scheduler: Scheduler
  readonly #faults: Faults
  readonly #device: SimulatedDevice
  readonly #running: RealTime
  readonly #links = new Set<RealLink>()
  readonly #servers = new Set<TcpServer | PseudoTerminal>()
  #isPlugged = true

  constructor(plan: Plan, scheduler: Scheduler) {
    const { channels, rate, seed, freeRunning, streaming, crystal, buffer, blocks } = plan
    this.#plan = plan
    this.#scheduler = scheduler
    this.#faults = new Faults(channels.map(({ scale }) => scale ?? 1000))
    const signal = new Signal(channels, rate, seed, blocks && new PlayedBlocks(blocks))
    this.#device = deviceOf(plan, signal, this.#faults, scheduler)
    this.#device.started = plan.streaming
    this.#running = new RealTime(this.#device, scheduler, {
      freeRunning,
      streaming: streaming || freeRunning,
      crystal,
      buffer
    })
  }

  get sent(): number {
    this.#running.settle()
    return this.#device.transmission.sent
  }

  get lost(): number {
    this.#running.settle()
    return this.#device.transmission.lost
  }

  get silent(): number {
    this.#running.settle()
    return this.#device.transmission.log.silent
  }

  get labels(): readonly FaultLabel[] {
    return this.#faults.labels
  }

  get log(): readonly SentScans[] {
    this.#running.settle()
    return this.#device.transmission.log.entries
  }

  inject({ kind, channel, at = this.sent, for: scans = 1, size = 0, with: other }: Fault): void {
    const column = this.#column('channel', channel)
    const name = this.#plan.names[column] as string
    this.#checkRange('inject', at, scans)
    const label = { kind, channel: name, from: at, to: at + scans, size }
    if (kind !== 'swap') return this.#faults.add(label, column, this.#plan.seed)
    if (other === undefined) throw new RangeError("inject: a 'swap' needs `with`, the other channel")
    const second = this.#column('with', other)
    this.#faults.add({ ...label, with: this.#plan.names[second] as string }, column, this.#plan.seed, second)
  }

  loseFrames({ at = this.sent, count }: { readonly at?: number; readonly count: number }): void {
    this.#checkRange('loseFrames', at, count)
    this.#device.transmission.lose(at, count)
  }

  corruptFrames({ at = this.sent, count }: { readonly at?: number; readonly count: number }): void {
    this.#checkRange('corruptFrames', at, count)
    this.#device.transmission.damage(at, count)
  }

  disturb(disturbance: WireDisturbance): void {
    this.#device.transmission.wire.set(disturbance)
  }

  stall(ms: number): void {
    if (!(ms > 0 && ms <= 3_600_000)) throw new RangeError(`stall: ms must be more than 0, at most an hour, got ${ms}`)
    this.#running.stall(ms)
  }

  async unplug(): Promise<void> {
    this.#isPlugged = false
    this.#running.unplug()
    for (const link of this.#links) link.unplug()
    await Promise.all([...this.#servers].map((server) => server.unplug()))
  }

  async plug(): Promise<void> {
    this.#isPlugged = true
    this.#running.plug()
    await Promise.all([...this.#servers].map((server) => server.plug()))
  }

  timeOf(scan: number): number {
    return this.#running.timeOf(scan)
  }

  powerCycle(): void {
    if (this.#running.isAttached) this.#running.restart()
    else this.#device.powerUp()
  }

  occupy(occupied: boolean): void {
    if (this.#device instanceof FramedDevice) this.#device.owner = occupied ? 'other' : undefined
  }

  setLine(line: number, level: 0 | 1): void {
    const device = this.#device
    const lines = device instanceof FramedDevice ? device.model.lines : 0
    if (!(Number.isInteger(line) && line >= 1 && line <= lines))
      throw new RangeError(`setLine: line must be 1 to ${lines}, got ${line}`)
    if (device instanceof FramedDevice) device.setLine(line - 1, level)
  }

  async listen({
    host = '127.0.0.1',
    port = 0
  }: {
    readonly host?: string
    readonly port?: number
  } = {}): Promise<string> {
    const server = new TcpServer(this.#running, this.#plan.mostWaiting)
    const url = await server.listen(host, port)
    this.#servers.add(server)
    return url
  }

  async openPty({ path }: { readonly path: string }): Promise<string> {
    const terminal = new PseudoTerminal(path, await this.listen(), this.#scheduler)
    const url = await terminal.open()
    this.#servers.add(terminal)
    return url
  }

  link({ speed = 'real', duration }: SimulatedLinkOptions = {}): ByteLink {
    if (speed === 'real') {
      if (duration !== undefined) throw new RangeError("link: duration goes with speed 'max' only")
      return this.#realLink()
    }
    if (speed !== 'max') throw new RangeError(`link: speed must be 'real' or 'max', got '${String(speed)}'`)
    const scans =
      duration === undefined ? undefined : Math.round((durationMs(duration, 'link: duration') * this.#plan.rate) / 1000)
    return new FastLink({ device: this.#device, scheduler: this.#scheduler, scans })
  }

  async close(): Promise<void> {
    this.#running.stop()
    for (const link of this.#links) await link.close()
    const servers = [...this.#servers]
    this.#servers.clear()
    await Promise.all(servers.map((server) => server.close()))
  }

  #realLink(): RealLink {
    const link = new RealLink(
      `simulator:${this.#device.serial}`,
      this.#running,
      this.#scheduler,
      () => this.#isPlugged,
      (gone) => void this.#links.delete(gone)
    )
    this.#links.add(link)
    return link
  }

  #column(option: string, channel: number | string): number {
    const { names } = this.#plan
    const column = typeof channel === 'number' ? channel - 1 : names.indexOf(channel)
    if (names[column] !== undefined) return column
    throw new RangeError(
      `inject: ${option} must be 1 to ${names.length} or one of ${names.join(', ')}, got '${channel}'`
    )
  }

  #checkRange(what: string, at: number, count: number): void {
    if (!(Number.isInteger(count) && count > 0))
      throw new RangeError(`${what}: scans must be a positive whole number, got ${count}`)
    if (!(Number.isInteger(at) && at >= this.sent)) {
      throw new RangeError(`${what}: at must be a scan that is still to come (${this.sent} or later), got ${at}`)
    }
  }
}

/** Operating hours of a device that is new no more, min. */
const OPERATED = 1000

function deviceOf(plan: Plan, signal: Signal, faults: Faults, scheduler: Scheduler): SimulatedDevice {
  const { model, channels, rate, dataType, serial, counterChannel, firmware } = plan
  const begin = scheduler.elapsed()
  if (model !== 'gsv-8' && model !== 'gsv-6') {
    const legacy: LegacyModel = model
    return new LegacyDevice({ model: legacy, channels, rate, serial, signal, faults, counterChannel })
  }
  const settings = settingsOf(MODELS[model], channels, rate, dataType)
  settings.serial = serial
  const minutes = (): number => OPERATED + (scheduler.elapsed() - begin) / 60_000
  return new FramedDevice({
    model: MODELS[model],
    firmware,
    settings,
    channels,
    signal,
    faults,
    counterChannel,
    minutes
  })
}
