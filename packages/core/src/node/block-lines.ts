import { type Block, timeNs } from '../model/block.ts'
import { StorageError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { Quality } from '../model/quality.ts'

/** What a line says besides its channels. */
const RESERVED = ['stream', 'time', 'historical', 'quality', 'gap']
const QUALITIES = Object.fromEntries(Object.entries(Quality).map(([name, value]) => [value, name]))

/**
 * A block as lines of JSON: one a scan, before them one for the gap.
 *
 * @throws StorageError when a channel is named as one of the line's own fields
 * @internal
 */
export function blockLines(block: Block, path: string): string {
  const { stream, length, gap, origin } = block
  const names = stream.channels.map(({ name }) => name)
  const taken = names.find((name) => RESERVED.includes(name))
  if (taken) {
    const why = `channel '${taken}' of stream '${stream.id}' has the name of a field of the line; rename the channel`
    throw new StorageError(path, why, false)
  }
  const head = `{"stream":${JSON.stringify(stream.id)},"time":"`
  const mark = origin.historical ? '","historical":true' : '"'
  const keys = names.map((name) => `,${JSON.stringify(name)}:`)
  let text = gap ? `${head}${isoTime(timeNs(block))}${mark},"gap":${JSON.stringify(gap)}}\n` : ''
  for (let i = 0; i < length; i += 1) {
    text += head + isoTime(timeNs(block, i)) + mark
    for (let c = 0; c < keys.length; c += 1) {
      const value = block.values[c * length + i] as number
      text += (keys[c] as string) + (Number.isFinite(value) ? String(value) : 'null')
    }
    text += `${qualityText(block, i, names)}}\n`
  }
  return text
}

function qualityText({ quality, length }: Block, scan: number, names: readonly string[]): string {
  if (!quality) return ''
  const flawed = names.flatMap((name, c) => {
    const value = quality[c * length + scan] as number
    return value === Quality.good ? [] : [[name, QUALITIES[value]]]
  })
  return flawed.length > 0 ? `,"quality":${JSON.stringify(Object.fromEntries(flawed))}` : ''
}

/** Events name their stream, blocks hold it. @internal */
export function isBlock(item: Block | MeasurementEvent): item is Block {
  return typeof item.stream === 'object'
}

/** ISO 8601 in UTC, with three, six or nine decimal places as it takes. @internal */
export function isoTime(ns: bigint): string {
  const below = ((ns % 1_000_000n) + 1_000_000n) % 1_000_000n
  const text = new Date(Number((ns - below) / 1_000_000n)).toISOString()
  if (below === 0n) return text
  const digits = String(below).padStart(6, '0')
  return `${text.slice(0, -1)}${digits.endsWith('000') ? digits.slice(0, 3) : digits}Z`
}
