import type { DataType } from '../../codec/index.ts'
import { sensorElements, unitSetting } from '../../commands/index.ts'
import type { SimulatedChannel } from '../signal.ts'

/** Settings of one input and of the analog output that belongs to it. @internal */
export interface ChannelSettings {
  userScale: number
  userOffset: number
  /** Raw steps of 24 bits. */
  zero: number
  unit: number
  /** Code of the input type. */
  input: number
  /** Nominal range, mV/V or mV. */
  range: number
  aout: { offset: number; scale: number; type: number; mode: number; code: number }
  noiseCut: number
  digits: number
  autoZero: [period: number, threshold: number]
  filter: { iir: number; fir: number; cutOff: [number, number]; coefficients: Record<number, number> }
}

/** Settings of one digital line. @internal */
export interface LineSettings {
  type: number
  channel: number
  initial: number
  threshold: [lower: number, upper: number]
}

/** Elements of a six-axis sensor by their type number. @internal */
export type Sensor = Record<number, number[]>

/** What a device keeps without power: plain data. @internal */
export interface Settings {
  channels: ChannelSettings[]
  rate: number
  dataType: DataType
  objects: number
  /** Digital lines that are an object of their own. */
  mappedLines: number
  mode: number
  txFlags: number
  locked: boolean
  unitTexts: [string, string]
  prohibitZero: number
  lines: LineSettings[]
  /** Bit n: group n + 1 is input. */
  directions: number
  filtersOn: number
  analogFilter: number
  sensors: Sensor[]
  activeSensor: number
  sensorModel: string
  operator: string
  calibrated: { year: number; month: number; day: number; hour: number }
  password: string
  hoursOffset: number
  /** Flags, gate time and start value of each counter. */
  counters: number[][]
  baudRate: number
  can: number[]
  debounce: number[]
  autoZero: [channels: number, withThreshold: number, mode: number]
  teds: number[][]
  linearisation: Record<number, number[]>
  calibration: Record<string, number[]>
  customSerial: string
  serial: number
}

/** What LoadConfig leaves as it is. @internal */
export const KEPT: readonly (keyof Settings)[] = [
  'baudRate',
  'can',
  'objects',
  'mappedLines',
  'dataType',
  'sensors',
  'password',
  'serial',
  'customSerial',
  'teds',
  'calibration',
  'calibrated',
  'operator',
  'hoursOffset',
  'locked'
]

/** Id of the manufacturer; real ones are not published. @internal */
export const MANUFACTURER_ID = 'Mess'

/** How a model differs. @internal */
export interface Model {
  readonly name: 'gsv-8' | 'gsv-6'
  readonly code: number
  readonly firmware: readonly [major: number, minor: number]
  readonly inputs: number
  readonly lines: number
  readonly range: number
  readonly inputType: number
  readonly password: string
  readonly baudRate: number
  readonly sensors: number
  readonly smallestObjects: number
}

/** @internal */
export const MODELS: Readonly<Record<Model['name'], Model>> = {
  'gsv-8': {
    name: 'gsv-8',
    code: 8,
    firmware: [1, 56],
    inputs: 8,
    lines: 16,
    range: 3.5,
    inputType: 1,
    password: 'Beln',
    baudRate: 115_200,
    sensors: 11,
    smallestObjects: 1
  },
  'gsv-6': {
    name: 'gsv-6',
    code: 6,
    firmware: [3, 49],
    inputs: 6,
    lines: 5,
    range: 2,
    inputType: 0,
    password: 'USC1',
    baudRate: 230_400,
    sensors: 8,
    smallestObjects: 1
  }
}

const INPUT = 0x4
const THRESHOLD = 0x10000

/** What the manufacturer delivers: settings of a device whose host has changed nothing but what fits the sensors. @internal */
export function settingsOf(
  model: Model,
  channels: readonly SimulatedChannel[],
  rate: number,
  dataType: DataType
): Settings {
  const texts: string[] = []
  return {
    channels: Array.from({ length: model.inputs }, (_, i) => channelSettings(model, channels[i], texts)),
    rate,
    dataType,
    objects: channels.length,
    mappedLines: 0,
    mode: model.name === 'gsv-8' ? 0x02 : channels.length,
    txFlags: 0,
    locked: false,
    unitTexts: [texts[0] ?? '', texts[1] ?? ''],
    prohibitZero: 0,
    lines: Array.from({ length: model.lines }, (_, i) => lineSettings(model, i)),
    directions: 0xf,
    filtersOn: 0,
    analogFilter: 11_400,
    sensors: [emptySensor()],
    activeSensor: 0,
    sensorModel: '',
    operator: '',
    calibrated: { year: 0, month: 1, day: 1, hour: 0 },
    password: model.password,
    hoursOffset: 0,
    counters: [],
    baudRate: model.baudRate,
    can: [0x100, 0x101, 0x110, 0x102, 500_000, 0, 1],
    debounce: [20, 20, 20],
    autoZero: [0, 0, 0],
    teds: channels.map(() => new Array<number>(64).fill(0)),
    linearisation: {},
    calibration: {},
    customSerial: '',
    serial: 0
  }
}

function channelSettings(model: Model, channel: SimulatedChannel | undefined, texts: string[]): ChannelSettings {
  return {
    userScale: Math.fround(channel ? (channel.scale ?? 1000) : model.range),
    userOffset: 0,
    zero: 0,
    unit: channel?.unit === undefined ? 0 : unitCode(channel.unit, texts),
    input: model.inputType,
    range: model.range,
    aout: { offset: 0, scale: model.name === 'gsv-6' ? 2 : 1, type: 1, mode: 0, code: 0x8000 },
    noiseCut: Math.fround(0.175),
    digits: 6,
    autoZero: [5, Math.fround(0.01)],
    filter: { iir: 0x04, fir: 0x84, cutOff: [0, 100], coefficients: {} }
  }
}

/** Code of a unit; one that has none becomes one of two texts. */
function unitCode(unit: string, texts: string[]): number {
  const { code, text } = unitSetting(unit)
  if (text === undefined) return code
  if (!texts.includes(text)) texts.push(text)
  if (texts.length > 2)
    throw new RangeError(`simulateGsv: the device holds two texts for units, got ${texts.join(', ')}`)
  return 255 - texts.indexOf(text)
}

function lineSettings(model: Model, i: number): LineSettings {
  if (model.name === 'gsv-8') return { type: INPUT, channel: 0, initial: 0, threshold: [0, 0] }
  const threshold = [
    [1.76, 1.8],
    [0.96, 1],
    [1.46, 1.5]
  ][i]
  const [lower = 0, upper = 0] = threshold ?? []
  const inputs = [0x1, 0x20]
  return {
    type: threshold ? THRESHOLD : (inputs[i - 3] ?? INPUT),
    channel: threshold ? 1 : 0,
    initial: 0,
    threshold: [Math.fround(lower), Math.fround(upper)]
  }
}

/** A sensor whose matrix is the unit matrix. @internal */
export function emptySensor(): Sensor {
  const sensor: Sensor = {}
  for (const { type, count } of Object.values(sensorElements)) sensor[type] = new Array<number>(count).fill(0)
  const { normalisation, matrix, sensitivity } = sensorElements
  sensor[normalisation.type] = [5]
  sensor[sensitivity.type] = [2]
  sensor[matrix.type] = Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0))
  return sensor
}
