import { unitCodes, unitSlot } from '../../commands/index.ts'
import type { GsvSession } from '../gsv-session.ts'
import { type Form, type PlainRow, plain, type Setting } from './setting.ts'

/** Text of the first slot, and of the second. */
const TEXTS = ['text 0', 'text 1'] as const

/** Labels of the device; `text 0` and `text 1` for the texts of the user. @internal */
export const unitForm: Form = {
  out: (code: number) => {
    const slot = unitSlot(code)
    return slot === undefined ? (unitCodes[code]?.[0] ?? `code ${code}`) : TEXTS[slot]
  },
  back: (label: string) => {
    const slot = TEXTS.indexOf(label as (typeof TEXTS)[number])
    if (slot >= 0) return 255 - slot
    const code = unitCodes.findIndex(([name]) => name === label)
    if (code >= 0) return code
    const given = /^code (\d+)$/.exec(label)
    if (given) return Number(given[1])
    throw new RangeError(
      `GSV setting: unit must be one of ${unitCodes.map(([name]) => `'${name}'`).join(', ')}, 'text 0' or 'text 1', got '${label}'`
    )
  }
}

/** Type of an input: first, since a GSV-8 resets zero and scale of the channel with it. @internal */
export function inputSettings(session: GsvSession, channels: readonly number[]): Setting[] {
  if (session.model !== 'gsv-8') return [inputRange(session)]
  return channels.map((channel) =>
    plain(session, {
      key: `channels.${channel}.inputType`,
      reads: 'GetInputType',
      writes: 'SetInputType',
      of: { channel },
      asking: { sense: 0xff },
      fields: ['type']
    })
  )
}

/** Nominal range of all inputs of a GSV-6, mV/V. */
function inputRange(session: GsvSession): Setting {
  return {
    key: 'inputRange',
    writes: 'MEwriteInputRange',
    read: async () => (await session.command('GetInputType', { channel: 1, sense: 0 })).range / 100,
    write: async (value) => {
      await session.request('MEwriteInputRange', { channel: 0, range: Math.round(100 * (value as number)) })
    }
  }
}

/** What is set for each input and its analog output. @internal */
export function channelSettings(session: GsvSession, channels: readonly number[]): Setting[] {
  return channels.flatMap((channel) => {
    const row = (
      key: string,
      reads: PlainRow['reads'],
      writes: PlainRow['writes'],
      fields: PlainRow['fields'],
      more: Partial<PlainRow> = {}
    ): Setting =>
      plain(session, {
        key: `channels.${channel}.${key}`,
        reads,
        writes,
        fields,
        of: { channel, ...more.of },
        as: more.as
      })
    return [
      row('userScale', 'ReadUserScale', 'WriteUserScale', ['scale']),
      row('userOffset', 'ReadUserOffset', 'WriteUserOffset', ['offset']),
      row('unit', 'GetUnitNo', 'SetUnitNo', ['unit'], { as: unitForm }),
      row('noiseCut', 'ReadNoiseCutThreshold', 'WriteNoiseCutThreshold', ['threshold']),
      row('autoZeroPeriod', 'ReadAutoZeroSetting', 'WriteAutoZeroSetting', ['value'], { of: { item: 0 } }),
      row('autoZeroThreshold', 'ReadAutoZeroSetting', 'WriteAutoZeroSetting', ['value'], { of: { item: 1 } }),
      row('analogOut', 'GetAoutType', 'SetAoutType', ['type', 'mode']),
      row('analogOutOffset', 'ReadAoutOffset', 'WriteAoutOffset', ['percent']),
      row('analogOutScale', 'ReadAoutScale', 'WriteAoutScale', ['scale']),
      row('digits', 'GetDigits', 'SetDigits', ['digits'])
    ]
  })
}
