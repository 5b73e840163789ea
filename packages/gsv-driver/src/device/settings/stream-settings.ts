import type { GsvSession } from '../gsv-session.ts'
import { type Form, plain, type Setting } from './setting.ts'

const DATA_TYPES: readonly string[] = ['int16', 'int24', 'float32']

const dataTypeForm: Form = {
  out: (code: number) => DATA_TYPES[code - 1] ?? `code ${code}`,
  back: (name: string) => {
    const code = DATA_TYPES.indexOf(name) + 1
    if (code > 0) return code
    throw new RangeError(`GSV setting: dataType must be one of ${DATA_TYPES.join(', ')}, got '${name}'`)
  }
}

/** Flags that a host may set: not those that are read only. */
const MODE_BITS = { 'gsv-8': 0x4fff0f, 'gsv-6': 0x1ee8 } as const
const TX_BITS = { 'gsv-8': 0x42e, 'gsv-6': 0x26 } as const

/** What frames look like and how many there are; counters come first, since they add objects. @internal */
export function streamSettings(session: GsvSession): Setting[] {
  const model = session.model === 'gsv-8' ? 'gsv-8' : 'gsv-6'
  return [
    ...[1, 2].map((counter) => counterSetting(session, counter)),
    plain(session, {
      key: 'dataType',
      reads: 'GetTXMode',
      writes: 'SetTXMode',
      of: { index: 1 },
      fields: ['value'],
      as: dataTypeForm
    }),
    plain(session, {
      key: 'mappedLines',
      reads: 'GetTXmapping',
      writes: 'SetTXmapping',
      of: { index: 0x80 },
      fields: ['value']
    }),
    plain(session, {
      key: 'objects',
      reads: 'GetTXmapping',
      writes: 'SetTXmapping',
      of: { index: 0 },
      fields: ['value']
    }),
    plain(session, { key: 'rate', reads: 'ReadDataRate', writes: 'WriteDataRate', fields: ['rate'] }),
    plain(session, {
      key: 'transmission',
      reads: 'GetTXMode',
      writes: 'SetTXMode',
      of: { index: 0 },
      fields: ['value'],
      bits: TX_BITS[model]
    }),
    plain(session, { key: 'mode', reads: 'GetMode', writes: 'SetMode', fields: ['flags'], bits: MODE_BITS[model] })
  ]
}

const MODULE = 1
const SWITCHED_ON = 6

/** Flags, gate time and start value of a counter; a device without one answers 0. */
function counterSetting(session: GsvSession, counter: number): Setting {
  const of = (item: number): { setting: number } => ({ setting: (counter << 4) | item })
  const item = async (n: number): Promise<number> => (await session.command('ReadCounterFreqMode', of(n))).value
  const write = async (n: number, value: number): Promise<void> => {
    await session.command('WriteCounterFreqMode', { ...of(n), value })
  }
  return {
    key: `counters.${counter}`,
    writes: 'WriteCounterFreqMode',
    async read() {
      const flags = await item(0)
      if ((flags & MODULE) === 0) return undefined
      return (flags & SWITCHED_ON) === 0 ? [flags] : [flags, await item(1), await item(2)]
    },
    async write(value) {
      const [flags = 0, gate, start] = value as readonly number[]
      await write(0, flags)
      if ((flags & SWITCHED_ON) === 0) return
      if (gate !== undefined && gate !== (await item(1))) await write(1, gate)
      if (start !== undefined && start !== (await item(2))) await write(2, start)
    }
  }
}
