import { join } from 'node:path'
import type { Batch } from '../../model/source.ts'
import { isDefined, readBatch } from './batch-decoder.ts'
import { LogState } from './log-state.ts'
import { KIND } from './record.ts'
import { noteAt } from './recover.ts'
import { SegmentCursor } from './segment-cursor.ts'
import { putSegmentHeader, SEGMENT_HEADER, segmentName, segmentsAmong, wrongHeader } from './segment-name.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'
import { SpoolLock } from './spool-lock.ts'

/** What is in a segment, and what is wrong with it. @internal */
export interface SegmentReport {
  readonly file: string
  readonly bytes: number
  /** Batches that can be read, positions of the first and last of them. */
  readonly batches: number
  readonly first: number | undefined
  readonly last: number | undefined
  readonly scans: number
  /** Arrival of the first and last, ms since the Unix epoch. */
  readonly from: number | undefined
  readonly to: number | undefined
  /** Positions that are missing between batches, each from and to. */
  readonly holes: readonly (readonly [number, number])[]
  /** Bytes that are no record. */
  readonly damagedBytes: number
  /** Batches whose stream or split is not defined any more. */
  readonly undefinedBatches: number
  readonly header: string | undefined
  readonly streams: Readonly<Record<string, number>>
}

/** Reads every segment; changes nothing. @internal */
export async function inspectSpool(
  files: SpoolFiles,
  folder: string,
  visit: (position: number, at: number, batch: Batch) => void = () => {}
): Promise<SegmentReport[]> {
  const reports: SegmentReport[] = []
  let expected: number | undefined
  const state = new LogState()
  for (const first of segmentsAmong(await files.list(folder))) {
    const report = await inspectSegment(files, folder, first, expected, state, visit)
    reports.push(report)
    expected = (report.last ?? first - 1) + 1
  }
  return reports
}

/** Whether anything in it cannot be read. @internal */
export function isDamaged({ damagedBytes, undefinedBatches, header }: SegmentReport): boolean {
  return damagedBytes > 0 || undefinedBatches > 0 || header !== undefined
}

async function inspectSegment(
  files: SpoolFiles,
  folder: string,
  first: number,
  expectedFirst: number | undefined,
  state: LogState,
  visit: (position: number, at: number, batch: Batch) => void
): Promise<SegmentReport> {
  const name = segmentName(first)
  const file = await files.open(join(folder, name), 'read')
  try {
    const bytes = await file.size()
    const cursor = new SegmentCursor(file, first)
    const holes: (readonly [number, number])[] = []
    const streams: Record<string, number> = {}
    const seen = { batches: 0, scans: 0, undefinedBatches: 0, at: [] as number[], positions: [] as number[] }
    let expected = expectedFirst ?? first
    while (cursor.step(bytes) || (await cursor.load(bytes))) {
      if (cursor.kind === KIND.note) state.apply(noteAt(cursor), true)
      if (cursor.kind !== KIND.batch) continue
      const { position, arrival, view, payload } = cursor
      if (!isDefined(view, payload, state)) {
        seen.undefinedBatches += 1
        continue
      }
      if (position > expected) holes.push([expected, position - 1])
      expected = position + 1
      const batch = readBatch(cursor.bytes, view, payload, state, 'lost')
      seen.batches += 1
      for (const { stream, length } of batch.blocks) {
        seen.scans += length
        streams[stream.id] = (streams[stream.id] ?? 0) + length
      }
      seen.at = [seen.at[0] ?? arrival, arrival]
      seen.positions = [seen.positions[0] ?? position, position]
      visit(position, arrival, batch)
    }
    return {
      file: name,
      bytes,
      batches: seen.batches,
      first: seen.positions[0],
      last: seen.positions[1],
      scans: seen.scans,
      from: seen.at[0],
      to: seen.at[1],
      holes,
      damagedBytes: cursor.skipped,
      undefinedBatches: seen.undefinedBatches,
      header: await headerOf(file, first),
      streams
    }
  } finally {
    await file.close()
  }
}

async function headerOf(file: SpoolFile, first: number): Promise<string | undefined> {
  const bytes = new Uint8Array(SEGMENT_HEADER)
  const read = await file.read(bytes, 0)
  return wrongHeader(bytes.subarray(0, read), new DataView(bytes.buffer), first)
}

/**
 * Writes damaged segments anew with the records that can be read, and keeps the damaged ones beside them as
 * `<name>.damaged`. What is missing stays declared.
 *
 * @throws InUseError while a living process writes there
 * @internal
 */
export async function repairSpool(files: SpoolFiles, folder: string): Promise<string[]> {
  const lock = await SpoolLock.take(files, folder)
  const repaired: string[] = []
  try {
    for (const report of await inspectSpool(files, folder)) {
      if (report.damagedBytes === 0 && report.header === undefined) continue
      await repairSegment(files, folder, report.file)
      repaired.push(report.file)
    }
  } finally {
    await lock.release()
  }
  return repaired
}

async function repairSegment(files: SpoolFiles, folder: string, name: string): Promise<void> {
  const path = join(folder, name)
  const first = Number.parseInt(name, 10)
  const damaged = (await files.load(path)) as Uint8Array
  const file = await files.open(path, 'read')
  const parts: Uint8Array[] = [headerBytes(first)]
  try {
    const cursor = new SegmentCursor(file, first)
    while (cursor.step(damaged.length) || (await cursor.load(damaged.length))) {
      parts.push(damaged.slice(cursor.recordStart, cursor.offset))
    }
  } finally {
    await file.close()
  }
  await files.replace(`${path}.damaged`, damaged)
  await files.replace(path, joined(parts))
}

function headerBytes(first: number): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER)
  putSegmentHeader(bytes, new DataView(bytes.buffer), first)
  return bytes
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
