import { encodeResponseFrame, type FrameLayout, RequestParser } from '../../codec/index.ts'
import { commandByCode, dioTypeOf, type GsvCommand, valueErrorBytes } from '../../commands/index.ts'
import type { Faults } from '../faults.ts'
import type { Signal, SimulatedChannel } from '../signal.ts'
import type { SimulatedDevice } from '../simulated-device.ts'
import { Transmission } from '../transmission.ts'
import { dispatch } from './dispatch.ts'
import { frameWriter } from './frames.ts'
import { Measuring } from './measuring.ts'
import { emptySensor, type Model, type Sensor, type Settings } from './settings.ts'

/** Who has proved to be who: 0 nobody, 0x08 the user, 0x10 the manufacturer. */
type IdState = 0 | 0x08 | 0x10

/** How many entries the fault memory holds. */
const MOST_FAULTS = 82
/** A GSV-6 is away for so long after ResetDevice, ms: hosts are told to wait for 700. */
const RESET_MS = 600

/** @internal */
export interface FramedDeviceOptions {
  readonly model: Model
  readonly firmware?: string | undefined
  readonly settings: Settings
  readonly channels: readonly SimulatedChannel[]
  readonly signal: Signal
  readonly faults: Faults
  readonly counterChannel?: number | undefined
  /** Minutes of operation. */
  readonly minutes?: () => number
}

/**
 * State and command dispatcher of a simulated GSV-8 or GSV-6. What commands exist, what their parameters are and who
 * may use them comes from the command table; what they do is in the handlers beside this file.
 *
 * @internal
 */
export class FramedDevice implements SimulatedDevice {
  readonly model: Model
  /** For example `1.56`. */
  readonly firmware: string
  readonly transmission: Transmission
  readonly measuring: Measuring
  readonly faults: Faults
  readonly minutes: () => number
  /** What is in effect. */
  settings: Settings
  /** What is there after the next start. */
  stored: Settings
  readonly defaults: Settings
  /** Configurations that the user stored, by number. */
  readonly sets = new Map<number, Settings>()
  transmitting = true
  started = false
  silence = 0
  /** Volatile switches of GetInterface. */
  crc = false
  highSpeed = false
  idState: IdState = 0
  wrongIds = 0
  /** Who may write: this interface, another one, or whoever writes first. */
  owner: 'this' | 'other' | undefined
  syncError = 0
  asyncError = 0
  /** Entries of the fault memory, newest last, and how many since power-on. */
  valueErrors: Uint8Array[] = []
  valueFaults = 0
  /** The six-axis structure that is being read or written. */
  sensor: Sensor = emptySensor()
  /** Structures in RAM until they are stored. */
  readonly tedsRam = new Map<number, number[]>()
  linearisationRam: Record<number, number[]> = {}
  filterRam = new Map<number, Settings['channels'][number]['filter']>()
  /** Levels of digital lines: of outputs as set, of inputs as the world has them. */
  levels = 0
  readonly counterChannel: number | undefined
  readonly #parser: RequestParser
  /** Keys of `stored` that take effect at the next reset only. */
  readonly waiting = new Set<keyof Settings>()
  #answers: Uint8Array[] = []

  constructor({ model, firmware, settings, channels, signal, faults, counterChannel, minutes }: FramedDeviceOptions) {
    this.model = model
    this.firmware = firmware ?? model.firmware.join('.')
    this.minutes = minutes ?? (() => 0)
    this.counterChannel = counterChannel
    this.settings = settings
    this.faults = faults
    this.followCounter()
    this.stored = structuredClone(settings)
    this.defaults = structuredClone(settings)
    const fault = (type: number, flags: number): void => this.fault(type, flags)
    this.measuring = new Measuring({ model, channels, counterChannel, fault }, settings)
    this.transmission = new Transmission(frameWriter(this), signal, faults, model.inputs)
    faults.broken = (column) => this.fault(3, 3 << (2 * column))
    this.#parser = new RequestParser({
      request: (command, parameters, crc) => this.#request(command, parameters, crc),
      refused: (status, crc) => this.#refuse(status, crc),
      skipped() {}
    })
  }

  get serial(): number {
    return this.settings.serial
  }

  get rate(): number {
    return this.settings.rate
  }

  get pending(): number {
    return this.#parser.pending
  }

  /** How measured frames look now. */
  get layout(): FrameLayout {
    const { objects, dataType, rate } = this.settings
    const { crc } = this
    // The checksum is specified for normal frames only.
    const scans = this.highSpeed && !crc && rate >= 12_000 ? Math.min(8, Math.floor(16 / objects)) : 1
    return scans > 1 ? { objects: objects * scans, dataType, crc, channels: objects } : { objects, dataType, crc }
  }

  take(bytes: Uint8Array): Uint8Array[] {
    this.#answers = []
    this.#parser.push(bytes)
    return this.#answers
  }

  idle(): Uint8Array[] {
    this.#answers = []
    this.#parser.idle()
    return this.#answers
  }

  overflowed(): void {
    this.asyncError = 0x91
  }

  powerUp(): void {
    this.settings = structuredClone(this.stored)
    this.waiting.clear()
    this.transmitting = (this.settings.txFlags & 2) === 0
    this.crc = (this.settings.txFlags & 0x20) !== 0
    this.highSpeed = false
    this.idState = 0
    this.wrongIds = 0
    this.owner = undefined
    this.syncError = this.asyncError = this.valueFaults = 0
    this.measuring.injected = 0
    this.measuring.clearExtremes(-1)
    this.levels = this.settings.lines.reduce((levels, { initial }, i) => levels | (initial << i), 0)
    this.#parser.reset()
    this.update()
  }

  /** Settings were changed: measuring and frames follow. */
  update(): void {
    this.followCounter()
    this.measuring.update(this.settings)
    this.transmission.writer = frameWriter(this)
  }

  /** A counter that fills its data type: scale and offset make the number of the scan of it. */
  followCounter(): void {
    const channel = this.settings.channels[(this.counterChannel ?? 0) - 1]
    if (!channel) return
    const half = this.settings.dataType === 'int16' ? 2 ** 15 : 2 ** 23
    Object.assign(channel, { userScale: Math.fround(half / 1.05), userOffset: half, unit: 7, zero: 0 })
  }

  /** A fault for the fault memory: type and 16 flags. */
  fault(type: number, flags: number): void {
    this.valueFaults = Math.min(255, this.valueFaults + 1)
    this.valueErrors.push(valueErrorBytes({ type, minutes: Math.floor(this.minutes()), flags }))
    if (this.valueErrors.length > MOST_FAULTS) this.valueErrors.shift()
  }

  /** The world sets a digital input; what it triggers is carried out. */
  setLine(index: number, level: 0 | 1): void {
    const before = this.levels
    this.levels = level ? before | (1 << index) : before & ~(1 << index)
    const line = this.settings.lines[index]
    if (!line || before === this.levels) return
    const { function: does, inverted } = dioTypeOf(line.type)
    if ((level === 1) === inverted) return
    if (does === 'setZeroAll') this.zero(0)
    else if (does === 'setZeroOne') this.zero(line.channel)
    else if (does === 'resetMaxMin') this.measuring.clearExtremes(-1)
  }

  /** Sets the zero of an input, or of all for 0. */
  zero(channel: number): void {
    for (const [i, one] of this.settings.channels.entries()) {
      if ((channel > 0 && i !== channel - 1) || (this.settings.prohibitZero >> i) & 1) continue
      one.zero = this.measuring.zeroAt(i, this.transmission.steady(i))
    }
    this.keep()
    this.update()
  }

  /** What is in effect is there after the next start too, except what waits for it. */
  keep(): void {
    const kept = structuredClone(this.settings)
    for (const key of this.waiting) (kept as unknown as Record<string, unknown>)[key] = this.stored[key]
    this.stored = kept
  }

  /** Switches the device off and, after its time, on again. */
  reset(): void {
    this.silence = RESET_MS
    this.transmitting = false
  }

  /** The row of the table for a code, whatever the model. */
  knows(code: number): GsvCommand | undefined {
    return commandByCode(code, this.model.name, this.firmware)
  }

  /** Sends a measured frame in place of an answer. */
  sendValue(): void {
    if (!this.transmitting) this.#answers.push(this.transmission.single())
  }

  #request(code: number, parameters: Uint8Array, crc: boolean): void {
    if (this.silence > 0) return
    const outcome = dispatch(this, code, parameters)
    if (!outcome) return
    const { status, data } = outcome
    if (status > 1) this.#refuse(status, crc)
    else this.#answers.push(encodeResponseFrame(status, data, crc))
  }

  #refuse(status: number, crc: boolean): void {
    if (this.silence > 0) return
    this.syncError = status
    this.#answers.push(encodeResponseFrame(status, [], crc))
  }
}
