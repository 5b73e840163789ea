import { GsvError } from '../../commands/index.ts'
import type { GsvSession } from '../gsv-session.ts'
import { filterSettings, sensorSetting } from './calculation-settings.ts'
import { channelSettings, inputSettings } from './channel-settings.ts'
import { lineSettings } from './line-settings.ts'
import { type GsvSettingValue, plain, type Setting } from './setting.ts'
import { streamSettings } from './stream-settings.ts'

/** Bit of the mode of a GSV-8: the analog filter follows the data rate. */
const AUTOMATIC = 2

/**
 * All settings that a device may have, in the order in which they are to be written: what resets others comes before
 * them.
 *
 * @param sensors - how many six-axis calibrations
 * @internal
 */
export function settingsOf(session: GsvSession, sensors: number): Setting[] {
  const channels = Array.from({ length: session.model === 'gsv-8' ? 8 : 6 }, (_, i) => i + 1)
  const all = [
    ...inputSettings(session, channels),
    ...streamSettings(session),
    analogFilter(session),
    ...[0, 1].map((slot) =>
      plain(session, {
        key: `unitTexts.${slot}`,
        reads: 'GetUnitText',
        writes: 'SetUnitText',
        of: { slot },
        fields: ['text']
      })
    ),
    ...channelSettings(session, channels),
    ...filterSettings(session, channels),
    plain(session, { key: 'filtersOn', reads: 'GetDfiltOnOff', writes: 'SetDfiltOnOff', fields: ['flags'] }),
    ...[0, 1, 2].map((item) =>
      plain(session, {
        key: `autoZero.${['channels', 'withThreshold', 'mode'][item]}`,
        reads: 'GetAutoZeroProperty',
        writes: 'SetAutoZeroProperty',
        of: { item },
        fields: ['value']
      })
    ),
    ...lineSettings(session),
    ...(session.model === 'gsv-8' ? [] : [1, 2, 3].map((input) => debounce(session, input))),
    plain(session, {
      key: 'prohibitZero',
      reads: 'GetProhibitSetZero',
      writes: 'WriteProhibitSetZero',
      fields: ['flags']
    }),
    plain(session, { key: 'sensorModel', reads: 'ReadSensorModel', writes: 'WriteSensorModel', fields: ['model'] }),
    ...Array.from({ length: sensors }, (_, index) => sensorSetting(session, index)),
    activeSensor(session)
  ]
  return all.filter(({ writes }) => session.has(writes))
}

/** How many six-axis calibrations a device holds. @internal */
export async function sensorsOf(session: GsvSession): Promise<number> {
  return (await orAbsent(async () => (await session.command('GetFTSensorCalArrNo')).stored)) ?? 0
}

/** Statuses with which a device says that it does not have something, or not now. */
const ABSENT = new Set([0x40, 0x41, 0x50, 0x51, 0x59, 0x5c, 0x60, 0x62, 0x63])

/** Value of a setting; undefined where the device does not have it. @internal */
export function currentValue({ read }: Setting): Promise<GsvSettingValue | undefined> {
  return orAbsent(read)
}

async function orAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof GsvError && ABSENT.has(error.status)) return undefined
    throw error
  }
}

/** Of no meaning, and refused, while the filter follows the data rate. */
function analogFilter(session: GsvSession): Setting {
  const { key, writes, read, write } = plain(session, {
    key: 'analogFilter',
    reads: 'ReadAnalogueFilter',
    writes: 'WriteAnalogueFilter',
    fields: ['frequency']
  })
  const isAutomatic = async (): Promise<boolean> => ((await session.command('GetMode')).flags & AUTOMATIC) !== 0
  return { key, writes, write, read: async () => ((await isAutomatic()) ? undefined : read()) }
}

function debounce(session: GsvSession, input: number): Setting {
  return plain(session, {
    key: `debounce.${['tara', 'scale', 'trigger'][input - 1]}`,
    reads: 'ReadDebounceTime',
    writes: 'WriteDebounceTime',
    of: { input },
    fields: ['time']
  })
}

function activeSensor(session: GsvSession): Setting {
  return {
    key: 'activeSensor',
    writes: 'SetFTSensorCalArrNo',
    async read() {
      const { stored, active } = await session.command('GetFTSensorCalArrNo')
      return stored > 0 ? active : undefined
    },
    write: async (value) => void (await session.command('SetFTSensorCalArrNo', { index: value as number }))
  }
}
