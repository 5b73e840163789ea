import { dioFunctions, dioTypeOf } from '../../commands/index.ts'
import type { Handlers } from './dispatch.ts'
import type { FramedDevice } from './framed-device.ts'
import { at, must, Refusal } from './refusal.ts'
import type { LineSettings } from './settings.ts'

const GROUP = 4
/** Bytes of a TEDS memory. */
const TEDS_BYTES = 64
/** A counter that is there: module present, counting. */
const PRESENT = 1
const MOST_COUNTERS = 2

/** Digital lines, TEDS memories and counters. @internal */
export const lineHandlers: Handlers = {
  GetDIOdirection: ({ settings }, { group }) => {
    must(group <= 4, 0x51)
    return { direction: group === 0 ? settings.directions : (settings.directions >> (group - 1)) & 1 }
  },
  SetDIOdirection: ({ settings }, { group, direction }) => {
    must(group <= 4, 0x51)
    must(direction <= (group === 0 ? 15 : 1), 0x52)
    const bit = 1 << (group - 1)
    const before = settings.directions
    settings.directions = group === 0 ? direction : direction === 1 ? before | bit : before & ~bit
    for (const [i, one] of settings.lines.entries()) {
      const isIn = (settings.directions >> Math.floor(i / GROUP)) & 1
      if (((before >> Math.floor(i / GROUP)) & 1) !== isIn) one.type = isIn ? 0x4 : 0x1000
    }
    return undefined
  },
  GetDIOtype: (device, { line }) => {
    const { type, channel } = at(device.settings.lines, line - 1)
    return { type, channel }
  },
  SetDIOtype: (device, { line, type, channel }) => {
    must(line > 0 || device.model.name === 'gsv-8', 0x51)
    must(channel <= device.model.inputs, 0x51)
    each(device, line, (one, i) => {
      mustFit(device, i, type)
      one.type = type
      one.channel = channel
    })
    return undefined
  },
  GetDIOlevel: (device, { line }) => {
    if (line > 0) at(device.settings.lines, line - 1)
    const levels = levelsOf(device)
    return { level: line === 0 ? levels : (levels >> (line - 1)) & 1 }
  },
  SetDIOlevel: (device, { line, level }) => {
    must(line === 0 || level <= 1, 0x52)
    each(device, line, (one, i) => {
      const isOutput = dioTypeOf(one.type).function === 'output'
      if (!isOutput && line === 0) return
      must(isOutput, 0x5c)
      const isHigh = line === 0 ? (level >> i) & 1 : level
      device.levels = isHigh ? device.levels | (1 << i) : device.levels & ~(1 << i)
    })
    return undefined
  },
  ReadDIOthreshold: (device, { line, which }) => ({
    threshold: at(at(device.settings.lines, line - 1).threshold, which)
  }),
  WriteDIOthreshold: (device, { line, which, threshold }) => {
    must(which <= 1, 0x51)
    must(Number.isFinite(threshold), 0x52)
    each(device, line, (one) => {
      one.threshold[which as 0 | 1] = threshold
    })
    return undefined
  },
  GetDIOinitialLevel: (device, { line }) => {
    if (line > 0) return { level: at(device.settings.lines, line - 1).initial }
    return { level: device.settings.lines.reduce((bits, { initial }, i) => bits | (initial << i), 0) }
  },
  SetDIOinitialLevel: (device, { line, level }) => {
    must(line === 0 || level <= 1, 0x52)
    each(device, line, (one, i) => {
      one.initial = line === 0 ? (level >> i) & 1 : level
    })
    return undefined
  },
  ReadTEDSdataEntry: (device, { channel, property }) => {
    const bytes = teds(device, channel)
    must(bytes.some(Boolean), 0xb1)
    if (property === 0) return { next: 1, kind: 0, value: 0 }
    // a basic TEDS in the first eight bytes: manufacturer, model, version letter, version, serial number
    const entry = BASIC.find(({ id }) => id >= property)
    if (!entry) return { next: 0, kind: 0xff, value: 0 }
    const next = BASIC.find(({ id }) => id > entry.id)?.id ?? 0
    return { next, kind: 0, value: bitsOf(bytes, entry.from, entry.bits) }
  },
  ReadTEDSrawArray: (device, { channel, address }) => {
    const bytes = teds(device, channel)
    if (address >= 0x8000) return { data: new Uint8Array(4) }
    must(address % 4 === 0 && address < TEDS_BYTES, 0x51)
    return { data: Uint8Array.from(bytes.slice(address, address + 4)) }
  },
  WriteTEDSbytes: (device, { channel, address, data }) => {
    must(address % 4 === 0 && address < TEDS_BYTES, 0x51)
    const bytes = device.tedsRam.get(channel) ?? [...teds(device, channel)]
    for (const [i, byte] of data.entries()) bytes[address + i] = byte
    device.tedsRam.set(channel, bytes)
    return undefined
  },
  StoreTEDSdata: (device, { channel, address, bits }) => {
    teds(device, channel)
    const ram = device.tedsRam.get(channel)
    if (!ram) throw new Refusal(0x60)
    must(bits !== 0 && address + Math.abs(bits) <= 8 * TEDS_BYTES, 0x54)
    device.settings.teds[channel - 1] = [...ram]
    return undefined
  },
  GetTEDSactive: (device) => ({ flags: (device.settings.mode >> 8) & 0xff }),
  ReadCounterFreqMode: (device, { setting }) => {
    const counter = device.settings.counters[(setting >> 4) - 1]
    must(setting >> 4 >= 1 && setting >> 4 <= MOST_COUNTERS && (setting & 15) <= 2, 0x51)
    return { value: counter ? at(counter, setting & 15) : PRESENT * ((setting & 15) === 0 ? 1 : 0) }
  },
  WriteCounterFreqMode: (device, { setting, value }) => {
    const [counter, item] = [setting >> 4, setting & 15]
    must(counter >= 1 && counter <= MOST_COUNTERS && item <= 2, 0x51)
    return item === 0 ? switchCounter(device, counter, value) : setCounter(device, counter, item, value)
  }
}

const BASIC = [
  { id: 96, from: 0, bits: 14 },
  { id: 97, from: 14, bits: 15 },
  { id: 98, from: 29, bits: 5 },
  { id: 99, from: 34, bits: 6 },
  { id: 100, from: 40, bits: 24 }
]

/** TEDS counts bits from the lowest of the first byte on. */
function bitsOf(bytes: readonly number[], from: number, count: number): number {
  let value = 0
  for (let i = 0; i < count; i += 1) {
    const bit = from + i
    value += (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) * 2 ** i
  }
  return value
}

function teds({ settings, model }: FramedDevice, channel: number): number[] {
  must(channel >= 1 && channel <= model.inputs, 0x51)
  return settings.teds[channel - 1] ?? new Array<number>(TEDS_BYTES).fill(0)
}

function each(device: FramedDevice, line: number, change: (line: LineSettings, index: number) => void): void {
  const { lines } = device.settings
  if (line === 0) for (const [i, one] of lines.entries()) change(one, i)
  else change(at(lines, line - 1), line - 1)
}

/** @throws Refusal when a line cannot have a function in its direction */
function mustFit({ model, settings }: FramedDevice, line: number, type: number): void {
  const known = dioTypeOf(type).function
  if (!known) throw new Refusal(0x52)
  const { direction } = dioFunctions[known]
  if (direction === 'none') throw new Refusal(0x76)
  const isIn = model.name === 'gsv-8' ? ((settings.directions >> Math.floor(line / GROUP)) & 1) === 1 : line >= 3
  must((direction === 'in') === isIn, 0x5c)
}

/** A counter that is switched on or off changes the number of objects in a frame. */
function switchCounter({ settings }: FramedDevice, counter: number, flags: number): number {
  const isOn = (flags & 6) !== 0
  const wasOn = settings.counters.length >= counter
  if (isOn && !wasOn) {
    must(settings.counters.length === counter - 1, 0x5c)
    settings.counters.push([flags | PRESENT, 1, 0])
    settings.objects += 1
    return 1
  }
  if (!isOn && wasOn) {
    settings.objects -= settings.counters.length - counter + 1
    settings.counters.length = counter - 1
    return 1
  }
  if (wasOn) (settings.counters[counter - 1] as number[])[0] = flags | PRESENT
  return 0
}

function setCounter({ settings }: FramedDevice, counter: number, item: number, value: number): undefined {
  const one = settings.counters[counter - 1]
  if (!one) throw new Refusal(0x62)
  one[item] = value
  return undefined
}

/** Inputs as the world has them, outputs as set, threshold switches by the last values. */
function levelsOf(device: FramedDevice): number {
  for (const [i, line] of device.settings.lines.entries()) {
    const type = dioTypeOf(line.type)
    if (!/^(threshold|window)/.test(type.function ?? '')) continue
    const shown = device.measuring.valueOf(line.channel - 1, device.transmission.last)
    const value = type.mirrored ? Math.abs(shown) : shown
    const [lower, upper] = line.threshold
    const isInside = value >= lower && value <= upper
    const wasOn = ((device.levels >> i) & 1) === 1
    const isOn = type.function?.startsWith('window') ? isInside : value > upper || (value >= lower && wasOn)
    device.levels = isOn !== type.inverted ? device.levels | (1 << i) : device.levels & ~(1 << i)
  }
  return device.levels
}
