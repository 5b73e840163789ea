import type { Duration } from '@messwerk/core/model'
import type { LegacyModel } from '../codec/index.ts'
import { BAUD_RATES, isLegacy } from '../device/legacy/legacy-model.ts'
import type { GsvSourceOptions } from '../source/gsv-source.ts'
import type { Given } from './parse-command.ts'
import { UsageError } from './usage-error.ts'

/** Options of all commands that open a device. @internal */
export const LINK_OPTIONS = {
  baud: { type: 'string' },
  model: { type: 'string' },
  timeout: { type: 'string' }
} as const

/** Their help. @internal */
export const LINK_HELP = `  --timeout <duration>   longest wait for an answer: 500ms, 2s; default 1s
  --model <model>        gsv-8, gsv-6; gsv-4, gsv-3, gsv-2: these are found with it only; default auto
  --baud <rate>          of a UART behind the port; default that of the model, 115200 without one; a GSV-6 has 230400

A device is tcp://host:port, or a serial port: serial:/dev/ttyACM0, /dev/ttyACM0, COM3.`

/** Options of commands that measure. @internal */
export const CHANNEL_OPTIONS = { channels: { type: 'string' } } as const

/** Their help. @internal */
export const CHANNEL_HELP = '  --channels <list>      names by number, others are left out: 1=force,2=torque'

/** How a GSV-8 or GSV-6 is opened. @internal */
export interface FramedOptions {
  readonly url: string
  readonly timeout?: Duration
  readonly baudRate?: number
  readonly model?: 'auto' | 'gsv-8' | 'gsv-6'
}

/** How any device is opened. @internal */
export type DeviceOptions = FramedOptions | (Omit<FramedOptions, 'model'> & { readonly model: LegacyModel })

/** @throws UsageError when something is wrong @internal */
export function deviceOptions(given: Given, address = given.operands[0] ?? ''): DeviceOptions {
  const timeout = given.text('timeout')
  const baudRate = given.number('baud', 1, true)
  const model = modelOf(given)
  return {
    url: deviceUrl(address),
    ...(timeout === undefined ? {} : { timeout: timeout as Duration }),
    ...(baudRate === undefined ? {} : { baudRate }),
    ...(model === undefined ? {} : { model })
  } as DeviceOptions
}

/** For what only GSV-8 and GSV-6 can do. @throws UsageError for other models @internal */
export function framedOptions(given: Given, command: string): FramedOptions {
  const options = deviceOptions(given)
  if (!isLegacy(options)) return options
  throw new UsageError(`${command}: a ${options.model} has no document of settings; openGsv can set it`)
}

/** @internal */
export function sourceOptions(given: Given): DeviceOptions & Pick<GsvSourceOptions, 'channels'> {
  const list = given.text('channels')
  return list === undefined ? deviceOptions(given) : { ...deviceOptions(given), channels: channelsOf(list) }
}

function modelOf(given: Given): string | undefined {
  const model = given.text('model')
  if (model === undefined || Object.hasOwn(BAUD_RATES, model)) return model
  throw new UsageError(`--model must be one of ${Object.keys(BAUD_RATES).join(', ')}, got '${model}'`)
}

/** @throws UsageError when it is no address of a device */
function deviceUrl(address: string): string {
  if (/^(\/|\\\\\.\\)|^COM\d+$/i.test(address)) return `serial:${address}`
  if (/^serial:.+/.test(address) || /^tcp:\/\/.+:\d+\/?$/.test(address)) return address
  const hint = /^tcp:\/\/[^:]+$/.test(address) ? `; add the port, for example ${address.replace(/\/$/, '')}:4711` : ''
  throw new UsageError(`a device is tcp://host:port or serial:/dev/ttyACM0, got '${address}'${hint}`)
}

function channelsOf(list: string): Record<number, string> {
  const channels: Record<number, string> = {}
  for (const part of list.split(',')) {
    const [, number, name] = /^\s*(\d+)\s*=\s*(\S+)\s*$/.exec(part) ?? []
    if (number === undefined || name === undefined) {
      throw new UsageError(`--channels must be a list such as 1=force,2=torque, got '${list}'`)
    }
    channels[Number(number)] = name
  }
  return channels
}
