import { ProtocolError } from '@messwerk/core/model'
import { fullScale, OVERLOAD } from '../codec/frame-layout.ts'
import type { DataType, FrameLayout, IntegerEncoding } from '../codec/index.ts'
import {
  bitLayouts,
  GsvError,
  type InterfaceInfo,
  type InterfaceSettings,
  interfaceInfoOf,
  mappedObjectOf,
  readBits,
  unitOf,
  unitSlot,
  walkInterfaceSettings,
  writeBits
} from '../commands/index.ts'
import type { GsvSession } from './gsv-session.ts'

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
  /** The logger GSV-6BT is a GSV-6 with more commands; its files are not read. */
  readonly variant?: 'gsv-6bt'
  readonly serial: number
  /** For example `1.56`. */
  readonly firmware: string
  /** Measured frames per second, Hz. */
  readonly rate: number
  readonly layout: FrameLayout
  readonly encoding: IntegerEncoding
  readonly channels: readonly GsvChannel[]
  /** The interface that it is asked through. */
  readonly interface: GsvInterface
}

/**
 * The interface of a device that this session uses.
 *
 * @example
 * ```ts
 * import type { GsvInterface } from '@messwerk/gsv-driver'
 *
 * const usb: GsvInterface = { number: 0, kind: 'usb', locked: false }
 * usb.kind // => 'usb'
 * ```
 */
export interface GsvInterface {
  /** From 0. */
  readonly number: number
  /** Undefined where the firmware does not say it. */
  readonly kind: InterfaceSettings['kind']
  /** Whether writing is refused, through this interface or through all. */
  readonly locked: boolean
}

/** How a device is asked what it is. @internal */
export interface ProbeOptions {
  /** Whether measured frames are to carry a CRC-16; by default as it is. */
  readonly crc?: boolean | undefined
}

/**
 * Stops the transmission and asks the device what it is. Writes nothing.
 *
 * @throws ProtocolError when it is no GSV-8 or GSV-6, or answers nonsense; what a session throws
 *
 * @internal
 */
export async function probe(session: GsvSession, { crc }: ProbeOptions = {}): Promise<GsvDevice> {
  await session.command('StopTransmission')
  return describe(session, crc, 1)
}

/** The same without touching the transmission, for a device that is known. @internal */
export function probeAgain(session: GsvSession, { layout }: GsvDevice): Promise<GsvDevice> {
  return describe(session, layout.crc, 0)
}

async function describe(session: GsvSession, crc: boolean | undefined, transmission: number): Promise<GsvDevice> {
  const { value: mode } = await session.command('GetTXMode', { index: 0 }).catch(ifRefused({ value: 0 }))
  // Asking for the interface decides about the CRC of measured frames: what is switched on for good stays on.
  const flags = writeBits(bitLayouts.interfaceRequest, 0, {
    transmission,
    crc: crc ?? readBits(bitLayouts.txMode, mode).crc
  })
  const info = interfaceInfoOf(await session.command('GetInterface', { flags }))
  const { dataType, objects } = info
  const model = modelOf(session, info)
  if (!dataType) throw new ProtocolError(`${session.url} names a data type of frames that does not exist`)
  const layout = { objects, dataType, crc: info.crc }
  session.parser.expect(layout)
  const { major, minor } = await session.command('FirmwareVersion')
  const firmware = `${major}.${minor}`
  session.firmware = firmware
  const isLogger = model === 'gsv-6' && (await isGsv6bt(session))
  if (isLogger) session.model = 'gsv-6bt'
  const { serial } = await session.command('GetSerNo')
  const { rate } = await session.command('ReadDataRate')
  if (!(rate > 0 && Number.isFinite(rate))) throw new ProtocolError(`${session.url} gives a data rate of ${rate} Hz`)
  const own = await interfaceOf(session, info)
  const signed = own ? !own.flags.binaryOffset : model === 'gsv-6'
  const encoding = signed ? 'signed' : 'offset'
  const locked = info.locked || info.allLocked
  const channels: GsvChannel[] = []
  for (let number = 1; number <= objects; number += 1) channels.push(await channelOf(session, number, dataType))
  const used = { number: info.interface, kind: own?.kind, locked }
  const known: GsvDevice = { model, serial, firmware, rate, layout, encoding, channels, interface: used }
  return isLogger ? { ...known, variant: 'gsv-6bt' } : known
}

function modelOf(session: GsvSession, { model, modelCode }: InterfaceInfo): 'gsv-8' | 'gsv-6' {
  if (!model) {
    const code = `0x${modelCode.toString(16)}`
    throw new ProtocolError(
      `${session.url} is model ${code}; this driver knows GSV-8 (0x8) and GSV-6 (0x6). Is there a newer version of the driver?`
    )
  }
  session.model = model
  return model
}

/** The software configuration of a GSV-6 says whether it is a logger. */
async function isGsv6bt(session: GsvSession): Promise<boolean> {
  if (!session.has('GetSoftwareConfiguration')) return false
  const { flags } = await session.command('GetSoftwareConfiguration').catch(ifRefused({ flags: 0 }))
  return readBits(bitLayouts.softwareGsv6, flags).gsv6bt === true
}

/** Settings of the interface in use; old firmware does not give them. */
async function interfaceOf(session: GsvSession, info: InterfaceInfo): Promise<InterfaceSettings | undefined> {
  if (info.interfaces <= info.interface || !session.has('ReadInterfaceSetting')) return undefined
  const index = info.interface
  const basic = await session.command('ReadInterfaceSetting', { index }).catch(ifRefused(undefined))
  const walk = walkInterfaceSettings(index + 1)
  let step = walk.next()
  while (!step.done) step = walk.next(step.value === index ? basic : undefined)
  return step.value.find((settings) => settings.index === index)
}

async function channelOf(session: GsvSession, number: number, dataType: DataType): Promise<GsvChannel> {
  const mapping = await session.command('GetTXmapping', { index: number }).catch(ifRefused({ value: 0 }))
  // Objects behind the inputs, such as mapped digital lines, have neither unit nor scale.
  const { unit: code } = await session.command('GetUnitNo', { channel: number }).catch(ifRefused({ unit: 7 }))
  const slot = unitSlot(code)
  const text = slot === undefined ? '' : (await session.command('GetUnitText', { slot })).text
  const { scale } = await session.command('ReadUserScale', { channel: number }).catch(ifRefused({ scale: 1 }))
  const { offset } = await session.command('ReadUserOffset', { channel: number }).catch(ifRefused({ offset: 0 }))
  const { quantity = 'channel' } = mappedObjectOf(mapping.value)
  const axis = /^(force|torque)_[xyz]$/.test(quantity) ? quantity : undefined
  const channel = { number, name: axis ?? `channel_${number}`, unit: unitOf(code, text), scale, offset }
  // The user scale has no meaning for the axes of a six-axis sensor.
  if (axis) return channel
  const reach = OVERLOAD * Math.abs(scale)
  return { ...channel, range: [offset - reach, offset + reach], resolution: reach / fullScale(dataType) }
}

/** Old firmware does not have every command; what it refuses is taken as this. */
function ifRefused<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof GsvError) return instead
    throw error
  }
}
