import type { Channel } from '../model/channel.ts'
import { replaceChannels } from '../model/stream.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { namedChannels } from './scale.ts'

/**
 * Gives channels other names; units, order and the other channels stay.
 *
 * The old names are gone from the stream. The types only know that the new ones came: an operator behind it that still
 * asks for an old name compiles, and is refused at the first block. Follow it with {@link select} where types are to
 * know exactly what is left.
 *
 * @throws TypeError when no channel is named; RangeError at the first block when one is unknown or a name is taken
 *
 * @example
 * ```ts
 * import { rename } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { AI1: 'V', AI2: 'V' }, rate: 10 }, { AI1: [1], AI2: [2] })
 * const named = await lastValueFrom(of(block).pipe(rename({ AI2: 'pressure' })))
 * column(named, 'pressure') // => Float64Array.of(2)
 * ```
 */
export function rename<const M extends Readonly<Record<string, string>>>(
  names: M
): Operator<keyof M & string, M[keyof M]> {
  const pairs = new Map(Object.entries(namedChannels('rename', names)))
  return operator<keyof M & string, M[keyof M]>({
    id: 'rename',
    needs: [...pairs.keys()],
    adds: [...pairs.values()] as M[keyof M][],
    onGap: 'hold',
    kernel(stream) {
      const channels = stream.channels.map((channel) => renamed(channel, pairs.get(channel.name)))
      const output = replaceChannels(stream, channels, stream.rate)
      return {
        output,
        process: ({ length, values, time, quality, gap, origin }) => ({
          stream: output,
          length,
          values,
          time,
          quality,
          gap,
          origin
        })
      }
    }
  })
}

function renamed(channel: Channel, name: string | undefined): Channel {
  // eslint-disable-next-line no-restricted-syntax -- once a stream
  return name === undefined ? channel : { ...channel, name }
}
