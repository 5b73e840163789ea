import {
  encodeGsv4Answer,
  encodeLegacyAnswer,
  encodeLegacyMeasured,
  LegacyFlag,
  type LegacyLayout,
  type LegacyModel,
  LegacyRequestParser
} from '../../codec/index.ts'
import {
  commandByCode,
  decodeParameters,
  encodeAnswer,
  type FieldValues,
  type GsvCommand,
  gsv2Scale,
  gsv4Rates,
  parameterBytes,
  unitCodes
} from '../../commands/index.ts'
import type { Faults } from '../faults.ts'
import type { Signal, SimulatedChannel } from '../signal.ts'
import type { SimulatedDevice } from '../simulated-device.ts'
import { type FrameWriter, Transmission } from '../transmission.ts'
import { legacyHandlers } from './legacy-handlers.ts'
import { type LegacySettings, legacySettings } from './legacy-settings.ts'

/** Inputs of a model. @internal */
export const LEGACY_INPUTS: Readonly<Record<LegacyModel, number>> = { 'gsv-2': 1, 'gsv-3': 1, 'gsv-4': 4 }

/** Largest and smallest part of the nominal range. */
const OVERLOAD = 1.05
const LONG = 0x08
const TEXT = 0x02
const LONGEST = 64

/** @internal */
export interface LegacyDeviceOptions {
  readonly model: LegacyModel
  readonly channels: readonly SimulatedChannel[]
  readonly rate: number
  readonly serial: number
  readonly signal: Signal
  readonly faults: Faults
  readonly counterChannel?: number | undefined
}

/**
 * State and command dispatcher of a simulated GSV-2, GSV-3 or GSV-4. These devices acknowledge nothing: what is wrong or
 * not allowed is ignored.
 *
 * @internal
 */
export class LegacyDevice implements SimulatedDevice {
  readonly model: LegacyModel
  readonly serial: number
  readonly transmission: Transmission
  transmitting = true
  started = false
  silence = 0
  settings: LegacySettings
  stored: LegacySettings
  readonly sets = new Map<number, LegacySettings>()
  /** A GSV-4 takes settings after the unlock only. */
  unlocked = false
  readonly #channels: readonly SimulatedChannel[]
  readonly #counter: number
  readonly #parser: LegacyRequestParser
  #answers: Uint8Array[] = []

  constructor({ model, channels, rate, serial, signal, faults, counterChannel }: LegacyDeviceOptions) {
    this.model = model
    this.serial = serial
    this.#channels = channels
    this.#counter = (counterChannel ?? 0) - 1
    this.settings = legacySettings(model, channels, rate)
    this.stored = structuredClone(this.settings)
    this.transmission = new Transmission(this.#writer(), signal, faults, LEGACY_INPUTS[model])
    this.#parser = new LegacyRequestParser(
      (code) => this.#parametersOf(code),
      (code, parameters) => this.#request(code, parameters)
    )
  }

  get rate(): number {
    return this.settings.rate
  }

  get pending(): number {
    return this.#parser.pending
  }

  /** How measured frames look now. */
  get layout(): LegacyLayout {
    const { mode, txMode, polarity } = this.settings
    if (this.model !== 'gsv-2') return { model: this.model }
    return { model: 'gsv-2', frames: mode & TEXT ? 'text' : txMode & LONG ? 'long' : 'short', polarity }
  }

  take(bytes: Uint8Array): Uint8Array[] {
    this.#answers = []
    this.#parser.push(bytes)
    return this.#answers
  }

  idle(): Uint8Array[] {
    this.#parser.reset()
    return []
  }

  overflowed(): void {}

  powerUp(): void {
    this.settings = structuredClone(this.stored)
    this.transmitting = true
    this.unlocked = false
    this.#parser.reset()
    this.transmission.writer = this.#writer()
  }

  /** The steady value of an input becomes its zero. */
  setZero(input: number): void {
    this.settings.zero[input] = this.transmission.steady(input) / (this.#channels[input]?.scale ?? 1000)
  }

  /** Sends a measured frame in place of an answer. */
  sendValue(): void {
    if (!this.transmitting) this.#answers.push(this.transmission.single())
  }

  #parametersOf(code: number): number | undefined {
    const command = commandByCode(code, this.model)
    if (command) return parameterBytes(command) ?? 0
    return this.#isRateCode(code) ? 0 : undefined
  }

  /** An example of the manual of a GSV-4 sends the code of a rate alone. */
  #isRateCode(code: number): boolean {
    return this.model === 'gsv-4' && gsv4Rates.has(code)
  }

  #request(code: number, parameters: Uint8Array): void {
    const isRate = this.#isRateCode(code)
    const command = commandByCode(isRate ? 0x12 : code, this.model)
    const handler = command && legacyHandlers[command.name]
    if (!command || !handler || isUnknown(command)) return
    const isGsv4 = this.model === 'gsv-4'
    if (isGsv4 && command.direction === 'write' && !this.unlocked) return
    if (isGsv4 && command.response.length > 0 && this.transmitting) return
    const answer = handler(this, isRate ? { rate: code } : decodeParameters(command, parameters))
    if (command.direction === 'write') this.stored = structuredClone(this.settings)
    if (command.direction !== 'read') this.transmission.writer = this.#writer()
    if (answer) this.#answer(command, answer)
  }

  #answer(command: GsvCommand, values: FieldValues): void {
    const data = encodeAnswer(command, values)
    const serial = String(this.serial).padStart(8, '0')
    this.#answers.push(this.model === 'gsv-4' ? encodeGsv4Answer(command.code, data, serial) : encodeLegacyAnswer(data))
  }

  #writer(): FrameWriter {
    const { layout, settings } = this
    const inputs = LEGACY_INPUTS[this.model]
    const out = new Float64Array(inputs)
    return {
      longest: LONGEST,
      scans: 1,
      write: (_, bytes, at, values, scan) => {
        for (let i = 0; i < inputs; i += 1) out[i] = this.#part(values, i, scan)
        const part = out[0] as number
        if (layout.frames === 'text') out[0] = shown(part, settings)
        const frame = encodeLegacyMeasured(out, layout, this.#switches(part), unitCodes[settings.unit]?.[0])
        bytes.set(frame, at)
        return at + frame.length
      }
    }
  }

  /** Part of the nominal range that an input shows. */
  #part(values: Float64Array, input: number, scan: number): number {
    const isLong = this.layout.frames === 'long'
    const half = isLong ? 2 ** 23 : 2 ** 15
    if (input === this.#counter) return (((scan % (2 * half)) - half) * this.#overload()) / half
    const scale = this.#channels[input]?.scale ?? 1000
    const part = Math.max(-OVERLOAD, Math.min(OVERLOAD, (values[input] as number) / scale))
    return part - (this.settings.zero[input] ?? 0)
  }

  /** Part of the range at the end of the scale of a frame. */
  #overload(): number {
    return this.model === 'gsv-4' ? 1 : OVERLOAD
  }

  #switches(part: number): number {
    const { upper, lower } = this.settings.threshold
    const raw = (part / OVERLOAD) * 32_768 + 32_768
    return (raw > upper ? LegacyFlag.threshold1 : 0) | (raw < lower ? LegacyFlag.threshold2 : 0)
  }
}

/** What a GSV-2 shows: six digits at most. */
function shown(part: number, { norm, point }: LegacySettings): number {
  const value = part * gsv2Scale({ register: norm, point })
  return Math.max(-999_999, Math.min(999_999, value))
}

/** Nobody outside knows what goes with it. */
function isUnknown({ request, response }: GsvCommand): boolean {
  return [...request, ...response].some(({ type }) => type === 'bytes')
}
