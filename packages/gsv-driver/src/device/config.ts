import type { GsvSession } from './gsv-session.ts'
import type { GsvDevice } from './probe.ts'
import type { GsvSettingValue } from './settings/setting.ts'
import { currentValue, sensorsOf, settingsOf } from './settings/settings-of.ts'

/**
 * The settings of a device as one JSON document. Equal settings make equal text: it holds neither time nor place.
 *
 * Not part of it: tare, operating hours, password and locks, stored sets, CAN and baud rates, TEDS memories,
 * linearisation.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv({ rate: 1000, channels: [{ unit: 'kN', scale: 50 }] })
 * const gsv = await openGsv({ link: amplifier.link() })
 * const { format, version, model, settings } = await gsv.exportConfig()
 * ;[format, version, model] // => ['messwerk-gsv', 1, 'gsv-8']
 * settings.rate // => 1000
 * settings['channels.1.unit'] // => 'kN'
 * await gsv.close()
 * ```
 */
export interface GsvConfig {
  readonly format: 'messwerk-gsv'
  readonly version: 1
  readonly model: 'gsv-8' | 'gsv-6'
  /** For people: settings of another firmware can be applied where the device has them. */
  readonly firmware: string
  /** By name, in the order in which they are written. */
  readonly settings: Readonly<Record<string, GsvSettingValue>>
}

/** Reads all settings. @internal */
export async function exportConfig(session: GsvSession, { model, firmware }: GsvDevice): Promise<GsvConfig> {
  const settings: Record<string, GsvSettingValue> = {}
  for (const setting of settingsOf(session, await sensorsOf(session))) {
    const value = await currentValue(setting)
    if (value !== undefined) settings[setting.key] = value
  }
  return { format: 'messwerk-gsv', version: 1, model, firmware, settings }
}

/**
 * The settings of a document for a device.
 *
 * @throws TypeError when it is no such document, RangeError when it is of a newer version or for another model
 *
 * @internal
 */
export function settingsIn(config: GsvConfig, { model }: GsvDevice): GsvConfig['settings'] {
  const given = config as Partial<Record<keyof GsvConfig, unknown>> | null | undefined
  if (given?.format !== 'messwerk-gsv' || typeof given.settings !== 'object' || given.settings === null) {
    throw new TypeError("applyConfig: config must be a document of exportConfig with format 'messwerk-gsv'")
  }
  if (given.version !== 1) throw new RangeError(`applyConfig: version must be 1, got ${String(given.version)}`)
  if (given.model === model) return config.settings
  throw new RangeError(`applyConfig: model must be ${model} as the device, got '${String(given.model)}'`)
}
