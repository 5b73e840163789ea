import type { Samples } from '@messwerk/core/model'

/**
 * Options of {@link samples}.
 *
 * @example
 * ```ts
 * import type { SamplesOptions } from '@messwerk/detectors'
 *
 * const options: SamplesOptions = { seconds: 0.001 }
 * options.seconds // => 0.001
 * ```
 */
export interface SamplesOptions {
  /**
   * Seconds from one scan to the next, or for each scan the seconds since a fixed origin.
   *
   * @defaultValue 1
   */
  readonly seconds?: number | ArrayLike<number>
}

/**
 * Makes samples from columns: the way in for a file or a table that is in memory as a whole.
 *
 * - Input: one column a channel, all of the same length; `null` and `undefined` become NaN, never 0.
 * - Output: the columns copied one behind the other, in the order of the keys.
 *
 * @throws RangeError when there is no column, or when lengths differ
 * @throws TypeError when a column is no list or holds something else than numbers
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 *
 * const two = samples({ a: [1, 2], b: [10, null] }, { seconds: 0.001 })
 * two.channels // => ['a', 'b']
 * two.values // => Float64Array.of(1, 2, 10, NaN)
 * ```
 */
export function samples(
  columns: Readonly<Record<string, ArrayLike<number | null | undefined>>>,
  options: SamplesOptions = {}
): Samples {
  const channels = Object.keys(columns)
  const length = lengthOf(columns, channels)
  const values = new Float64Array(channels.length * length)
  channels.forEach((name, c) => {
    copy(columns[name]!, name, values.subarray(c * length, (c + 1) * length))
  })
  return { channels, length, values, seconds: secondsOf(options.seconds ?? 1, length) }
}

function lengthOf(columns: Readonly<Record<string, ArrayLike<unknown>>>, channels: readonly string[]): number {
  const first = channels[0]
  if (first === undefined) throw new RangeError('samples: columns must hold at least one column, got {}')
  for (const name of channels) {
    const column: unknown = columns[name]
    const isList = typeof column === 'object' && column !== null && 'length' in column
    if (!isList) throw new TypeError(`samples: column '${name}' must be a list of numbers, got ${String(column)}`)
    if (column.length !== columns[first]!.length)
      throw new RangeError(
        `samples: columns must have equal lengths, got ${columns[first]!.length} in '${first}' and ${String(column.length)} in '${name}'`
      )
  }
  return columns[first]!.length
}

function copy(column: ArrayLike<number | null | undefined>, name: string, to: Float64Array): void {
  for (let i = 0; i < to.length; i += 1) {
    const value: unknown = column[i] ?? Number.NaN
    if (typeof value !== 'number')
      throw new TypeError(`samples: column '${name}' must hold numbers, got ${JSON.stringify(value)} in row ${i}`)
    to[i] = value
  }
}

function secondsOf(seconds: number | ArrayLike<number>, length: number): number | Float64Array {
  if (typeof seconds === 'number') {
    if (seconds > 0 && seconds < Number.POSITIVE_INFINITY) return seconds
    throw new RangeError(`samples: seconds must be a period above 0, got ${seconds}`)
  }
  if (seconds.length === length) return Float64Array.from(seconds)
  throw new RangeError(`samples: seconds must hold one value a scan (${length}), got ${seconds.length}`)
}
