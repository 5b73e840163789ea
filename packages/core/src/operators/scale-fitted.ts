import type { Block } from '../model/block.ts'
import type { Channel } from '../model/channel.ts'
import type { Kernel } from '../model/kernel.ts'
import type { Scaler } from '../model/scaler.ts'
import { replaceChannels, type Stream } from '../model/stream.ts'

/** A kernel that changes the columns of a scaler in place: same names, same scans. @internal */
export function scaleFitted(stream: Stream, scaler: Scaler): Kernel {
  const indexes = scaler.channels.map((name) => stream.index(name))
  const isFirst = indexes.every((at, c) => at === c)
  const channels = stream.channels.map((channel, c) => (indexes.includes(c) ? plain(channel) : channel))
  const output = replaceChannels(stream, channels, stream.rate)
  return {
    output,
    process({ length, values, time, quality, gap, origin }: Block): Block {
      const changed = values.slice()
      if (isFirst) {
        const columns = changed.subarray(0, indexes.length * length)
        scaler.transform(columns, length, columns)
      } else transformApart(changed, length)
      return { stream: output, length, values: changed, time, quality, gap, origin }
    }
  }

  function transformApart(changed: Float64Array, length: number): void {
    const columns = new Float64Array(indexes.length * length)
    indexes.forEach((at, c) => {
      columns.set(changed.subarray(at * length, (at + 1) * length), c * length)
    })
    const scaled = scaler.transform(columns, length, columns)
    indexes.forEach((at, c) => {
      changed.set(scaled.subarray(c * length, (c + 1) * length), at * length)
    })
  }
}

/** What was the unit, the range and the resolution of the channel is not that of its scaled values. */
function plain({ name, role }: Channel): Channel {
  return role === undefined ? { name, unit: '1' } : { name, unit: '1', role }
}
