import type { Block } from './block.ts'
import { BodyReader } from './block-body.ts'
import { readAxisStart, readClock, readGap, readOrigin, readPeriod, readPhase, readUncertainty } from './block-head.ts'
import { HAS, HEADER, readHeader, wrongAt } from './block-layout.ts'
import { readFields } from './json-reader.ts'
import type { Stream } from './stream.ts'
import { streamFromJson } from './stream-json.ts'
import type { TimeAxis } from './time-axis.ts'

const exactText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * How {@link decodeBlock} reads.
 *
 * @example
 * ```ts
 * import type { DecodeBlockOptions } from '@messwerk/core/model'
 *
 * const options: DecodeBlockOptions = { copy: true }
 * options.copy // => true
 * ```
 */
export interface DecodeBlockOptions {
  /**
   * Copies the columns. Without, they are views of `bytes` where those begin at a multiple of 8: whoever changes the
   * bytes afterwards changes the block. @defaultValue false
   */
  readonly copy?: boolean | undefined
}

/**
 * The block of what `encodeBlock` wrote.
 *
 * @throws DecodeError that says at which byte the bytes end too early, are foreign, newer or damaged. Nothing is
 * allocated for lengths that the bytes do not have.
 *
 * @example
 * ```ts
 * import { blockOf, column, decodeBlock, encodeBlock } from '@messwerk/core/model'
 *
 * const bytes = encodeBlock(blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] }))
 * column(decodeBlock(bytes), 'a') // => Float64Array.of(1, 2)
 * ```
 */
export function decodeBlock(bytes: Uint8Array, options: DecodeBlockOptions = {}): Block {
  const { flags, scans, channels, streamEnd, headEnd, start } = readHeader(bytes)
  const stream = streamAt(bytes, streamEnd)
  if (stream.channels.length !== channels) {
    throw wrongAt(28, `tells of ${channels} channels, its stream has ${stream.channels.length}`)
  }
  const path = `block, byte ${streamEnd}: head`
  const head = readFields(jsonAt(bytes, streamEnd, headEnd), path, ['time', 'gap', 'origin'])
  const origin = readFields(head.origin, `${path}.origin`, ['split', 'position', 'historical'])
  const body = new BodyReader(bytes, start, options.copy === true)
  const values = body.floats(scans * channels)
  const offsets = flags & HAS.offsets ? body.offsets(scans) : undefined
  const time = timeOfHead(head.time, `${path}.time`, offsets)
  const positions = flags & HAS.positions ? body.positions(scans) : undefined
  const quality = flags & HAS.quality ? body.quality(scans * channels) : undefined
  return {
    stream,
    length: scans,
    values,
    time,
    quality,
    gap: readGap(head.gap, `${path}.gap`),
    origin: readOrigin(origin.split, origin.position, `${path}.origin`, positions, origin.historical)
  }
}

// Streams repeat in every block: a text that was seen is not parsed again. Bounded, so foreign bytes cannot fill it.
const seenStreams = new Map<string, Stream>()
const SEEN_STREAMS = 256
const LONGEST_SEEN = 0x10000

function streamAt(bytes: Uint8Array, end: number): Stream {
  const json = textAt(bytes, HEADER, end)
  const seen = seenStreams.get(json)
  if (seen) return seen
  const stream = streamFromJson(parsed(json, HEADER), `block, byte ${HEADER}: stream`)
  if (seenStreams.size === SEEN_STREAMS) seenStreams.clear()
  if (json.length <= LONGEST_SEEN) seenStreams.set(json, stream)
  return stream
}

function jsonAt(bytes: Uint8Array, from: number, to: number): unknown {
  return parsed(textAt(bytes, from, to), from)
}

function textAt(bytes: Uint8Array, from: number, to: number): string {
  try {
    return exactText.decode(bytes.subarray(from, to))
  } catch (cause) {
    throw wrongAt(from, 'must be UTF-8 text', cause)
  }
}

function parsed(json: string, at: number): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw wrongAt(at, 'must be JSON', cause)
  }
}

function timeOfHead(json: unknown, path: string, offsets: Float64Array | undefined): TimeAxis {
  const known = offsets ? ['start', 'clock', 'uncertainty'] : ['start', 'clock', 'uncertainty', 'period', 'phase']
  const fields = readFields(json, path, known)
  const start = readAxisStart(fields.start, `${path}.start`)
  const clock = readClock(fields.clock, `${path}.clock`)
  const uncertainty = readUncertainty(fields.uncertainty, `${path}.uncertainty`)
  if (offsets) return { start, clock, uncertainty, offsets }
  const period = readPeriod(fields.period, `${path}.period`)
  const phase = readPhase(fields.phase, `${path}.phase`)
  return phase === undefined ? { start, clock, uncertainty, period } : { start, clock, uncertainty, period, phase }
}
