import type { Duration } from '@messwerk/core/model'
import type { GsvSourceOptions } from '../source/gsv-source.ts'
import type { Given } from './parse-command.ts'
import { UsageError } from './usage-error.ts'

/** Options of all commands that open a device. @internal */
export const LINK_OPTIONS = { baud: { type: 'string' }, timeout: { type: 'string' } } as const

/** Their help. @internal */
export const LINK_HELP = `  --timeout <duration>   longest wait for an answer: 500ms, 2s; default 1s
  --baud <rate>          of a UART behind the port; default 115200, a GSV-6 has 230400

A device is tcp://host:port, or a serial port: serial:/dev/ttyACM0, /dev/ttyACM0, COM3.`

/** Options of commands that measure. @internal */
export const CHANNEL_OPTIONS = { channels: { type: 'string' } } as const

/** Their help. @internal */
export const CHANNEL_HELP = '  --channels <list>      names by number, others are left out: 1=force,2=torque'

/** How a device is opened. @internal */
export interface DeviceOptions {
  readonly url: string
  readonly timeout?: Duration
  readonly baudRate?: number
}

/** @internal */
export function deviceOptions(given: Given, address = given.operands[0] ?? ''): DeviceOptions {
  const timeout = given.text('timeout')
  const baudRate = given.number('baud', 1, true)
  return {
    url: deviceUrl(address),
    ...(timeout === undefined ? {} : { timeout: timeout as Duration }),
    ...(baudRate === undefined ? {} : { baudRate })
  }
}

/** @internal */
export function sourceOptions(given: Given): DeviceOptions & Pick<GsvSourceOptions, 'channels'> {
  const list = given.text('channels')
  return list === undefined ? deviceOptions(given) : { ...deviceOptions(given), channels: channelsOf(list) }
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
