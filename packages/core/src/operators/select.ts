import type { Kernel } from '../model/kernel.ts'
import { channelIndexes, replaceChannels, type Stream } from '../model/stream.ts'
import { type Operator, operator } from '../rx/operator.ts'

/**
 * Keeps the named channels, in this order, and drops the others.
 *
 * @throws TypeError when no channel is named; RangeError at the first block when one is unknown or named twice
 *
 * @example
 * ```ts
 * import { select } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V', b: 'V', c: 'V' }, rate: 10 }, { a: [1], b: [2], c: [3] })
 * const kept = await lastValueFrom(of(block).pipe(select({ channels: ['c', 'a'] })))
 * kept.values // => Float64Array.of(3, 1)
 * ```
 */
export function select<const K extends string>(options: {
  readonly channels: readonly K[]
}): Operator<K, K, 'replace'> {
  const { channels } = options
  if (!Array.isArray(channels) || channels.length === 0) {
    throw new TypeError(`select: channels must name at least one channel, got ${JSON.stringify(channels)}`)
  }
  const kernel = (stream: Stream): Kernel => selected(stream, channelIndexes(stream, channels))
  return operator<K, K, 'replace'>({
    id: 'select',
    needs: channels,
    adds: channels,
    mode: 'replace',
    onGap: 'hold',
    kernel
  })
}

function selected(stream: Stream, indexes: readonly number[]): Kernel {
  const channels = indexes.flatMap((i) => stream.channels[i] ?? [])
  const output = replaceChannels(stream, channels, stream.rate)
  return {
    output,
    process({ length, values, time, quality, gap, origin }) {
      const kept = new Float64Array(indexes.length * length)
      const keptQuality = quality && new Uint8Array(kept.length)
      for (let k = 0; k < indexes.length; k += 1) {
        const from = (indexes[k] as number) * length
        kept.set(values.subarray(from, from + length), k * length)
        if (quality) keptQuality?.set(quality.subarray(from, from + length), k * length)
      }
      return { stream: output, length, values: kept, time, quality: keptQuality, gap, origin }
    }
  }
}
