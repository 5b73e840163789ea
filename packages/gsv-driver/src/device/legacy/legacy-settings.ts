import { DeviceError } from '@messwerk/core/model'
import type { LegacyModel } from '../../codec/index.ts'
import {
  type FieldValues,
  gsv2Norm,
  gsv2Scale,
  gsv4Inputs,
  thresholdOf,
  thresholdRegister,
  unitCodeOf,
  unitOf
} from '../../commands/index.ts'
import type { GsvChange } from '../change-settings.ts'
import type { GsvSettingValue } from '../settings/setting.ts'
import type { Gsv2Settings, Gsv3Settings, Gsv4Settings, LegacySettings } from './legacy-gsv.ts'
import { INPUTS } from './legacy-model.ts'
import { unlocked } from './legacy-rate.ts'
import type { LegacySession } from './legacy-session.ts'

/** What setters work with. @internal */
export interface LegacySettingsOptions {
  readonly session: LegacySession
  /** What the device says of itself is something else now. */
  readonly refresh: () => Promise<unknown>
  readonly polarity: (polarity: 'bipolar' | 'unipolar') => void
}

/** One setting: how it is read, written, and told. */
interface OneSetting {
  readonly setting: string
  /** As the device has it. */
  readonly to: readonly number[]
  readonly read: () => Promise<readonly number[]>
  readonly write: () => Promise<unknown>
  /** Name of the command that writes. */
  readonly command: string
  readonly tell: (raw: readonly number[]) => GsvSettingValue
}

/** The settings that a model has. @internal */
export function legacySettingsOf<M extends LegacyModel>(model: M, options: LegacySettingsOptions): LegacySettings[M]
export function legacySettingsOf(model: LegacyModel, options: LegacySettingsOptions): LegacySettings[LegacyModel] {
  if (model === 'gsv-4') return gsv4Settings(options)
  return model === 'gsv-3' ? gsv3Settings(options) : gsv2Settings(options)
}

function gsv3Settings(options: LegacySettingsOptions): Gsv3Settings {
  const { session, refresh } = options
  const registers = async (): Promise<number[]> => {
    const { upper, lower } = await session.request('GetThreshold')
    return [upper as number, lower as number]
  }
  const tell = ([upper = 0, lower = 0]: readonly number[]): number[] => [thresholdOf(upper), thresholdOf(lower)]
  return {
    thresholds: async () => {
      const [upper = 0, lower = 0] = tell(await registers())
      return { upper, lower }
    },
    setThresholds: ({ upper, lower }) => {
      for (const part of [upper, lower]) {
        if (!(Math.abs(part) <= 1)) throw new RangeError(`setThresholds: upper and lower must be -1 to 1, got ${part}`)
      }
      const to = [thresholdRegister(upper), thresholdRegister(lower)]
      const write = () => session.request('SetThreshold', { upper: to[0] as number, lower: to[1] as number })
      return changed(options, { setting: 'thresholds', to, read: registers, write, command: 'SetThreshold', tell })
    },
    loadSet: async (set) => {
      await session.request('GetAll', { set })
      await refresh()
    },
    saveSet: async (set) => void (await session.request('SaveAll', { set }))
  }
}

function gsv2Settings(options: LegacySettingsOptions): Gsv2Settings {
  const { session, refresh, polarity: told } = options
  return {
    ...gsv3Settings(options),
    setUnit: async (unit) => {
      const code = unitCodeOf(unit)
      if (code === undefined) throw new RangeError(`setUnit: unit must be one that a gsv-2 has, got '${unit}'`)
      return changed(options, {
        ...asked(session, 'unit', 'GetUnit', 'unit'),
        ...{ to: [code], write: () => session.request('SetUnit', { unit: code }), command: 'SetUnit' },
        tell: ([raw = 0]) => unitOf(raw)
      })
    },
    setScale: async (scale) => setScale(options, scale),
    setFrames: async (frames) => setFrames(options, frames),
    setPolarity: async (polarity) => {
      await session.request(polarity === 'unipolar' ? 'SetUnipolar' : 'SetBipolar')
      told(polarity)
      await refresh()
    }
  }
}

function setScale(options: LegacySettingsOptions, scale: number): Promise<GsvChange[]> {
  const { session } = options
  const { register, point } = gsv2Norm(scale)
  const read = async (): Promise<number[]> => [
    (await session.request('GetNorm')).register as number,
    (await session.request('GetDecimalPoint')).point as number
  ]
  const write = async (): Promise<void> => {
    await session.request('SetNorm', { register })
    await session.request('SetDecimalPoint', { point })
  }
  // The register is a whole number: what it means has more digits than it is sure of.
  const tell = ([raw = 0, places = 1]: readonly number[]): number =>
    Number(gsv2Scale({ register: raw, point: places }).toPrecision(6))
  return changed(options, { setting: 'scale', to: [register, point], read, write, command: 'SetNorm', tell })
}

const TEXT = 0x02
const LONG = 0x08
const FRAMES = ['short', 'long', 'text'] as const

async function setFrames(options: LegacySettingsOptions, frames: (typeof FRAMES)[number]): Promise<GsvChange[]> {
  const { session } = options
  if (!FRAMES.includes(frames)) throw new RangeError(`setFrames: must be 'long', 'short' or 'text', got '${frames}'`)
  const flags = async (name: string): Promise<number> => (await session.request(name)).flags as number
  const mode = await flags('GetMode')
  const txMode = await flags('GetTXMode')
  const wanted = frames === 'text' ? mode | TEXT : mode & ~TEXT
  const wantedTx = frames === 'text' ? txMode : frames === 'long' ? txMode | LONG : txMode & ~LONG
  const write = async (): Promise<void> => {
    if (wanted !== mode) await session.request('SetMode', { flags: wanted })
    if (wantedTx !== txMode) await session.request('SetTXMode', { flags: wantedTx })
  }
  const tell = ([raw = 0, tx = 0]: readonly number[]): string => (raw & TEXT ? 'text' : tx & LONG ? 'long' : 'short')
  const read = async (): Promise<number[]> => [await flags('GetMode'), await flags('GetTXMode')]
  return changed(options, { setting: 'frames', to: [wanted, wantedTx], read, write, command: 'SetTXMode', tell })
}

function gsv4Settings(options: LegacySettingsOptions): Gsv4Settings {
  const { session } = options
  const codes = async (): Promise<number[]> => {
    const answer: FieldValues = await session.request('GetInputs')
    return Array.from({ length: INPUTS['gsv-4'] }, (_, i) => answer[`input${i + 1}`] as number)
  }
  return {
    inputs: async () => (await codes()).map((code) => gsv4Inputs.get(code)),
    setInput: async (channel, type) => {
      if (!gsv4Inputs.has(type)) {
        throw new RangeError(`setInput: type must be one of ${[...gsv4Inputs.keys()].join(', ')}, got ${type}`)
      }
      checkChannel('setInput', 'gsv-4', channel)
      return changed(options, {
        setting: `channels.${channel}.input`,
        to: [type],
        read: async () => [(await codes())[channel - 1] as number],
        write: () => session.request('SetInput', { channel, type }),
        command: 'SetInput',
        tell: ([raw = 0]) => raw
      })
    }
  }
}

/** @throws RangeError when the model does not have the channel @internal */
export function checkChannel(caller: string, model: LegacyModel, channel: number): void {
  const most = INPUTS[model]
  if (Number.isInteger(channel) && channel >= 1 && channel <= most) return
  throw new RangeError(`${caller}: channel must be ${most === 1 ? '1' : `1 to ${most}`}, got ${channel}`)
}

function asked(session: LegacySession, setting: string, command: string, field: string) {
  return { setting, read: async (): Promise<number[]> => [(await session.request(command))[field] as number] }
}

/** Reads, writes what differs, and reads again: nothing is acknowledged. */
async function changed({ session, refresh }: LegacySettingsOptions, o: OneSetting): Promise<GsvChange[]> {
  const before = await o.read()
  if (same(before, o.to)) return []
  await unlocked(session, o.write)
  const after = await o.read()
  if (!same(after, o.to)) {
    throw new DeviceError(o.command, 0, `it still has ${o.setting} ${JSON.stringify(o.tell(after))} when it is asked`)
  }
  await refresh()
  return [{ setting: o.setting, from: o.tell(before), to: o.tell(o.to) }]
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value === b[i])
}
