import { DATA_TYPES, dataTypeCode, PREFIX, SUFFIX } from '../codec/frame-layout.ts'
import { crc8, type DataType, encodeResponse } from '../codec/index.ts'
import { commandOf, commands } from '../device/commands.ts'
import { unitCodeOf } from '../device/units.ts'
import { pack, sizeOf, unpack } from '../device/wire.ts'
import type { Signal, SimulatedChannel } from './signal.ts'
import type { Transmission } from './transmission.ts'

/** Why a command is refused. */
class Refusal {
  readonly status: number
  constructor(status: number) {
    this.status = status
  }
}

const MAX_RATE: Readonly<Record<DataType, number>> = { int16: 48_000, int24: 24_000, float32: 12_000 }

/**
 * State and command dispatcher of a simulated GSV-8: requests in, responses out, as bytes.
 *
 * @internal
 */
export class SimulatedDevice {
  /** Frames a second, Hz. */
  rate: number
  /** As after power-on: continuous transmission is on. */
  transmitting = true
  /** Whether a host has started the transmission; scans count from then on. */
  started = false
  readonly serial: number
  readonly transmission: Transmission
  readonly #channels: readonly SimulatedChannel[]
  readonly #signal: Signal
  readonly #texts: string[]
  #modeFlags = 0
  #lastError = 0
  #request: number[] = []

  constructor(
    channels: readonly SimulatedChannel[],
    rate: number,
    serial: number,
    transmission: Transmission,
    signal: Signal
  ) {
    this.#channels = channels
    this.rate = rate
    this.serial = serial
    this.transmission = transmission
    this.#signal = signal
    this.#texts = [...new Set(channels.flatMap(({ unit }) => (unit && unitCodeOf(unit) === undefined ? [unit] : [])))]
    if (this.#texts.length > 2)
      throw new RangeError(`simulateGsv: the device holds two texts for units, got ${this.#texts.join(', ')}`)
  }

  /** Takes bytes of the host in any cutting and returns the responses to the requests that are complete. */
  take(bytes: Uint8Array): Uint8Array[] {
    const responses: Uint8Array[] = []
    for (const byte of bytes) {
      if (this.#request.length === 0 && byte !== PREFIX) continue
      this.#request.push(byte)
      const header = this.#request[1]
      if (header === undefined) continue
      const total = 4 + (header & 15) + (header & 0x20 ? 1 : 0)
      if ((header & 0xd0) !== 0x90) this.#request = []
      else if (this.#request.length === total) responses.push(this.#answer(Uint8Array.from(this.#request.splice(0))))
    }
    return responses
  }

  #answer(request: Uint8Array): Uint8Array {
    const crc = ((request[1] as number) & 0x20) !== 0
    try {
      const data = this.#execute(request, crc)
      return encodeResponse(0, data, crc)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      this.#lastError = refusal.status
      return encodeResponse(refusal.status, [], crc)
    }
  }

  #execute(request: Uint8Array, crc: boolean): Uint8Array {
    const end = request.length - (crc ? 2 : 1)
    if (request.at(-1) !== SUFFIX) throw new Refusal(0x42)
    if (crc && crc8(request, 1, end) !== request[end]) throw new Refusal(0x43)
    const command = commandOf(request[2] as number)
    if (!command) throw new Refusal(0x40)
    const parameters = request.subarray(3, end)
    if (parameters.length !== sizeOf(command.parameters)) throw new Refusal(0x5b)
    const values = this.#run(command.code, unpack(command.parameters, parameters))
    return command.response[0] === 'rest' ? Uint8Array.from(values) : pack(command.response, values)
  }

  #run(code: number, [a = 0, b = 0]: number[]): readonly number[] {
    switch (code) {
      case commands.StopTransmission.code:
        this.transmitting = false
        return []
      case commands.StartTransmission.code:
        this.transmitting = true
        this.started = true
        return []
      case commands.GetInterface.code:
        return this.#interface(a)
      case commands.FirmwareVersion.code:
        return [1, 56]
      case commands.GetSerNo.code:
        return [this.serial]
      case commands.ReadDataRate.code:
        return [this.rate]
      case commands.WriteDataRate.code:
        return this.#setRate(a)
      case commands.GetTXMode.code:
        return [this.#mode(a)]
      case commands.SetTXMode.code:
        return this.#setMode(a, b)
      case commands.GetTXmapping.code:
        return [this.#mapping(a)]
      case commands.SetZero.code:
        if (a > 0) this.#channel(a)
        this.#signal.setZero(a - 1)
        return []
      case commands.GetLastProtocolError.code:
        return [a === 0 ? this.#lastError : 0]
      default:
        return this.#ofChannel(code, a)
    }
  }

  #ofChannel(code: number, a: number): readonly number[] {
    switch (code) {
      case commands.GetUnitNo.code:
        return [this.#unit(this.#channel(a))]
      case commands.GetUnitText.code:
        if (a > 1) throw new Refusal(0x51)
        return Array.from({ length: 8 }, (_, i) => (this.#texts[a] ?? '').charCodeAt(i) || 0)
      case commands.ReadUserScale.code:
        return [this.#channel(a).scale ?? 1000]
      case commands.ReadUserOffset.code:
        this.#channel(a)
        return [0]
      case commands.GetInputType.code:
        this.#channel(a)
        return [1, 0, 0, 1, 0x5e]
      default:
        throw new Refusal(0x41)
    }
  }

  #channel(number: number): SimulatedChannel {
    const channel = this.#channels[number - 1]
    if (!channel) throw new Refusal(0x51)
    return channel
  }

  #unit({ unit = 'mV/V' }: SimulatedChannel): number {
    return unitCodeOf(unit) ?? 255 - this.#texts.indexOf(unit)
  }

  #interface(flags: number): readonly number[] {
    if ((flags & 3) === 1) this.transmitting = false
    if ((flags & 3) === 2) this.transmitting = true
    const crc = (flags & 8) !== 0
    this.transmission.layout = { ...this.transmission.layout, crc }
    const { objects, dataType } = this.transmission.layout
    return [(crc ? 0xc0 : 0x40) | 8, ((objects - 1) << 4) | (this.transmitting ? 8 : 0) | dataTypeCode(dataType), 0, 2]
  }

  /** The converter runs at 48 kHz, divided by a whole number. */
  #setRate(rate: number): readonly number[] {
    if (!(rate <= MAX_RATE[this.transmission.layout.dataType])) throw new Refusal(0x54)
    if (rate < 1) throw new Refusal(0x55)
    this.rate = 48_000 / Math.round(48_000 / rate)
    return []
  }

  #mode(index: number): number {
    if (index === 0) return this.#modeFlags | (this.transmitting ? 0 : 1)
    if (index === 1) return dataTypeCode(this.transmission.layout.dataType)
    if (index === 2) return (8 << 8) | 2
    throw new Refusal(0x51)
  }

  #setMode(index: number, value: number): readonly number[] {
    if (index > 1) throw new Refusal(0x51)
    if (index === 0) this.#modeFlags = value & ~1
    else {
      const dataType = DATA_TYPES[value]
      if (!dataType) throw new Refusal(0x52)
      if (this.rate > MAX_RATE[dataType]) throw new Refusal(0x57)
      this.transmission.layout = { ...this.transmission.layout, dataType }
    }
    return []
  }

  #mapping(index: number): number {
    const { objects } = this.transmission.layout
    if (index === 0) return objects
    if (index > objects) throw new Refusal(0x51)
    return index
  }
}
