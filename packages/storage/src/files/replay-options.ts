import type { Scheduler } from '@messwerk/core/driver'
import type { DecodeError, Duration } from '@messwerk/core/model'
import type { TextEncoding } from './file-bytes.ts'
import type { TimeUnit } from './parse-time.ts'

/**
 * The column that holds the time.
 *
 * @example
 * ```ts
 * import type { TimeColumn } from '@messwerk/storage/files'
 *
 * const time: TimeColumn = { column: 'timestamp', unit: 'iso' }
 * time.unit // => 'iso'
 * ```
 */
export interface TimeColumn {
  /** Its heading. */
  readonly column: string
  /** Numbers count from `start`; `iso` is ISO 8601, UTC where no zone is written. */
  readonly unit: TimeUnit
  /** What numbers count from: a date or ms since the Unix epoch. @defaultValue 0, the Unix epoch */
  readonly start?: Date | number
}

/**
 * A column whose value says to which run or machine a line belongs.
 *
 * @example
 * ```ts
 * import type { GroupColumn } from '@messwerk/storage/files'
 *
 * const group: GroupColumn = { column: 'run', as: 'gaps', order: ['healthy-1', 'faulty-1'], pause: '10s' }
 * group.as // => 'gaps'
 * ```
 */
export interface GroupColumn {
  /** Its heading. */
  readonly column: string
  /** `streams`: a stream for each value. `gaps`: one stream, with a declared gap where the value changes. */
  readonly as: 'streams' | 'gaps'
  /**
   * The values to replay, one after another in this order; others are left out. Costs one reading of the file
   * beforehand, and for packed or UTF-16 files another one for each value that stands before its predecessor.
   *
   * @defaultValue all, as they stand in the file
   */
  readonly order?: readonly string[]
  /**
   * How long the pause between two runs of `gaps` is. With `rate` the gap then counts its scans; left out, it is
   * `unknown` and the times go on a second later. With a time column it is used where a run would begin before the end
   * of the one before it: such a run is moved behind it.
   *
   * @defaultValue '1s', of unknown length
   */
  readonly pause?: Duration
}

/**
 * How fast a file is replayed: as fast as it is taken, `speed` times as fast as recorded, or `rate` scans per second.
 *
 * @example
 * ```ts
 * import type { Pacing } from '@messwerk/storage/files'
 *
 * const pacing: Pacing[] = ['max', { speed: 10 }, { rate: 100 }]
 * pacing.length // => 3
 * ```
 */
export type Pacing = 'max' | { readonly speed: number } | { readonly rate: number }

/**
 * Options of {@link replay}.
 *
 * @example
 * ```ts
 * import type { ReplayOptions } from '@messwerk/storage/files'
 *
 * const options: ReplayOptions<'Ia' | 'Ib'> = { channels: { Ia: 'A', Ib: 'A' }, rate: 1000 }
 * options.rate // => 1000
 * ```
 */
export interface ReplayOptions<C extends string, L extends string = never> {
  /** Unit (UCUM code) by channel. A channel is the column of the same heading, unless `columns` names another. */
  readonly channels: Readonly<Record<C, string>>
  /** Headings that differ from the channel's name, by channel: `{ force: 'Kraft [kN]' }`. */
  readonly columns?: { readonly [name in C | L]?: string }
  /** Columns with numbers (or true and false) that become channels of role `flag`, which no detector sees. */
  readonly labels?: readonly L[]
  /** The time column. Either this or `rate`. */
  readonly time?: TimeColumn
  /** Scans per second of a file without times, Hz; every line is a scan, also a bad one. */
  readonly rate?: number
  /** Time of the first scan when there is a `rate`: a date or ms since the Unix epoch. @defaultValue 0, the Unix epoch */
  readonly start?: Date | number
  readonly group?: GroupColumn
  /** Name of the stream. For `group.as: 'streams'` it stands before the value: `plant/press-3`. @defaultValue the file's name without its endings; with streams by group the value alone */
  readonly stream?: string
  /** What separates cells. @defaultValue found from the first line, among `,`, `;` and tab */
  readonly delimiter?: ',' | ';' | '\t' | '|' | ' '
  /** Decimal sign. @defaultValue '.' */
  readonly decimal?: '.' | ','
  /** @defaultValue 'utf-8', or what the byte order mark says */
  readonly encoding?: TextEncoding
  /** Headings of a file that has none; its first line is data then. */
  readonly header?: readonly string[]
  /** Cells that mean "no value", besides an empty one: `['NA', 'null', '-']`. */
  readonly missing?: readonly string[]
  /** @defaultValue 'max' */
  readonly pacing?: Pacing
  /** Most scans in a block. @defaultValue 256 */
  readonly blockScans?: number
  /** Told of every line that was left out, with file, line, column and value. */
  readonly onBadLine?: (error: DecodeError) => void
  /** With more bad lines than this, reading fails. @defaultValue Infinity; a file without a single good line always fails */
  readonly maxBadLines?: number
  /** Name of the source and of its split in positions. @defaultValue the path as given */
  readonly id?: string
  /** Waiting, for tests. @defaultValue systemTime */
  readonly scheduler?: Scheduler
}
