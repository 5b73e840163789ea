import { DATA_TYPES, dataTypeCode } from '../../codec/frame-layout.ts'
import type { DataType } from '../../codec/index.ts'
import { bitLayouts, interfaceAnswer, mappingEntry, readBits, unitCodes } from '../../commands/index.ts'
import type { Handlers } from './dispatch.ts'
import type { FramedDevice } from './framed-device.ts'
import { analogObjects } from './frames.ts'
import { LEAST_RATE, mostRate, realRate } from './rates.ts'
import { at, must, Refusal } from './refusal.ts'

const AXES = ['force_x', 'force_y', 'force_z', 'torque_x', 'torque_y', 'torque_z'] as const
/** TX flags that a host may set: permanently off, maximum, minimum, checksum, text. */
const WRITABLE = { 'gsv-8': 0x42e, 'gsv-6': 0x26 } as const
const MAPPED_LINES = 0x80

/** Interface settings as a linked list: USB, UART with its baud rates. */
const BAUD_RATE = 10
const BAUD_RATES = [19_200, 38_400, 57_600, 115_200, 230_400, 460_800]

/** Transmission, its rate and its interfaces. @internal */
export const streamHandlers: Handlers = {
  GetInterface: (device, { flags }) => {
    const { transmission, highSpeed, crc } = readBits(bitLayouts.interfaceRequest, flags)
    must(flags < 16, 0x53)
    must(transmission !== 3, 0x53)
    if (transmission > 0) device.transmitting = transmission === 2
    device.crc = crc
    device.highSpeed = highSpeed && device.model.name === 'gsv-8'
    device.update()
    const { objects, dataType } = device.layout
    return interfaceAnswer({
      model: device.model.name,
      modelCode: device.model.code,
      crc,
      objects,
      transmitting: device.transmitting,
      dataType,
      locked: device.owner === 'other',
      allLocked: device.settings.locked,
      interface: 0,
      interfaces: 2
    })
  },
  StopTransmission: (device) => {
    device.transmitting = false
    return undefined
  },
  StartTransmission: (device) => {
    device.transmitting = true
    device.started = true
    return undefined
  },
  ClearBufferAbortTX: () => undefined,
  GetValue: (device) => {
    device.sendValue()
    return undefined
  },
  GetTXmapping: (device, { index }) => ({ value: mapping(device, index) }),
  SetTXmapping: (device, { index, value }) => {
    if (index === MAPPED_LINES) return mapLines(device, value)
    must(index === 0, 0x76)
    const { smallest, highest } = objectLimits(device)
    must(value <= highest, 0x54)
    must(value >= smallest, 0x55)
    device.settings.objects = value
    return undefined
  },
  ReadDataRateRange: (device, { index }) => {
    const { name } = device.model
    must(index <= 1, 0x51)
    return { rate: index === 0 ? mostRate(name, device.settings.dataType) : LEAST_RATE[name] }
  },
  ReleaseInterface: (device) => {
    must(device.owner !== 'other', 0x75)
    device.owner = undefined
    return undefined
  },
  ReadInterfaceSetting: (device, { index }) => at(interfaceSettings(device), index),
  WriteInterfaceSetting: (device, { index, data }) => {
    const entry = at(interfaceSettings(device), index)
    must(entry.type >= 0x80, 0x76)
    must(BAUD_RATES.includes(data), 0x52)
    device.settings.baudRate = data
    return undefined
  },
  ReadValueString: (device, { channel, flags }) => ({ text: valueString(device, channel, flags) }),
  GetTXMode: (device, { index }) => ({ value: txMode(device, index) }),
  SetTXMode: (device, { index, value }) => setTxMode(device, index, value),
  ReadDebounceTime: (device, { input }) => ({ time: at(device.settings.debounce, input - 1) }),
  WriteDebounceTime: (device, { input, time }) => {
    at(device.settings.debounce, input - 1)
    device.settings.debounce[input - 1] = time
    return undefined
  },
  ReadDataRate: (device) => ({ rate: device.settings.rate }),
  WriteDataRate: (device, { rate }) => {
    const { name } = device.model
    // not 0x64, after which a client of the manufacturer waits for ever
    must(rate <= mostRate(name, device.settings.dataType), 0x54)
    must(rate >= LEAST_RATE[name], 0x55)
    device.settings.rate = realRate(name, rate)
    return undefined
  },
  GetCANSetting: (device, { index }) => ({ value: at(device.settings.can, index) }),
  SetCANSetting: (device, { index, value }) => {
    at(device.settings.can, index)
    device.settings.can[index] = value
    return undefined
  }
}

function objectLimits({ model, settings }: FramedDevice): { smallest: number; highest: number } {
  const more = settings.counters.length + (settings.mappedLines > 0 ? 1 : 0)
  return { smallest: model.smallestObjects + more, highest: model.inputs + more }
}

function mapping(device: FramedDevice, index: number): number {
  const { settings, model, measuring } = device
  if (index === 0) return settings.objects
  if (index === MAPPED_LINES && model.name === 'gsv-8') return settings.mappedLines
  must(index <= settings.objects, 0x51)
  const shown = settings.txFlags & 4 ? 'maximum' : settings.txFlags & 8 ? 'minimum' : 'actual'
  const analog = analogObjects(settings)
  if (index > analog + settings.counters.length)
    return mappingEntry({ quantity: 'digital_inputs', value: 'actual', channel: 11 })
  if (index > analog) return mappingEntry({ quantity: 'pulses', value: 'actual', channel: 8 + index - analog })
  const axis = measuring.multiAxis ? AXES[index - 1] : undefined
  return mappingEntry({ quantity: axis ?? 'channel', value: shown, channel: index })
}

function mapLines({ settings, model }: FramedDevice, lines: number): number {
  must(model.name === 'gsv-8', 0x51)
  const before = settings.mappedLines > 0 ? 1 : 0
  settings.mappedLines = lines
  settings.objects += (lines > 0 ? 1 : 0) - before
  // the number of objects is another now
  return before === (lines > 0 ? 1 : 0) ? 0 : 1
}

function txMode(device: FramedDevice, index: number): number {
  const { settings, model, transmitting } = device
  if (index === 0) return (settings.txFlags & ~1) | (transmitting ? 0 : 1)
  if (index === 1) return dataTypeCode(settings.dataType)
  must(index === 2, 0x51)
  const { smallest, highest } = objectLimits(device)
  return model.name === 'gsv-8' ? (highest << 8) | smallest : highest
}

function setTxMode(device: FramedDevice, index: number, value: number): undefined {
  const { settings, model } = device
  if (index === 0) {
    must((value & ~WRITABLE[model.name] & ~1) === 0, 0x53)
    settings.txFlags = value & WRITABLE[model.name]
    return undefined
  }
  must(index === 1, 0x51)
  const dataType: DataType | undefined = DATA_TYPES[value]
  if (!dataType || (dataType === 'int24' && model.name === 'gsv-6')) throw new Refusal(0x52)
  must(settings.rate <= mostRate(model.name, dataType), 0x57)
  settings.dataType = dataType
  return undefined
}

/** Interface 0 is USB, interface 1 a UART; from 2 on their further entries. The active baud rate is entry 10. */
function interfaceSettings({ settings, model, transmitting, owner }: FramedDevice) {
  const flags = 0x0100_0003 + (model.name === 'gsv-8' ? 8 : 0) + (settings.txFlags & 2 ? 0 : 0x20)
  const used = flags + (owner === 'other' ? 0 : 4) + (transmitting ? 0x10 : 0)
  return [
    { next: 0, type: 3, data: used },
    { next: 3, type: 2, data: flags },
    { next: 0, type: 0, data: 0 },
    ...BAUD_RATES.map((data, i) => ({ next: i === 5 ? BAUD_RATE : 4 + i, type: 5, data })),
    { next: 0, type: 0, data: 0 },
    { next: 11, type: 0x84, data: settings.baudRate },
    { next: 0, type: 19, data: settings.objects }
  ]
}

/** One value with sign and six digits, or all separated by tabs. */
function valueString(device: FramedDevice, channel: number, flags: number): string {
  const { settings, measuring, transmission, model, transmitting } = device
  must(channel > 0 || !transmitting, 0x62)
  must(channel <= model.inputs, 0x51)
  const { unit, fixed } = readBits(bitLayouts.valueString, flags)
  const texts = settings.channels.map((one, i) => {
    const value = measuring.valueOf(i, transmission.last)
    const text = `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(5).slice(0, 7)}`
    const labelled = unit ? `${text} ${unitCodes[one.unit]?.[0] ?? settings.unitTexts[255 - one.unit] ?? ''}` : text
    return fixed ? labelled.slice(0, 15).padEnd(15) : labelled
  })
  return channel > 0 ? (texts[channel - 1] as string) : texts.join('\t')
}
