import type { Block } from '@messwerk/core/model'
import type { DataType } from '../codec/index.ts'
import { LEAST_RATE, mostRate, realRate } from './device/rates.ts'
import { LEGACY_INPUTS } from './legacy/legacy-device.ts'
import { SIX_COMPONENTS, type SimulatedChannel } from './signal.ts'
import type { SimulateGsvOptions } from './simulated-gsv.ts'

type Model = NonNullable<SimulateGsvOptions['model']>

/** Options that were checked, with their defaults. @internal */
export interface Plan {
  readonly model: Model
  readonly rate: number
  readonly channels: readonly SimulatedChannel[]
  readonly names: readonly string[]
  readonly dataType: DataType
  readonly seed: number
  readonly serial: number
  readonly firmware: string | undefined
  readonly counterChannel: number | undefined
  readonly freeRunning: boolean
  readonly streaming: boolean
  readonly crystal: number
  readonly blocks: Iterable<Block> | undefined
  readonly mostWaiting: number
  /** Bytes of frames that the device itself holds. */
  readonly buffer: number
}

const INPUTS: Readonly<Record<Model, number>> = { 'gsv-8': 8, 'gsv-6': 6, ...LEGACY_INPUTS }
const RATES: Readonly<Record<Model, number>> = {
  'gsv-8': 1000,
  'gsv-6': 1000,
  'gsv-4': 500,
  'gsv-3': 100,
  'gsv-2': 100
}
const IN_WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
const DATA_TYPES: readonly DataType[] = ['float32', 'int24', 'int16']

/** @throws RangeError when an option is wrong @internal */
export function planOf(options: SimulateGsvOptions): Plan {
  const { model = 'gsv-8', dataType = 'float32', counterChannel, crystal = 0, mostWaiting = 1024 * 1024 } = options
  const inputs = INPUTS[model]
  if (inputs === undefined) {
    const models = Object.keys(INPUTS).map((name) => `'${name}'`)
    throw new RangeError(
      `simulateGsv: model must be ${models.slice(0, -1).join(', ')} or ${models.at(-1)}, got '${String(model)}'`
    )
  }
  checkDataType(model, dataType)
  const channels = channelsOf(options, inputs)
  if (
    counterChannel !== undefined &&
    !(Number.isInteger(counterChannel) && counterChannel >= 1 && counterChannel <= inputs)
  )
    throw new RangeError(`simulateGsv: counterChannel must be a channel from 1 to ${inputs}, got ${counterChannel}`)
  if (!(Math.abs(crystal) <= 10_000))
    throw new RangeError(`simulateGsv: crystal must be -10000 to 10000 ppm, got ${crystal}`)
  if (!(mostWaiting > 0)) throw new RangeError(`simulateGsv: mostWaiting must be a number of bytes, got ${mostWaiting}`)
  return {
    model,
    dataType,
    counterChannel,
    crystal,
    mostWaiting,
    channels,
    names: channels.map(({ name }, i) => name ?? `channel_${i + 1}`),
    rate: rateOf(model, dataType, options.rate ?? RATES[model]),
    seed: options.seed ?? 1,
    serial: options.serial ?? 1_234_567,
    firmware: options.firmware,
    freeRunning: options.freeRunning ?? counterChannel !== undefined,
    streaming: options.streaming ?? false,
    blocks: options.blocks,
    buffer: 65_536
  }
}

function checkDataType(model: Model, dataType: DataType): void {
  if (!DATA_TYPES.includes(dataType))
    throw new RangeError(`simulateGsv: dataType must be float32, int24 or int16, got '${String(dataType)}'`)
  if (model === 'gsv-6' && dataType === 'int24')
    throw new RangeError(`simulateGsv: dataType of a gsv-6 must be float32 or int16, got 'int24'`)
}

/** Where a channel carries the number of the scan, there are channels up to it. */
function channelsOf({ channels, counterChannel = 0 }: SimulateGsvOptions, inputs: number) {
  const given = channels ?? SIX_COMPONENTS.slice(0, inputs)
  if (given.length < 1 || given.length > inputs)
    throw new RangeError(`simulateGsv: channels must be one to ${IN_WORDS[inputs - 1]}, got ${given.length}`)
  const missing = Math.max(0, Math.min(counterChannel, inputs) - given.length)
  const more = Array.from({ length: missing }, (): SimulatedChannel => ({ noise: 0, scale: 3.5 }))
  return [...given, ...more].map((channel, i) =>
    i === counterChannel - 1 ? { ...channel, name: channel.name ?? 'scan', unit: '1', noise: 0, offset: 0 } : channel
  )
}

function rateOf(model: Model, dataType: DataType, rate: number): number {
  const most = model === 'gsv-8' || model === 'gsv-6' ? mostRate(model, dataType) : model === 'gsv-4' ? 937.5 : 1000
  const least = model === 'gsv-8' || model === 'gsv-6' ? LEAST_RATE[model] : model === 'gsv-4' ? 0.625 : 0.3
  if (!(rate >= least && rate <= most + 1e-3)) {
    const of = model === 'gsv-8' ? `for ${dataType}` : `on a ${model}`
    throw new RangeError(`simulateGsv: rate must be ${least} to ${Number(most.toFixed(2))} Hz ${of}, got ${rate}`)
  }
  if (model !== 'gsv-6') return rate
  const real = realRate(model, rate)
  return Math.abs(real - rate) < 1e-5 * rate ? rate : real
}
