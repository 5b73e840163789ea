import { sensorElements } from '../../commands/index.ts'
import type { Handlers } from './dispatch.ts'
import type { FramedDevice } from './framed-device.ts'
import { at, must, Refusal } from './refusal.ts'
import { type ChannelSettings, emptySensor, type Sensor } from './settings.ts'

const FIR = 0x80

/** Filters, six-axis sensors, linearisation. @internal */
export const calculationHandlers: Handlers = {
  ReadFTSensorCal: (device, { type, index }) => ({ value: element(device.sensor, type, index) }),
  WriteFTSensorCal: (device, { type, index, value }) => {
    element(device.sensor, type, index)
    ;(device.sensor[type] as number[])[index] = value
    return undefined
  },
  GetDigiFiltType: (device, { channel, kind }) => {
    must(kind === 0 || kind === FIR, 0x51)
    const { iir, fir } = filter(device, channel)
    return { filter: kind === 0 ? iir : fir }
  },
  SetDigiFiltType: (device, { channel, filter: type }) => {
    const length = type & 15
    const isFir = (type & FIR) !== 0
    must(isFir ? length >= 4 && length <= 14 && length % 2 === 0 : length === 4, 0x52)
    must(((type >> 4) & 7) <= 4, 0x53)
    must(!(isFir && device.model.name === 'gsv-6'), 0x59)
    each(device, channel, (one) => {
      one[isFir ? 'fir' : 'iir'] = type
    })
    return undefined
  },
  ReadDigiFiltCutOff: (device, { channel, index }) => ({ frequency: at(filter(device, channel).cutOff, index) }),
  WriteDigiFiltCutOff: (device, { channel, index, frequency }) => {
    must(index <= 1, 0x51)
    must(frequency >= 0, 0x55)
    must(frequency <= device.settings.rate / 2, 0x57)
    each(device, channel, (one) => {
      one.cutOff[index as 0 | 1] = frequency
    })
    return undefined
  },
  ReadDigiFiltCoeff: (device, { channel, index }) => {
    must(isCoefficient(index), 0x51)
    return { coefficient: filter(device, channel).coefficients[index] ?? 0 }
  },
  WriteDigiFiltCoeff: (device, { channel, index, coefficient }) => {
    must(isCoefficient(index), 0x51)
    must(Number.isFinite(coefficient), 0x52)
    each(device, channel, (one) => {
      one.coefficients[index] = coefficient
    })
    return undefined
  },
  GetDfiltOnOff: (device) => ({ flags: device.settings.filtersOn }),
  SetDfiltOnOff: (device, { flags }) => {
    must(flags <= (device.model.name === 'gsv-8' ? 0xffff : 0x3f), 0x53)
    device.settings.filtersOn = flags
    return undefined
  },
  GetFTSensorCalArrNo: ({ model, settings }) => ({
    max: model.sensors,
    stored: settings.sensors.length,
    active: settings.activeSensor & 15
  }),
  SetFTSensorCalArrNo: (device, { index }) => {
    const { settings, model } = device
    const second = index >> 4
    must(second === 0 || model.name === 'gsv-8', 0x53)
    at(settings.sensors, index & 15)
    if (second > 0) at(settings.sensors, second - 1)
    settings.activeSensor = index
    return undefined
  },
  PrepReadFTsensor: (device, { index }) => {
    device.sensor = structuredClone(at(device.settings.sensors, index))
    return undefined
  },
  StoreDigiFilt: (device, { first, last }) => {
    const isGsv8 = device.model.name === 'gsv-8'
    must(isGsv8 || (first <= last && last < device.model.inputs), 0x51)
    for (const [i, one] of device.filterRam) {
      if (!isGsv8 && (i < first || i > last)) continue
      at(device.settings.channels, i).filter = structuredClone(one)
    }
    return undefined
  },
  StoreFTSensorCal: (device, { index }) => {
    const { sensors } = device.settings
    if (index === 0xff && device.model.name === 'gsv-8') {
      must(sensors.length > 0, 0x60)
      sensors.pop()
      return undefined
    }
    must(index < device.model.sensors && index <= sensors.length, 0x51)
    sensors[index] = structuredClone(device.sensor)
    return undefined
  },
  ReadAnalogueFilter: (device) => ({ frequency: device.settings.analogFilter }),
  WriteAnalogueFilter: (device, { frequency }) => {
    must((device.settings.mode & 2) === 0, 0x5c)
    must(frequency > 0, 0x55)
    const nearest = [28, 850, 11_400].sort((a, b) => Math.abs(a - frequency) - Math.abs(b - frequency))
    device.settings.analogFilter = nearest[0] as number
    return undefined
  },
  ReadLinearizationValue: (device, { kind, index }) => {
    must((kind & 7) < device.model.inputs && kind >> 3 <= 5 && index <= 17, 0x51)
    return { value: (device.linearisationRam[kind] ?? device.settings.linearisation[kind])?.[index] ?? 0 }
  },
  WriteLinearizationValue: (device, { kind, index, value }) => {
    must((kind & 7) < device.model.inputs && index <= 17, 0x51)
    must(kind >> 3 <= 4, 0x76)
    const values = device.linearisationRam[kind] ?? [...(device.settings.linearisation[kind] ?? [])]
    for (let i = values.length; i < index; i += 1) values[i] = 0
    values[index] = value
    device.linearisationRam[kind] = values
    return undefined
  },
  StoreLinearization: (device) => {
    const all = { ...device.settings.linearisation, ...device.linearisationRam }
    for (let channel = 0; channel < device.model.inputs; channel += 1) {
      const points = all[0x10 + channel]?.[0] ?? 0
      const values = (all[channel] ?? []).slice(0, points)
      must(
        values.every((value, i) => i === 0 || value > (values[i - 1] as number)),
        0x61
      )
    }
    device.settings.linearisation = all
    return undefined
  }
}

function element(sensor: Sensor, type: number, index: number): number {
  const known = Object.values(sensorElements).find((row) => row.type === type)
  if (!known || index >= known.count) throw new Refusal(0x51)
  sensor[type] ??= emptySensor()[type] as number[]
  return at(sensor[type], index)
}

function isCoefficient(index: number): boolean {
  return index <= 4 || (index >= 0x10 && index <= 0x13) || (index >= 0x80 && index <= 0x87)
}

/** The filter of an input as it is in RAM, or as it is stored. */
function filter(device: FramedDevice, channel: number): ChannelSettings['filter'] {
  return device.filterRam.get(channel - 1) ?? at(device.settings.channels, channel - 1).filter
}

function each(device: FramedDevice, channel: number, change: (filter: ChannelSettings['filter']) => void): void {
  const inputs = channel === 0 ? device.settings.channels.map((_, i) => i + 1) : [channel]
  for (const one of inputs) {
    const changed = structuredClone(filter(device, one))
    change(changed)
    device.filterRam.set(one - 1, changed)
  }
}
