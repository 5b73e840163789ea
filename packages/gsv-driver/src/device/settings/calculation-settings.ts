import {
  GsvError,
  type SensorCalibration,
  sensorCalibration,
  sensorElements,
  sensorReads,
  sensorWrites
} from '../../commands/index.ts'
import type { GsvSession } from '../gsv-session.ts'
import { type Commit, type Setting, same, tidy } from './setting.ts'

const IIR = [0x00, 0x01, 0x02, 0x03, 0x04, 0x10, 0x11, 0x12, 0x13]
const FIR = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87]
const FIR_KIND = 0x80

/** Digital filters of the inputs: type, cut-off frequencies and coefficients, in RAM until they are stored. @internal */
export function filterSettings(session: GsvSession, channels: readonly number[]): Setting[] {
  const commit: Commit = {
    run: async () => void (await session.command('StoreDigiFilt', { first: 0, last: channels.length - 1 }))
  }
  return channels.flatMap((channel) => [
    typeSetting(session, channel, 'iir', 0, commit),
    coefficientSetting(session, channel, 'iir', IIR, commit),
    ...(session.model === 'gsv-8'
      ? [
          typeSetting(session, channel, 'fir', FIR_KIND, commit),
          coefficientSetting(session, channel, 'fir', FIR, commit)
        ]
      : []),
    cutOffSetting(session, channel, commit)
  ])
}

function typeSetting(session: GsvSession, channel: number, name: string, kind: number, commit: Commit): Setting {
  return {
    key: `channels.${channel}.${name}.type`,
    writes: 'SetDigiFiltType',
    commit,
    read: async () => (await session.command('GetDigiFiltType', { channel, kind })).filter,
    write: async (value) =>
      void (await session.command('SetDigiFiltType', { channel, filter: (value as number) | kind }))
  }
}

function coefficientSetting(
  session: GsvSession,
  channel: number,
  name: string,
  indices: readonly number[],
  commit: Commit
): Setting {
  const read = async (): Promise<number[]> => {
    const values: number[] = []
    for (const index of indices) {
      values.push(tidy((await session.command('ReadDigiFiltCoeff', { channel, index })).coefficient))
    }
    return values
  }
  return {
    key: `channels.${channel}.${name}.coefficients`,
    writes: 'WriteDigiFiltCoeff',
    commit,
    read,
    async write(value) {
      const before = await read()
      for (const [i, index] of indices.entries()) {
        const coefficient = (value as readonly number[])[i] ?? 0
        if (!same(before[i], coefficient)) await session.command('WriteDigiFiltCoeff', { channel, index, coefficient })
      }
    }
  }
}

function cutOffSetting(session: GsvSession, channel: number, commit: Commit): Setting {
  const read = async (): Promise<number[]> => {
    const values: number[] = []
    for (const index of [0, 1])
      values.push(tidy((await session.command('ReadDigiFiltCutOff', { channel, index })).frequency))
    return values
  }
  return {
    key: `channels.${channel}.cutOff`,
    writes: 'WriteDigiFiltCutOff',
    commit,
    read,
    async write(value) {
      const before = await read()
      for (const [index, frequency] of (value as readonly number[]).entries()) {
        if (!same(before[index], frequency)) await session.command('WriteDigiFiltCutOff', { channel, index, frequency })
      }
    }
  }
}

/** The calibration of a six-axis sensor, by index of its structure. @internal */
export function sensorSetting(session: GsvSession, index: number): Setting {
  return {
    key: `sensors.${index}`,
    writes: 'StoreFTSensorCal',
    async read() {
      await session.command('PrepReadFTsensor', { index })
      const elements: { type: number; index: number; value: number }[] = []
      for (const at of sensorReads(Object.keys(sensorElements) as (keyof SensorCalibration)[])) {
        const value = await session.command('ReadFTSensorCal', at).catch(ifAbsent)
        if (value) elements.push({ type: at.type, index: at.index, value: tidy(value.value) })
      }
      return sensorCalibration(elements)
    },
    async write(value) {
      // Elements that are not given keep what the structure has.
      await session.command('PrepReadFTsensor', { index }).catch(ifAbsent)
      for (const element of sensorWrites(value as SensorCalibration)) await session.command('WriteFTSensorCal', element)
      await session.command('StoreFTSensorCal', { index })
    }
  }
}

function ifAbsent(error: unknown): undefined {
  if (!(error instanceof GsvError)) throw error
  return undefined
}
