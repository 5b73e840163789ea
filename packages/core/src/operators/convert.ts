import type { Channel } from '../model/channel.ts'
import { parseUnit, unitConversion } from '../model/units.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { namedChannels } from './scale.ts'
import { type Linear, scaleColumns } from './scale-columns.ts'

/**
 * Converts channels to other units, in place: names, scans and the other channels stay; range and resolution follow.
 *
 * @throws TypeError or RangeError when an option is wrong or a unit is not understood; RangeError at the first block
 * when a channel is unknown, or measures another quantity than the unit (`mV/V` to `Cel`)
 *
 * @example
 * ```ts
 * import { convert } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { oil: 'Cel' }, rate: 10 }, { oil: [0, 100] })
 * const american = await lastValueFrom(of(block).pipe(convert({ channels: { oil: '[degF]' } })))
 * column(american, 'oil') // => Float64Array.of(32, 212)
 * ```
 */
export function convert<const K extends string>(options: {
  /** Unit (UCUM code) by channel. */
  readonly channels: Readonly<Record<K, string>>
}): Operator<K, never> {
  const units = Object.entries<string>(namedChannels('convert', options.channels))
  for (const [name, unit] of units) named(name, () => parseUnit(unit))
  return operator<K, never>({
    id: 'convert',
    needs: units.map(([name]) => name as K),
    onGap: 'hold',
    kernel(stream) {
      const steps = units.map(([name, unit]): [number, Linear] => {
        const index = stream.index(name)
        const from = (stream.channels[index] as Channel).unit
        const { scale, offset } = named(name, () => unitConversion(from, unit))
        return [index, { factor: scale, offset, unit }]
      })
      return scaleColumns(stream, new Map(steps))
    }
  })
}

/** What `work` returns; its error with the channel in front. */
function named<T>(channel: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new RangeError(`convert: channel '${channel}': ${(error as Error).message}`, { cause: error })
  }
}
