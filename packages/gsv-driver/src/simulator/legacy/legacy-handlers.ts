import {
  type FieldValues,
  gsv2Rate,
  gsv2RateRegister,
  gsv3Rate,
  gsv3RateRegisters,
  gsv4Inputs,
  gsv4Rates
} from '../../commands/index.ts'
import type { LegacyDevice } from './legacy-device.ts'
import { rateCode } from './legacy-settings.ts'

type Handler = (device: LegacyDevice, request: FieldValues) => FieldValues | undefined

const KEY = 'berlin'
const FASTEST = 1000

/** Reads a register that another command writes; both know it by `key`. */
function getter(key: string, field: string, initial = 0): Handler {
  return ({ settings }) => ({ [field]: settings.registers[key] ?? initial })
}

function setter(key: string, field: string): Handler {
  return ({ settings }, request) => {
    settings.registers[key] = request[field] as number
    return undefined
  }
}

/** Runs and answers nothing. */
function action(run: (device: LegacyDevice, request: FieldValues) => void): Handler {
  return (device, request) => {
    run(device, request)
    return undefined
  }
}

const zeroAll = (device: LegacyDevice, only?: number): void => {
  for (const i of device.settings.zero.keys()) if (only === undefined || only === i) device.setZero(i)
}

/** What the commands of GSV-2, GSV-3 and GSV-4 do, by name. @internal */
export const legacyHandlers: Readonly<Record<string, Handler>> = {
  ResetStatus: action(() => {}),
  StopTransmission: action((device) => {
    device.transmitting = false
  }),
  StartTransmission: action((device) => {
    device.transmitting = true
    device.started = true
  }),
  ClearBuffer: action(() => {}),
  ClearMaximum: action(() => {}),
  GetValue: action((device) => device.sendValue()),
  SetZero: action((device, { channel }) => {
    if (typeof channel === 'number' && channel > 0) zeroAll(device, channel - 1)
    else zeroAll(device)
  }),
  SetScale: action(() => {}),
  SetOffset: action(() => {}),
  SetCal: action(() => {}),
  Switch: setter('switch', 'code'),
  SetChannel: setter('channel', 'channel'),
  GetSerialNumber: ({ serial }) => ({ serial: String(serial).padStart(8, '0') }),
  FirmwareVersion: ({ model }) => (model === 'gsv-4' ? { version: 0x21 } : { major: 1, minor: 5 }),
  GetEquipment: () => ({ flags: 0 }),
  GetAll: action((device, { set }) => {
    const found = set === 0 ? device.stored : device.sets.get(set as number)
    if (found) device.settings = structuredClone(found)
  }),
  SaveAll: action((device, { set }) => void device.sets.set(set as number, structuredClone(device.settings))),
  ReadScale: getter('scale', 'register', 0x800000),
  WriteScale: setter('scale', 'register'),
  ReadZero: getter('zero', 'register', 0x800000),
  WriteZero: setter('zero', 'register'),
  ReadControl: getter('control', 'register'),
  WriteControl: setter('control', 'register'),
  ReadOffset: getter('offset', 'offset', 0x8000),
  WriteOffset: setter('offset', 'offset'),
  SetUnit: action(({ settings }, { unit }) => {
    settings.unit = unit as number
  }),
  GetUnit: ({ settings }) => ({ unit: settings.unit }),
  SetNorm: action(({ settings }, { register }) => {
    const norm = register as number
    if (norm >= 0x100594 && norm <= 0x7f26e8) settings.norm = norm
  }),
  GetNorm: ({ settings }) => ({ register: settings.norm }),
  SetDecimalPoint: action(({ settings }, { point }) => {
    if ((point as number) >= 1 && (point as number) <= 7) settings.point = point as number
  }),
  GetDecimalPoint: ({ settings }) => ({ point: settings.point }),
  // the upper two of the three bytes that are read
  SetFrequency: action(({ settings }, { register }) => {
    const rate = gsv2Rate((register as number) * 256)
    if (rate <= FASTEST) settings.rate = rate
  }),
  ReadFrequency: ({ settings }) => ({ register: Math.min(2 ** 24 - 1, gsv2RateRegister(settings.rate)) }),
  SetGain: setter('gain', 'code'),
  SetRange: setter('range', 'code'),
  SetBipolar: action(({ settings }) => {
    settings.polarity = 'bipolar'
  }),
  SetUnipolar: action(({ settings }) => {
    settings.polarity = 'unipolar'
  }),
  SetThreshold: action(({ settings }, { upper, lower }) => {
    settings.threshold = { upper: upper as number, lower: lower as number }
  }),
  GetThreshold: ({ settings }) => settings.threshold,
  SetMode: action(({ settings }, { flags }) => {
    settings.mode = flags as number
  }),
  GetMode: ({ settings }) => ({ flags: settings.mode }),
  SetTXMode: action(({ settings }, { flags }) => {
    settings.txMode = flags as number
  }),
  GetTXMode: ({ settings }) => ({ flags: settings.txMode }),
  GetSpecialMode: () => ({ flags: 0 }),
  SetGaugeFactor: setter('gaugeFactor', 'factor'),
  GetGaugeFactor: getter('gaugeFactor', 'factor', 2000),
  SetPoisson: setter('poisson', 'ratio'),
  GetPoisson: getter('poisson', 'ratio', 30),
  SetBridgeType: setter('bridge', 'code'),
  GetBridgeType: getter('bridge', 'code'),
  WriteSamplingRate: action(({ settings }, { exponent, register }) => {
    const registers = { exponent: exponent as number, register: register as number }
    const rate = gsv3Rate(registers)
    if (rate > FASTEST * 1.01) return
    settings.rate = rate
    settings.rateRegister = registers
  }),
  ReadSamplingRate: ({ settings }) => settings.rateRegister ?? gsv3RateRegisters(settings.rate),
  SetRate: action(({ settings }, { rate }) => {
    settings.rate = gsv4Rates.get(rate as number) ?? settings.rate
  }),
  GetRate: ({ settings }) => ({ rate: rateCode(settings.rate) }),
  UnlockConfiguration: action((device, { unlock, key }) => {
    if (key === KEY) device.unlocked = unlock === 1
  }),
  SetTXStatus: action((device, { status }) => {
    device.settings.registers.txStatus = (status as number) & 1
    device.transmitting = ((status as number) & 2) !== 0
  }),
  GetTXStatus: ({ settings, transmitting }) => ({
    status: (settings.registers.txStatus ?? 1) | (transmitting ? 2 : 0)
  }),
  SetInput: action(({ settings }, { channel, type }) => {
    const input = (channel as number) - 1
    if (gsv4Inputs.has(type as number) && input >= 0 && input < settings.inputs.length) {
      settings.inputs[input] = type as number
    }
  }),
  GetInputs: ({ settings }) => {
    const [input1 = 1, input2 = 1, input3 = 1, input4 = 1] = settings.inputs
    return { input1, input2, input3, input4 }
  }
}
