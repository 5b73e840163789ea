import type { SensorCalibration } from '../commands/index.ts'
import { changeSettings, type GsvChange } from './change-settings.ts'
import type { GsvSession } from './gsv-session.ts'
import { sensorSetting } from './settings/calculation-settings.ts'

/**
 * Calibrations of six-axis sensors in a device.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv = await openGsv({ link: simulateGsv().link() })
 * const calibration = await gsv.sixAxis.read(0)
 * calibration.matrix?.length // => 36
 * await gsv.unlock('Beln')
 * await gsv.sixAxis.write(0, { serial: [4711], maximum: [50, 50, 100, 5, 5, 5] })
 * ;(await gsv.sixAxis.read(0)).maximum // => [50, 50, 100, 5, 5, 5]
 * await gsv.close()
 * ```
 */
export interface GsvSixAxis {
  /** How many calibrations fit, how many there are and which one is in use, from 0. */
  state(): Promise<{ readonly max: number; readonly stored: number; readonly active: number }>
  /** A calibration, by its index. */
  read(index: number): Promise<SensorCalibration>
  /**
   * Writes a calibration, unless it is the same already; elements that are not given stay. Needs the id of the user.
   *
   * @returns whether something was written
   */
  write(index: number, calibration: SensorCalibration): Promise<boolean>
  /** Uses a calibration. */
  activate(index: number): Promise<GsvChange[]>
  /** Calculates forces and torques, or leaves it. The frame must have six values at least. */
  enable(enabled: boolean): Promise<GsvChange[]>
}

/** Mode bits of the calculation. */
const ENABLED = { 'gsv-8': 0x1, 'gsv-6': 0x400 } as const

/** @internal */
export function sixAxisOf(session: GsvSession, changed: (changes: GsvChange[]) => Promise<GsvChange[]>): GsvSixAxis {
  const change = async (key: string, value: number): Promise<GsvChange[]> =>
    changed(await changeSettings(session, { [key]: value }, false))
  return {
    state: () => session.command('GetFTSensorCalArrNo'),
    read: async (index) => (await sensorSetting(session, index).read()) as SensorCalibration,
    async write(index, calibration) {
      const key = `sensors.${index}`
      const before = (await sensorSetting(session, index)
        .read()
        .catch(() => ({}))) as SensorCalibration
      const changes = await changeSettings(session, { [key]: { ...before, ...calibration } }, false)
      return (await changed(changes)).length > 0
    },
    activate: (index) => change('activeSensor', index),
    async enable(enabled) {
      const { flags } = await session.command('GetMode')
      const bit = ENABLED[session.model === 'gsv-8' ? 'gsv-8' : 'gsv-6']
      return change('mode', enabled ? (flags | bit) >>> 0 : (flags & ~bit) >>> 0)
    }
  }
}
