import type { Channel } from '../model/channel.ts'
import type { Kernel } from '../model/kernel.ts'
import { replaceChannels, type Stream } from '../model/stream.ts'

/** `value * factor + offset`, in `unit`. @internal */
export interface Linear {
  readonly factor: number
  readonly offset: number
  readonly unit: string
}

/** A kernel that changes columns in place: same names, same scans. @internal */
export function scaleColumns(stream: Stream, changes: ReadonlyMap<number, Linear>): Kernel {
  const channels = stream.channels.map((channel, c) => scaled(channel, changes.get(c)))
  const output = replaceChannels(stream, channels, stream.rate)
  const steps = Array.from(changes)
  return {
    output,
    process({ length, values, time, quality, gap, origin }) {
      const changed = values.slice()
      for (const [c, { factor, offset }] of steps) {
        for (let i = c * length; i < (c + 1) * length; i += 1) changed[i] = (changed[i] as number) * factor + offset
      }
      return { stream: output, length, values: changed, time, quality, gap, origin }
    }
  }
}

function scaled(channel: Channel, change: Linear | undefined): Channel {
  if (!change) return channel
  const { factor, offset, unit } = change
  const { name, role, range, resolution } = channel
  const ends = range?.map((end) => end * factor + offset).sort((a, b) => a - b)
  return {
    name,
    unit,
    // eslint-disable-next-line no-restricted-syntax -- once a stream, and absent stays absent
    ...(role !== undefined && { role }),
    // eslint-disable-next-line no-restricted-syntax -- once a stream
    ...(ends !== undefined && { range: [ends[0] as number, ends[1] as number] as const }),
    // eslint-disable-next-line no-restricted-syntax -- once a stream
    ...(resolution !== undefined && { resolution: resolution * Math.abs(factor) })
  }
}
