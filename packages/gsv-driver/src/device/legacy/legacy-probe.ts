import { ProtocolError, TimeoutError } from '@messwerk/core/model'
import { type LegacyLayout, type LegacyModel, scalings } from '../../codec/index.ts'
import { gsv2Scale, gsv4Inputs, unitOf } from '../../commands/index.ts'
import type { GsvChannel } from '../probe.ts'
import { INPUTS } from './legacy-model.ts'
import { readRate } from './legacy-rate.ts'
import type { LegacySession } from './legacy-session.ts'

/**
 * What the values of a channel mean, where the device does not know it: physical value = part of the nominal range *
 * scale + offset.
 *
 * @example
 * ```ts
 * import type { LegacyScale } from '@messwerk/gsv-driver'
 *
 * const loadCell: LegacyScale = { scale: 50, unit: 'kN' }
 * loadCell.unit // => 'kN'
 * ```
 */
export interface LegacyScale {
  /** Physical value at the nominal range. */
  readonly scale: number
  /** Physical value at 0. @defaultValue 0 */
  readonly offset?: number
  /** UCUM code. */
  readonly unit: string
}

/**
 * What a GSV-2, GSV-3 or GSV-4 says of itself.
 *
 * @example
 * ```ts
 * import type { LegacyGsvDevice } from '@messwerk/gsv-driver'
 *
 * const name = ({ model, serial }: LegacyGsvDevice): string => `${model} ${serial}`
 * typeof name // => 'function'
 * ```
 */
export interface LegacyGsvDevice<M extends LegacyModel = LegacyModel> {
  readonly model: M
  /** Undefined where a GSV-3 does not say it: the question is not from its manual. */
  readonly serial: number | undefined
  /** Of a GSV-4 the number as it is sent; a GSV-3 does not say it. */
  readonly firmware: string | undefined
  /** Measured frames per second, Hz. */
  readonly rate: number
  readonly layout: LegacyLayout
  readonly channels: readonly GsvChannel[]
}

/** What is known beside what the device says. @internal */
export interface LegacyKnown {
  readonly polarity?: 'bipolar' | 'unipolar' | undefined
  readonly scales?: Readonly<Record<number, LegacyScale>> | undefined
}

const LONG = 0x08
const TEXT = 0x02

/**
 * Asks a device what it is, and scales the values accordingly. Its transmission has to be off; writes nothing.
 *
 * @throws ProtocolError when it answers like another model; what a session throws
 *
 * @internal
 */
export async function legacyProbe<M extends LegacyModel>(
  session: LegacySession,
  model: M,
  known: LegacyKnown = {}
): Promise<LegacyGsvDevice<M>> {
  const serial = await serialOf(session)
  const firmware = await firmwareOf(session)
  const rate = await readRate(session)
  if (!(rate > 0 && Number.isFinite(rate))) throw new ProtocolError(`${session.url} gives a data rate of ${rate} Hz`)
  const layout = await layoutOf(session, known)
  session.parser.expect(layout)
  const channels = (await channelsOf(session, layout)).map((channel) => rescaled(channel, layout, known))
  session.parser.scale(
    channels.map(({ scale }) => scale),
    channels.map(({ offset }) => offset)
  )
  return { model, serial, firmware, rate, layout, channels }
}

async function serialOf(session: LegacySession): Promise<number | undefined> {
  // The question is not from the manual of a GSV-3: one that does not answer it may answer others.
  const asked = session.request('GetSerialNumber')
  const isSure = session.model !== 'gsv-3'
  const { serial } = await (isSure ? asked : asked.catch(ifUnanswered({ serial: undefined })))
  if (serial === undefined) return undefined
  const text = (serial as string).trim()
  if (/^\d+$/.test(text)) return Number(text)
  const gsv4 = text.charCodeAt(0) === 0x1f ? "; it answers like a gsv-4: give model: 'gsv-4'" : ''
  throw new ProtocolError(
    `${session.url} gives a serial number that is none (${JSON.stringify(text)}); is it a ${session.model}?${gsv4}`
  )
}

function ifUnanswered<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof TimeoutError) return instead
    throw error
  }
}

async function firmwareOf(session: LegacySession): Promise<string | undefined> {
  if (session.model === 'gsv-3') return undefined
  const { major, minor, version } = await session.request('FirmwareVersion')
  return version === undefined ? `${major}.${minor}` : String(version)
}

/** How frames look; whether a GSV-2 is unipolar it does not say. */
async function layoutOf(session: LegacySession, { polarity = 'bipolar' }: LegacyKnown): Promise<LegacyLayout> {
  const { model } = session
  if (model !== 'gsv-2') return { model }
  const mode = (await session.request('GetMode')).flags as number
  // Whether every GSV-2 can be asked this is not known; as delivered the frames are long.
  const { flags } = await session.request('GetTXMode').catch(ifUnanswered({ flags: LONG }))
  const txMode = flags as number
  const frames = (mode & TEXT) !== 0 ? 'text' : (txMode & LONG) !== 0 ? 'long' : 'short'
  return { model, frames, polarity }
}

async function channelsOf(session: LegacySession, layout: LegacyLayout): Promise<GsvChannel[]> {
  const { model } = session
  if (model === 'gsv-3') return [channel(1, '1', 1, layout)]
  if (model === 'gsv-2') {
    const { unit } = await session.request('GetUnit')
    const { register } = await session.request('GetNorm')
    const { point } = await session.request('GetDecimalPoint')
    const scale = gsv2Scale({ register: register as number, point: point as number })
    return [channel(1, unitOf(unit as number), scale, layout)]
  }
  const types = await session.request('GetInputs')
  return Array.from({ length: INPUTS[model] }, (_, i) => {
    const input = gsv4Inputs.get(types[`input${i + 1}`] as number)
    return input?.high === undefined ? channel(i + 1, '1', 1, layout) : channel(i + 1, input.unit, input.high, layout)
  })
}

function rescaled(given: GsvChannel, layout: LegacyLayout, { scales }: LegacyKnown): GsvChannel {
  const wanted = scales?.[given.number]
  if (!wanted) return given
  if (layout.frames !== 'text') return channel(given.number, wanted.unit, wanted.scale, layout, wanted.offset)
  throw new ProtocolError('scales: a GSV-2 that sends text has scaled its values already; leave scales out')
}

function channel(number: number, unit: string, scale: number, layout: LegacyLayout, offset = 0): GsvChannel {
  const { steps, overload, zero } = scalingOf(layout)
  const reach = overload * Math.abs(scale)
  const low = zero === 0 ? Math.min(0, overload * scale) : -reach
  const high = zero === 0 ? Math.max(0, overload * scale) : reach
  const range = [low + offset, high + offset] as const
  return { number, name: `channel_${number}`, unit, scale, offset, range, resolution: reach / steps }
}

function scalingOf({ model, frames, polarity = 'bipolar' }: LegacyLayout) {
  if (model !== 'gsv-2') return scalings[model]
  return scalings[`gsv-2 ${polarity} ${frames === 'short' ? 16 : 24}`]
}
