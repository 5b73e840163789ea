import { join } from 'node:path'
import { skipBatch, unsyncedBefore } from './batch-decoder.ts'
import { readMark } from './durable-mark.ts'
import { LogState, type Note } from './log-state.ts'
import { KIND } from './record.ts'
import { SegmentCursor } from './segment-cursor.ts'
import { SEGMENT_HEADER, segmentName, segmentsAmong } from './segment-name.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'
import { type Dropped, readDropped } from './spool-notes.ts'

/** @internal */
export interface Segment {
  /** Positions of its first and last batch; `last` below `first` when it has none. */
  readonly first: number
  last: number
  /** Bytes that may be read, and when the last of them arrived, ms. */
  size: number
  lastAt: number
  isClosed: boolean
  /** Scans by stream id before it; undefined where its table is damaged. */
  readonly base: ReadonlyMap<string, number> | undefined
}

/** @internal */
export interface Recovered {
  readonly segments: Segment[]
  readonly state: LogState
  /** Position for the next batch. */
  readonly next: number
  /** Batches at the end that were durable and are not there. */
  readonly lost: number
  readonly dropped: Dropped | undefined
}

/**
 * What a folder holds, its torn end cut off, all of it synced: what a killed process had written and not synced is believed
 * from here on.
 *
 * @internal
 */
export async function recover(files: SpoolFiles, folder: string): Promise<Recovered> {
  const dropped = await readDropped(files, folder)
  const firsts = await heldSegments(files, folder, dropped)
  const segments: Segment[] = []
  for (const [i, first] of firsts.entries()) {
    segments.push(await headOf(files, folder, first, firsts[i + 1]))
  }
  for (const [i, segment] of segments.entries()) segment.lastAt = segments[i + 1]?.lastAt ?? segment.lastAt
  const state = new LogState()
  const known = Math.max(
    0,
    segments.findLastIndex(({ base }) => base !== undefined)
  )
  const mark = Math.max(await readMark(files, folder), (segments.at(-1)?.first ?? 1) - 1)
  const newest = segments.at(-1)
  if (newest) await cutTornEnd(files, folder, newest, mark)
  for (const segment of segments.slice(known)) await replay(files, folder, segment, state, segment === newest)
  const last = newest?.last ?? 0
  if (mark > last) state.missingOfAll('lost')
  if (state.isDropping) state.missingOfAll('shed')
  state.isDropping = false
  const next = Math.max(mark, last) + 1
  if (newest?.first === next && newest.last < next) segments.pop() // is written anew
  const isCurrent = dropped !== undefined && dropped.to === (segments[0]?.first ?? next) - 1
  return { segments, state, next, lost: Math.max(0, mark - last), dropped: isCurrent ? dropped : undefined }
}

/** First positions of the segments, without those that were dropped by a process that did not come to removing them. */
async function heldSegments(files: SpoolFiles, folder: string, dropped: Dropped | undefined): Promise<number[]> {
  const firsts = segmentsAmong(await files.list(folder))
  while (dropped && firsts.length > 1 && (firsts[1] as number) - 1 <= dropped.to) {
    await files.remove(join(folder, segmentName(firsts.shift() as number)))
  }
  return firsts
}

/** What the first record of a segment tells. */
async function headOf(files: SpoolFiles, folder: string, first: number, next: number | undefined): Promise<Segment> {
  const file = await files.open(join(folder, segmentName(first)), 'read')
  try {
    const size = await file.size()
    const cursor = new SegmentCursor(file, first)
    const note = (await cursor.load(size)) && cursor.kind === KIND.note ? noteAt(cursor) : undefined
    const base = note?.table ? baseOf(note) : undefined
    const last = next === undefined ? first - 1 : next - 1
    return { first, last, size, lastAt: cursor.arrival, isClosed: true, base }
  } finally {
    await file.close()
  }
}

async function replay(
  files: SpoolFiles,
  folder: string,
  segment: Segment,
  state: LogState,
  isLast: boolean
): Promise<void> {
  const file = await files.open(join(folder, segmentName(segment.first)), 'read')
  try {
    const cursor = new SegmentCursor(file, segment.first)
    while (cursor.step(segment.size) || (await cursor.load(segment.size))) {
      if (cursor.kind === KIND.note) state.apply(noteAt(cursor))
      else if (skipBatch(cursor.view, cursor.payload, state)) {
        if (isLast) segment.last = cursor.position
        segment.lastAt = cursor.arrival
      }
    }
  } finally {
    await file.close()
  }
}

/** Cuts off what a crash left, and makes the rest durable. */
async function cutTornEnd(files: SpoolFiles, folder: string, segment: Segment, mark: number): Promise<void> {
  const file = await files.open(join(folder, segmentName(segment.first)), 'write')
  try {
    const end = await endOf(file, segment, mark)
    if (end < segment.size) await file.truncate(end)
    segment.size = end
    await file.sync()
    await files.syncFolder(folder)
  } finally {
    await file.close()
  }
}

/**
 * Where the records of a segment end: behind the last, or before damage behind which nothing was durable. A disk that lost
 * power may have written later pages and not earlier ones; of damage before what was durable only that is missing.
 */
async function endOf(file: SpoolFile, { first, size }: Segment, mark: number): Promise<number> {
  const cursor = new SegmentCursor(file, first)
  const damages: { readonly end: number; readonly last: number }[] = []
  let end = Math.min(SEGMENT_HEADER, size)
  let last = first - 1
  let durable = mark
  let skipped = 0
  while (cursor.step(size) || (await cursor.load(size))) {
    if (cursor.skipped > skipped) damages.push({ end, last })
    skipped = cursor.skipped
    end = cursor.offset
    if (cursor.kind !== KIND.batch) continue
    last = cursor.position
    durable = Math.max(durable, last - 1 - unsyncedBefore(cursor.view, cursor.payload))
  }
  return damages.find((damage) => damage.last >= durable)?.end ?? end
}

const plain = new TextDecoder()

/** @internal */
export function noteAt({ bytes, payload, end }: SegmentCursor): Note {
  return JSON.parse(plain.decode(bytes.subarray(payload, end))) as Note
}

function baseOf({ streams }: Note): ReadonlyMap<string, number> {
  return new Map(streams?.map(([, { id }, scans]) => [id, scans]))
}
