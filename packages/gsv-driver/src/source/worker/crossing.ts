import { type Batch, type Block, type Channel, defineStream } from '@messwerk/core/model'

/** A block without its stream, which holds a function. */
type CrossingBlock = Omit<Block, 'stream'>

/** The part of a stream that can cross: what it is defined by. */
interface CrossingStream {
  readonly id: string
  readonly channels: readonly Channel[]
  readonly rate: number | undefined
  readonly tags: Readonly<Record<string, string>>
}

/** A batch as it crosses between two threads. All of its blocks are of one stream. @internal */
export interface CrossingBatch {
  readonly rest: Omit<Batch, 'blocks'>
  readonly stream: CrossingStream | undefined
  readonly blocks: readonly CrossingBlock[]
}

/** Makes a batch ready to cross. @internal */
export function packBatch({ blocks, ...rest }: Batch): CrossingBatch {
  const { stream } = blocks[0] ?? {}
  return {
    rest,
    stream: stream && { id: stream.id, channels: stream.channels, rate: stream.rate, tags: stream.tags },
    blocks: blocks.map(({ length, values, time, quality, gap, origin }) => ({
      length,
      values,
      time,
      quality,
      gap,
      origin
    }))
  }
}

/** What a batch need not be copied for: its columns change hands. @internal */
export function buffersOf({ blocks }: CrossingBatch): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const { values, quality } of blocks) {
    buffers.add(values.buffer as ArrayBuffer)
    if (quality) buffers.add(quality.buffer as ArrayBuffer)
  }
  return [...buffers]
}

/** The batch on the other side; equal streams are the same object there, too. @internal */
export function unpackBatch({ rest, stream, blocks }: CrossingBatch): Batch {
  if (!stream) return { ...rest, blocks: [] }
  const known = defineStream(stream)
  return {
    ...rest,
    blocks: blocks.map(({ length, values, time, quality, gap, origin }) => ({
      stream: known,
      length,
      values,
      time,
      quality,
      gap,
      origin
    }))
  }
}
