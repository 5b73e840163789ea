import { isAvailable } from '../../commands/index.ts'
import type { Handlers } from './dispatch.ts'
import type { FramedDevice } from './framed-device.ts'
import { at, must, Refusal } from './refusal.ts'
import { KEPT, MANUFACTURER_ID, type Settings } from './settings.ts'

/** Wrong ids that a device bears. */
const MOST_WRONG = 3
const USER = 0x08
const MANUFACTURER = 0x10
/** Read-only flag of the mode of a GSV-8: all is locked. */
const LOCKED = 0x80
/** ADC, TEDS, lines, analog outputs, serial, supervision of sensors, six-axis. */
const SOFTWARE_GSV8 = 0x6d9
/** Three thresholds, protocol, DAC, six-axis, filters, error memory. */
const SOFTWARE_GSV6 = 0x0760_0003

/** Status, identity, stored configurations, errors. @internal */
export const stateHandlers: Handlers = {
  ResetStatus: (device) => {
    device.syncError = device.asyncError = 0
    return undefined
  },
  LoadConfig: (device, { set }) => load(device, set),
  StoreConfig: (device, { set }) => {
    must(set !== 1, 0x70)
    must(set <= (device.model.name === 'gsv-8' ? 7 : 0), 0x51)
    if (set > 1) device.sets.set(set, structuredClone(device.settings))
    return undefined
  },
  ReadCal: (device, { channel, index }) => ({
    value: Uint8Array.from(device.settings.calibration[`${channel} ${index}`] ?? [0x3f, 0x80, 0, 0])
  }),
  MEwriteCal: (device, { channel, index, value }) => {
    device.settings.calibration[`${channel} ${index}`] = [...value]
    return undefined
  },
  MEsetID: (device, { id }) => {
    must(device.wrongIds < MOST_WRONG, 0x74)
    device.idState = id === MANUFACTURER_ID ? MANUFACTURER : id === device.settings.password ? USER : 0
    if (device.idState !== 0) return undefined
    device.wrongIds += 1
    throw new Refusal(0x72)
  },
  MEgetIDstate: (device) => ({ state: device.idState }),
  ReadSensorModel: (device) => {
    must(device.settings.sensorModel !== '', 0x60)
    return { model: device.settings.sensorModel }
  },
  WriteSensorModel: (device, { model }) => {
    must(model.length >= 1 && model.length <= 15, 0x52)
    device.settings.sensorModel = model
    return undefined
  },
  ReadCalOperator: (device) => ({ operator: device.settings.operator }),
  WriteCalOperator: (device, { operator }) => {
    device.settings.operator = operator
    return undefined
  },
  GetSerNo: (device) => ({ serial: device.settings.serial }),
  MEsetSerNo: (device, { serial }) => {
    must(serial >= 1, 0x55)
    must(serial <= 99_999_999, 0x54)
    device.settings.serial = serial
    return undefined
  },
  ReadCalDate: (device) => device.settings.calibrated,
  WriteCalDate: (device, date) => {
    must(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31 && date.hour < 24, 0x52)
    device.settings.calibrated = { ...date }
    return undefined
  },
  GetMode: ({ settings, model }) => ({
    flags: model.name === 'gsv-8' && settings.locked ? settings.mode | LOCKED : settings.mode
  }),
  SetMode: (device, { flags }) => {
    const { settings, model } = device
    if (model.name === 'gsv-8') {
      must((flags & ~0x4f_ff8f) === 0, 0x53)
      must((flags & 1) === 0 || settings.objects >= 6, 0x5c)
      settings.mode = flags & ~LOCKED
    } else {
      must(flags <= 0x1fff, 0x53)
      must((flags & 0x400) === 0 || settings.objects >= 6, 0x5c)
      settings.mode = (flags & ~7) | (settings.mode & 7)
    }
    return undefined
  },
  GetSoftwareConfiguration: ({ model }) => ({ flags: model.name === 'gsv-8' ? SOFTWARE_GSV8 : SOFTWARE_GSV6 }),
  FirmwareVersion: ({ firmware }) => {
    const [major = 0, minor = 0] = firmware.split('.').map(Number)
    return { major, minor }
  },
  GetProhibitSetZero: (device) => ({ flags: device.settings.prohibitZero }),
  WriteProhibitSetZero: (device, { flags }) => {
    must(flags <= 0x3ff, 0x53)
    device.settings.prohibitZero = flags
    return undefined
  },
  GetHardwareVersion: ({ model }) => (model.name === 'gsv-8' ? { main: 3, daughter: 1 } : { main: 0, daughter: 0 }),
  GetCustomSerNo: (device) => ({ serial: device.settings.customSerial }),
  SetCustomSerNo: (device, { serial }) => {
    device.settings.customSerial = serial
    return undefined
  },
  GetManufacturerSerNo: (device) => ({ serial: device.settings.serial }),
  GetLastProtocolError: (device, { index }) => {
    must(index <= 1, 0x51)
    return { error: index === 0 ? device.syncError : device.asyncError }
  },
  GetLastValueError: (device, { index }) => ({ fault: valueError(device, index) }),
  EraseErrorMemory: (device) => {
    device.valueErrors = []
    return undefined
  },
  GetSensorPlugged: (device) => {
    const teds = device.settings.teds.reduce((bits, bytes, i) => bits | (bytes.some(Boolean) ? 1 << i : 0), 0)
    const plugged = ((1 << device.model.inputs) - 1) & ~device.faults.brokenIn(device.transmission.sent - 1)
    return { flags: plugged | (teds << 8) | (teds << 16) }
  },
  ReadDeviceHours: (device, { index }) => {
    must(index <= 1, 0x51)
    return { hours: device.minutes() / 60 + (index === 1 ? device.settings.hoursOffset : 0) }
  },
  WriteDeviceHours: (device, { hours }) => {
    must(hours >= 0, 0x55)
    device.settings.hoursOffset = hours - device.minutes() / 60
    return undefined
  },
  SetPassword: (device, { password }) => {
    must(password.length === 4, 0x52)
    device.settings.password = password
    return undefined
  },
  MEPrepareSpecialMode: () => undefined,
  ResetDevice: (device) => {
    device.reset()
    return undefined
  },
  SwitchBlocking: (device, { key }) => {
    must(['ULKa', 'BlkA', 'ULKt', 'BlkT'].includes(key), 0x52)
    must(key.toLowerCase().endsWith('a') || device.model.name !== 'gsv-8', 0x59)
    must(key.startsWith('Blk') || device.idState !== 0, 0x72)
    device.settings.locked = key.startsWith('Blk')
    return undefined
  },
  GetCommandAvailable: (device, { high, low }) => {
    must(low <= high, 0x56)
    for (let code = low; code <= high; code += 1) {
      const command = device.knows(code)
      if (!command || !isAvailable(command, device.model.name, device.firmware)) return 0x41
    }
    return 0
  }
}

/** What is kept apart from configurations stays; a GSV-6 forgets at its next start what it loaded. */
function load(device: FramedDevice, set: number): number | undefined {
  const isGsv8 = device.model.name === 'gsv-8'
  must(set <= (isGsv8 ? 7 : 1), 0x51)
  const found = set === 0 ? device.stored : set === 1 ? device.defaults : device.sets.get(set)
  if (!found) throw new Refusal(0x60)
  const loaded: Settings = structuredClone(found)
  for (const key of KEPT) (loaded as unknown as Record<string, unknown>)[key] = device.settings[key]
  if (loaded.rate > device.settings.rate) loaded.rate = device.settings.rate
  device.settings = loaded
  if (isGsv8) device.keep()
  return undefined
}

/** GSV-8: 0 counts, 1 the latest, 2 and up what is stored, newer is higher. GSV-6: what is wrong now. */
function valueError(device: FramedDevice, index: number): Uint8Array {
  const { valueErrors, valueFaults, measuring } = device
  if (device.model.name === 'gsv-6') {
    must(index === 0, 0x51)
    const { saturated, exceeded } = measuring
    return Uint8Array.of(exceeded, (saturated | (saturated >> 8)) & 0xff, 0, 0, 0, 0)
  }
  if (index === 0) return Uint8Array.of(valueFaults, Math.max(0, valueErrors.length - 1), 0, 0, 0, 0)
  if (index === 1) return valueErrors.at(-1) ?? new Uint8Array(6)
  must(index <= 83, 0x51)
  return at(valueErrors.slice(0, -1), index - 2)
}
