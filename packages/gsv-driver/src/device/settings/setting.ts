import type { CommandName, FieldValues, SensorCalibration } from '../../commands/index.ts'
import type { GsvSession } from '../gsv-session.ts'

/**
 * Value of a setting, as it stands in JSON.
 *
 * @example
 * ```ts
 * import type { GsvSettingValue } from '@messwerk/gsv-driver'
 *
 * const thresholds: GsvSettingValue = [0.9, 1.1]
 * JSON.stringify(thresholds) // => '[0.9,1.1]'
 * ```
 */
export type GsvSettingValue = number | string | boolean | readonly number[] | SensorCalibration

/** One stored setting of a device: how it is read, and how it is written. @internal */
export interface Setting {
  /** For example `channels.1.userScale`. */
  readonly key: string
  /** The command that writes it: decides whether a device has it, who may write it and whether it needs a reset. */
  readonly writes: CommandName
  /** Undefined where the device has it not, or not now. */
  readonly read: () => Promise<GsvSettingValue | undefined>
  readonly write: (value: GsvSettingValue) => Promise<void>
  /** What of a wanted value can be set: without bits that are read only or not known. */
  readonly settable?: ((value: GsvSettingValue) => GsvSettingValue) | undefined
  /** Where writing goes to RAM: stores all that was written, once behind the last one that shares it. */
  readonly commit?: Commit | undefined
}

/** Stores what was written to RAM. @internal */
export interface Commit {
  readonly run: () => Promise<void>
}

/** A setting that one command reads and one writes. @internal */
export interface PlainRow {
  readonly key: string
  readonly reads: CommandName
  readonly writes: CommandName
  /** Parameters of both, for example the channel. */
  readonly of?: FieldValues
  /** Further parameters of the one that reads. */
  readonly asking?: FieldValues
  /** The fields that are the value; several are a list. */
  readonly fields: readonly [string, ...string[]]
  /** What the value looks like outside; a list where there are several fields. */
  readonly as?: Form | undefined
  /** Bits that the setting consists of; others are left as they are. */
  readonly bits?: number
  readonly commit?: Commit
}

/** Names for the numbers of a device. @internal */
export interface Form {
  readonly out: (raw: never) => GsvSettingValue
  readonly back: (value: never) => number | string
}

/** Makes a setting of its row. @internal */
export function plain(session: GsvSession, row: PlainRow): Setting {
  const { key, reads, writes, of = {}, asking = {}, fields, as, bits, commit } = row
  const ask = async (): Promise<unknown[]> => {
    const answer = await session.request(reads, { ...of, ...asking })
    return fields.map((field) => answer[field])
  }
  return {
    key,
    writes,
    commit,
    settable: bits === undefined ? undefined : (value) => (typeof value === 'number' ? (value & bits) >>> 0 : value),
    async read() {
      const raw = (await ask()).map((value) => (typeof value === 'number' ? tidy(value) : value))
      if (fields.length > 1) return raw as number[]
      const value = bits === undefined ? raw[0] : ((raw[0] as number) & bits) >>> 0
      return as ? as.out(value as never) : (value as GsvSettingValue)
    },
    async write(value) {
      const list = fields.length > 1 ? (value as readonly number[]) : [as ? as.back(value as never) : value]
      const given = Object.fromEntries(fields.map((field, i) => [field, list[i]]))
      if (bits !== undefined) {
        const [now] = (await ask()) as [number]
        const name = fields[0]
        given[name] = ((now & ~bits) | ((given[name] as number) & bits)) >>> 0
      }
      await session.request(writes, { ...of, ...given } as FieldValues)
    }
  }
}

/** The shortest number that is the same float32: 58.9213 for 58.92129898071289. Whole numbers stay. @internal */
export function tidy(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** Whether two values are the same to a device, which keeps numbers as float32 or whole. @internal */
export function same(a: GsvSettingValue | undefined, b: GsvSettingValue | undefined): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b || Math.fround(a) === Math.fround(b)
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  const left = a as Readonly<Record<string, GsvSettingValue>>
  const right = b as Readonly<Record<string, GsvSettingValue>>
  return [...names].every((name) => same(left[name], right[name]))
}
