import type { Checkpoint, LaneState, SplitState, StepState } from '../model/checkpoint.ts'
import { crc32c } from '../model/crc-32c.ts'
import { DecodeError, SnapshotIncompatibleError } from '../model/errors.ts'
import { fromText } from '../model/from-text.ts'
import type { Stream } from '../model/stream.ts'
import { streamFromJson, streamToJson } from '../model/stream-json.ts'
import { toText } from '../model/text.ts'
import { LiftedArrays, putBack } from './lifted-arrays.ts'

/**
 * A checkpoint as a file: `MWCP`, then as little-endian words the version of the format, the CRC-32C of all but itself
 * and the bytes of the text; then the text, padded with blanks to a multiple of 8; then long typed arrays. The first
 * three stay as they are in every version, so that damage and a newer version can be told apart.
 *
 * The text is two lines: the streams as JSON, and what `toText` makes of the rest, which names streams by number.
 */
const MAGIC = 0x5043574d
const VERSION = 1
const CRC_AT = 8
const HEAD_BYTES = 16

/**
 * A checkpoint with whose it is: what a store keeps as one piece.
 *
 * @example
 * ```ts
 * import type { CheckpointFile } from '@messwerk/core/node'
 *
 * const file: CheckpointFile = {
 *   pipeline: 'press-3',
 *   generation: 1,
 *   checkpoint: { number: 1, takenAt: 0, steps: [], splits: [] },
 * }
 * file.pipeline // => 'press-3'
 * ```
 */
export interface CheckpointFile {
  readonly pipeline: string
  readonly generation: number
  readonly checkpoint: Checkpoint
}

/**
 * A checkpoint as bytes, for a store of your own; equal ones give equal bytes. A checksum (CRC-32C) covers all of it.
 *
 * @throws TypeError that names the step whose state cannot be kept
 *
 * @example
 * ```ts
 * import { decodeCheckpoint, encodeCheckpoint } from '@messwerk/core/node'
 *
 * const checkpoint = { number: 7, takenAt: 0, steps: ['0 rms'], splits: [] }
 * const bytes = encodeCheckpoint({ pipeline: 'press-3', generation: 1, checkpoint })
 * decodeCheckpoint(bytes, 'memory').checkpoint.number // => 7
 * ```
 */
export function encodeCheckpoint({ pipeline, generation, checkpoint }: CheckpointFile): Uint8Array {
  const { number, takenAt, steps } = checkpoint
  const streams = new Map<Stream, number>()
  const arrays = new LiftedArrays()
  const splits = checkpoint.splits.map((split) => splitToPlain(split, streams, arrays))
  const plain: PlainFile = { pipeline, generation, number, takenAt, steps, splits }
  const text = Buffer.from(`[${Array.from(streams.keys(), streamText)}]\n${textOf(plain, checkpoint)}`)
  const textBytes = Math.ceil(text.length / 8) * 8
  const bytes = Buffer.alloc(HEAD_BYTES + textBytes + arrays.byteLength)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 4)
  bytes.writeUInt32LE(textBytes, 12)
  bytes.fill(' ', HEAD_BYTES, HEAD_BYTES + textBytes)
  bytes.set(text, HEAD_BYTES)
  arrays.copyTo(bytes.subarray(HEAD_BYTES + textBytes))
  bytes.writeUInt32LE(crcOf(bytes), CRC_AT)
  return bytes
}

/**
 * What {@link encodeCheckpoint} made bytes of, equal to the bit.
 *
 * @param path - where it comes from, for messages
 * @throws DecodeError when it is damaged; SnapshotIncompatibleError when it is whole and of a newer format
 *
 * @example
 * ```ts
 * import { decodeCheckpoint } from '@messwerk/core/node'
 *
 * let code = ''
 * try {
 *   decodeCheckpoint(Uint8Array.of(1, 2, 3), 'topic messwerk-state')
 * } catch (error) {
 *   code = (error as { code: string }).code
 * }
 * code // => 'DECODE_FAILED'
 * ```
 */
export function decodeCheckpoint(file: Uint8Array, path: string): CheckpointFile {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  if (bytes.length < HEAD_BYTES || bytes.readUInt32LE(0) !== MAGIC) throw new DecodeError(path, 'is no checkpoint')
  if (bytes.readUInt32LE(CRC_AT) !== crcOf(bytes)) throw new DecodeError(path, 'is damaged or cut short (CRC-32C)')
  const version = bytes.readUInt32LE(4)
  if (version > VERSION) {
    const why = `it is of format ${version} and this version of the SDK reads up to ${VERSION}; update it or start afresh`
    throw new SnapshotIncompatibleError(`checkpoint ${path}`, why)
  }
  const arraysAt = HEAD_BYTES + bytes.readUInt32LE(12)
  return fileOf(bytes.toString('utf8', HEAD_BYTES, arraysAt), bytes.subarray(arraysAt))
}

function crcOf(bytes: Buffer): number {
  return crc32c(bytes.subarray(CRC_AT + 4), crc32c(bytes.subarray(0, CRC_AT)))
}

interface PlainStep {
  readonly step: string
  readonly version: number
  readonly stream: number
  readonly state: unknown
}

interface PlainLane {
  readonly stream: number
  readonly sequence?: number | undefined
  readonly steps: readonly PlainStep[]
}

interface PlainSplit {
  readonly source: string
  readonly split: string
  readonly at: number
  readonly seen: unknown
  readonly gaps?: SplitState['gaps']
  readonly lanes: readonly PlainLane[]
}

interface PlainFile {
  readonly pipeline: string
  readonly generation: number
  readonly number: number
  readonly takenAt: number
  readonly steps: readonly string[]
  readonly splits: readonly PlainSplit[]
}

const texts = new WeakMap<Stream, string>()

/** Made once: streams do not change, and make most of the text where there are many. */
function streamText(stream: Stream): string {
  const text = texts.get(stream) ?? JSON.stringify(streamToJson(stream))
  texts.set(stream, text)
  return text
}

/** Streams stand once, in a list of their own. */
function splitToPlain(
  { source, split, at, seen, gaps, lanes }: SplitState,
  streams: Map<Stream, number>,
  arrays: LiftedArrays
): PlainSplit {
  const numberOf = (stream: Stream): number => {
    const number = streams.get(stream) ?? streams.size
    streams.set(stream, number)
    return number
  }
  const stepToPlain = ({ step, version, state, stream }: StepState): PlainStep => ({
    step,
    version,
    stream: numberOf(stream),
    state: arrays.lift(state)
  })
  const plain = lanes.map(({ stream, sequence, steps }) => ({
    stream: numberOf(stream),
    sequence,
    steps: steps.map(stepToPlain)
  }))
  return { source, split, at, seen: arrays.lift(seen), gaps, lanes: plain }
}

function textOf(plain: PlainFile, checkpoint: Checkpoint): string {
  try {
    return toText(plain)
  } catch (error) {
    for (const { step, state, stream } of checkpoint.splits.flatMap(({ lanes }) =>
      lanes.flatMap(({ steps }) => steps)
    )) {
      nameStep(step, state, stream)
    }
    throw error
  }
}

function nameStep(step: string, state: unknown, stream: Stream): void {
  try {
    toText(state)
  } catch (cause) {
    const { message } = cause as TypeError
    throw new TypeError(`checkpoint: the snapshot of '${step}' for stream '${stream.id}' cannot be kept: ${message}`, {
      cause
    })
  }
}

function fileOf(text: string, arrays: Uint8Array): CheckpointFile {
  // The CRC says that these are the bytes that encodeCheckpoint wrote, so their shape is not checked again.
  const [streams = '', plain = ''] = text.split('\n')
  const known = Array.from(JSON.parse(streams), (stream, i) => streamFromJson(stream, `streams[${i}]`))
  const { pipeline, generation, number, takenAt, steps, splits } = fromText(plain) as PlainFile
  const checkpoint = { number, takenAt, steps, splits: splits.map((split) => splitOf(split, known, arrays)) }
  return { pipeline, generation, checkpoint }
}

function splitOf(
  { source, split, at, seen, gaps, lanes }: PlainSplit,
  streams: readonly Stream[],
  arrays: Uint8Array
): SplitState {
  const stepOf = ({ step, version, stream, state }: PlainStep): StepState => ({
    step,
    version,
    state: putBack(state, arrays),
    stream: streams[stream] as Stream
  })
  const laneOf = ({ stream, sequence, steps }: PlainLane): LaneState => ({
    stream: streams[stream] as Stream,
    sequence,
    steps: steps.map(stepOf)
  })
  const ids = putBack(seen, arrays) as Float64Array | undefined
  return { source, split, at, seen: ids, gaps, lanes: lanes.map(laneOf) }
}
