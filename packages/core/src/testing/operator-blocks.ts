import type { Observable } from 'rxjs'
import { type Block, timeNs } from '../model/block.ts'
import { sliceBlock } from '../model/cut.ts'
import type { Gap } from '../model/gap.ts'
import type { Emission } from '../model/kernel.ts'
import { originOf } from '../model/origin.ts'
import { defineStream } from '../model/stream.ts'
import type { TimeAxis } from '../model/time-axis.ts'

/** All that must be equal however blocks are cut. @internal */
export interface Scan {
  readonly ns: bigint
  readonly values: readonly number[]
  readonly quality: readonly number[]
  readonly position: number
}

/** @internal */
export function scansOf(emission: Emission): Scan[] {
  const blocks = emission === undefined ? [] : Array.isArray(emission) ? emission : [emission]
  return (blocks as readonly Block[]).flatMap((block) =>
    Array.from({ length: block.length }, (_, i) => scanOf(block, i))
  )
}

function scanOf(block: Block, i: number): Scan {
  const { stream, length, values, quality, origin } = block
  const indexes = stream.channels.map((_, c) => c * length + i)
  return {
    ns: timeNs(block, i),
    values: indexes.map((at) => values[at] as number),
    quality: indexes.map((at) => quality?.[at] ?? 0),
    position: origin.positions?.[i] ?? origin.position
  }
}

/** A copy that shares nothing that could be changed. @internal */
export function copyOfBlock(block: Block): Block {
  const { stream, length, values, time, quality, gap, origin } = block
  const { split, position, positions, historical } = origin
  return {
    stream,
    length,
    values: values.slice(),
    time: movedAxis(time, 0n),
    quality: quality?.slice(),
    gap,
    origin: originOf(split, position, positions?.slice(), historical)
  }
}

/** The same scans in blocks of these lengths, over and over; never across a block's end. @internal */
export function cutUp(blocks: readonly Block[], lengths: readonly number[]): Block[] {
  let turn = 0
  return blocks.flatMap((block) => {
    const pieces: Block[] = []
    for (let from = 0; from < block.length; turn += 1) {
      const to = Math.min(block.length, from + (lengths[turn % lengths.length] as number))
      pieces.push(sliceBlock(block, from, to))
      from = to
    }
    return pieces
  })
}

/** The block, some ns later. @internal */
export function later(block: Block, ns: bigint): Block {
  const { stream, length, values, time, quality, gap, origin } = block
  return { stream, length, values, time: movedAxis(time, ns), quality, gap, origin }
}

/** @internal */
export function withGap(block: Block, gap: Gap): Block {
  const { stream, length, values, time, quality, origin } = block
  return { stream, length, values, time, quality, gap, origin }
}

/** The block as one of another stream or split, with other values. @internal */
export function ofStream(block: Block, id: string, split: string): Block {
  const { stream, length, values, time, quality, gap, origin } = block
  const { channels, rate, tags } = stream
  return {
    stream: defineStream({ id, channels, rate, tags }),
    length,
    values: values.map((value) => 2 * value + 1),
    time,
    quality,
    gap,
    origin: { split, position: origin.position, positions: origin.positions }
  }
}

/** What an observable gives while it is subscribed to. @internal */
export function emitted(source: Observable<Block>): { blocks: Block[]; error: unknown } {
  const blocks: Block[] = []
  let broken: unknown
  source
    .subscribe({
      next: (block) => blocks.push(block),
      error: (error: unknown) => {
        broken = error
      }
    })
    .unsubscribe()
  return { blocks, error: broken }
}

function movedAxis(time: TimeAxis, by: bigint): TimeAxis {
  const { clock, uncertainty } = time
  const start = time.start + by
  if (time.offsets !== undefined) return { start, clock, uncertainty, offsets: time.offsets.slice() }
  return { start, clock, uncertainty, period: time.period, phase: time.phase }
}
