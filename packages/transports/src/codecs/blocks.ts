import {
  type Block,
  decodeBlock,
  type EncodeBlockOptions,
  encodeBlock,
  type MeasurementEvent,
  ProtocolError,
  timeNs
} from '@messwerk/core/model'
import { checkUnits } from '../payload/json-payload.ts'
import type { Payload } from '../payload/payload.ts'
import type { ScanBuffer } from '../payload/scan-buffer.ts'

/**
 * Payloads that are whole blocks in their binary form, as `blockEncoder` writes them: exact in every bit, gaps included.
 *
 * The stream is named by key or topic, as with every payload; a nominal rate, quality other than missing, and the
 * uncertainty of the times are not taken over. The times are those of the block.
 *
 * @param channels - unit (UCUM code) by name of those that are read; a block without one of them, or with another unit, is rejected
 * @throws TypeError when an option is wrong
 *
 * @example
 * ```ts
 * import { blockOf, encodeBlock } from '@messwerk/core/model'
 * import { blocks, fetchAndDecode } from '@messwerk/transports/codecs'
 *
 * const block = blockOf({ stream: 's', channels: { rms: 'mm/s' }, rate: 10, start: 0 }, { rms: [1, 2] })
 * await fetchAndDecode(blocks({ rms: 'mm/s' }), encodeBlock(block))
 * // => [{ time: new Date(0), rms: 1 }, { time: new Date(100), rms: 2 }]
 * ```
 */
export function blocks<const C extends string>(channels: Readonly<Record<C, string>>): Payload<C> {
  checkUnits(channels, 'blocks')
  const wanted = Object.entries(channels) as [string, string][]
  return {
    channels,
    hasTime: true,
    uncertainty: 0,
    hasSequence: false,
    decode: (bytes, _topic, into) => {
      let block: Block
      try {
        block = decodeBlock(bytes, { copy: true })
      } catch (error) {
        return (error as Error).message
      }
      into.held = block.length
      into.gap = block.gap
      return addBlock(block, wanted, into)
    }
  }
}

/**
 * Messages for the `payload` option of a sink: each block as one message, in its binary form.
 *
 * @example
 * ```ts
 * import { blockOf, decodeBlock } from '@messwerk/core/model'
 * import { blockEncoder } from '@messwerk/transports/codecs'
 *
 * const block = blockOf({ stream: 's', channels: { rms: 'mm/s' }, rate: 10, start: 0 }, { rms: [1, 2] })
 * decodeBlock(blockEncoder()(block)).length // => 2
 * ```
 */
export function blockEncoder(options?: EncodeBlockOptions): (item: Block | MeasurementEvent) => Uint8Array {
  return (item) => {
    if ('phase' in item) throw new ProtocolError('blockEncoder: writes blocks, and was given an event')
    return encodeBlock(item, options)
  }
}

function addBlock(block: Block, wanted: readonly [string, string][], into: ScanBuffer): string | undefined {
  const { stream, length, values } = block
  const columns: number[] = []
  for (const [name, unit] of wanted) {
    const c = stream.channels.findIndex((channel) => channel.name === name)
    if (c < 0) return `has no channel '${name}'; it has: ${stream.channels.map((channel) => channel.name).join(', ')}`
    const has = stream.channels[c]?.unit
    if (has !== unit) return `has channel '${name}' in '${has}', not in '${unit}'`
    columns.push(c * length)
  }
  for (let i = 0; i < length; i += 1) {
    const at = into.begin()
    setBlockTime(block, i, into, at)
    for (let c = 0; c < columns.length; c += 1) {
      const value = values[(columns[c] as number) + i] as number
      if (Math.abs(value) === Number.POSITIVE_INFINITY)
        return `channel '${wanted[c]?.[0]}' must be finite, got ${value}`
      into.values[at * into.width + c] = value
    }
  }
  return undefined
}

function setBlockTime(block: Block, scan: number, into: ScanBuffer, at: number): void {
  const ns = timeNs(block, scan)
  const rest = ((ns % 1_000_000n) + 1_000_000n) % 1_000_000n
  into.ms[at] = Number((ns - rest) / 1_000_000n)
  into.ns[at] = Number(rest)
}
