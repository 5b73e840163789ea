import { ProtocolError } from '@messwerk/core/model'
import { DATA_TYPES, fullScale, OVERLOAD } from '../codec/frame-layout.ts'
import type { DataType, FrameLayout, IntegerEncoding } from '../codec/index.ts'
import { commands } from './commands.ts'
import type { GsvSession } from './gsv-session.ts'
import { unitOf, unitSlot } from './units.ts'

/**
 * What a device says of one of its channels.
 *
 * @example
 * ```ts
 * import type { GsvChannel } from '@messwerk/gsv-driver'
 *
 * const channel: GsvChannel = { number: 1, name: 'channel_1', unit: 'kN', scale: 10, offset: 0 }
 * channel.unit // => 'kN'
 * ```
 */
export interface GsvChannel {
  /** 1 for the first value of a frame. */
  readonly number: number
  /** `force_x` to `torque_z` where a six-axis sensor is calculated, else `channel_1` and so on. */
  readonly name: string
  /** UCUM code. */
  readonly unit: string
  /** Physical value = part of the nominal range * scale + offset. */
  readonly scale: number
  readonly offset: number
  /** Smallest and largest value; absent for six-axis sensors. */
  readonly range?: readonly [number, number]
  readonly resolution?: number
}

/**
 * What a device says of itself.
 *
 * @example
 * ```ts
 * import type { GsvDevice } from '@messwerk/gsv-driver'
 *
 * const name = ({ model, serial, firmware }: GsvDevice): string => `${model} ${serial}, firmware ${firmware}`
 * typeof name // => 'function'
 * ```
 */
export interface GsvDevice {
  readonly model: 'gsv-8' | 'gsv-6'
  readonly serial: number
  /** For example `1.56`. */
  readonly firmware: string
  /** Measured frames per second, Hz. */
  readonly rate: number
  readonly layout: FrameLayout
  readonly encoding: IntegerEncoding
  readonly channels: readonly GsvChannel[]
}

const AXES = ['force_x', 'force_y', 'force_z', 'torque_x', 'torque_y', 'torque_z'] as const

/**
 * Stops the transmission and asks the device what it is. Writes nothing.
 *
 * @internal
 */
export async function probe(session: GsvSession): Promise<GsvDevice> {
  await session.command(commands.StopTransmission)
  const [first, second] = (await session.command(commands.GetInterface, 1)) as [number, number]
  const model = modelOf(first & 0x3f, session.url)
  const dataType = DATA_TYPES[second & 7]
  if (!dataType)
    throw new ProtocolError(`${session.url} names a data type of frames that does not exist: ${second & 7}`)
  const layout = { objects: (second >> 4) + 1, dataType, crc: first >> 6 === 3 }
  session.parser.expect(layout)
  const [major, minor] = (await session.command(commands.FirmwareVersion)) as [number, number]
  const [serial] = (await session.command(commands.GetSerNo)) as [number]
  const [rate] = (await session.command(commands.ReadDataRate)) as [number]
  if (!(rate > 0 && Number.isFinite(rate))) throw new ProtocolError(`${session.url} gives a data rate of ${rate} Hz`)
  const channels: GsvChannel[] = []
  for (let number = 1; number <= layout.objects; number += 1) channels.push(await channelOf(session, number, dataType))
  const encoding = model === 'gsv-8' ? 'offset' : 'signed'
  return { model, serial, firmware: `${major}.${minor}`, rate, layout, encoding, channels }
}

function modelOf(code: number, url: string): GsvDevice['model'] {
  if (code === 8) return 'gsv-8'
  if (code === 6) return 'gsv-6'
  throw new ProtocolError(`${url} is model 0x${code.toString(16)}; this driver knows GSV-8 (0x8) and GSV-6 (0x6)`)
}

async function channelOf(session: GsvSession, number: number, dataType: DataType): Promise<GsvChannel> {
  const [mapping] = (await session.command(commands.GetTXmapping, number).catch(ifRefused([0]))) as [number]
  const [code] = (await session.command(commands.GetUnitNo, number)) as [number]
  const slot = unitSlot(code)
  const text = slot === undefined ? '' : textOf(await session.command(commands.GetUnitText, slot))
  const [scale] = (await session.command(commands.ReadUserScale, number)) as [number]
  const [offset] = (await session.command(commands.ReadUserOffset, number)) as [number]
  const axis = AXES[(mapping >> 8) - 1]
  const channel = { number, name: axis ?? `channel_${number}`, unit: unitOf(code, text), scale, offset }
  // The user scale has no meaning for the axes of a six-axis sensor.
  if (axis) return channel
  const reach = OVERLOAD * Math.abs(scale)
  return { ...channel, range: [offset - reach, offset + reach], resolution: reach / fullScale(dataType) }
}

/** Old firmware does not have every command; what it refuses is taken as this. */
function ifRefused(instead: number[]): (error: unknown) => number[] {
  return (error) => {
    if ((error as { code?: string }).code === 'DEVICE_REFUSED') return instead
    throw error
  }
}

/** Text of a unit; GSV-6 puts an indicator of 0 before it. */
function textOf(bytes: readonly number[]): string {
  const from = bytes.length === 9 ? 1 : 0
  const end = bytes.indexOf(0, from)
  return String.fromCharCode(...bytes.slice(from, end < 0 ? undefined : end))
}
