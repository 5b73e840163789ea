import { join } from 'node:path'
import { skipBatch } from './batch-decoder.ts'
import { LogState } from './log-state.ts'
import { KIND } from './record.ts'
import { noteAt, type Segment } from './recover.ts'
import { SegmentCursor } from './segment-cursor.ts'
import { segmentName } from './segment-name.ts'
import { SegmentRemover } from './segment-remover.ts'
import type { SpoolFiles } from './spool-files.ts'
import { type Dropped, saveDropped } from './spool-notes.ts'

/** The segments of a log, the oldest first: what of them is released or dropped, and how much that was. @internal */
export class SegmentList {
  readonly all: Segment[]
  /** Everything up to here is not needed any more. */
  released: number
  dropped: Dropped | undefined
  readonly counts = { droppedRecords: 0, droppedScans: 0 }
  readonly remover: SegmentRemover
  readonly #files: SpoolFiles
  readonly #folder: string

  constructor(files: SpoolFiles, folder: string, all: Segment[], dropped: Dropped | undefined, next: number) {
    this.#files = files
    this.#folder = folder
    this.all = all
    this.dropped = dropped
    this.released = (dropped?.from ?? all[0]?.first ?? next) - 1
    this.remover = new SegmentRemover(files, folder)
  }

  get records(): number {
    return this.all.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  }

  get bytes(): number {
    return this.all.reduce((sum, { size }) => sum + size, 0)
  }

  /** Whether the oldest may go: never the last one, never one that is written. */
  get hasDroppable(): boolean {
    return this.all.length > 1 && (this.all[0] as Segment).isClosed
  }

  /** Records up to here are not needed any more: whole segments go. */
  release(to: number): void {
    this.released = Math.max(this.released, to)
    if (this.dropped && this.released >= this.dropped.to) this.dropped = undefined
    while (this.hasDroppable && (this.all[0] as Segment).last <= this.released) {
      this.remover.add((this.all.shift() as Segment).first)
    }
  }

  /** The oldest segment goes; what was in it is declared. */
  dropOldest(): void {
    const segment = this.all.shift() as Segment
    const after = this.all[0]?.base
    const { from = segment.first, scans: before, isUnknown = false } = this.dropped ?? {}
    const scans: Record<string, number> = Object.assign({}, before)
    for (const [id, count] of (segment.base && after) ?? []) {
      const gone = count - (segment.base?.get(id) ?? 0)
      if (gone > 0) scans[id] = (scans[id] ?? 0) + gone
      this.counts.droppedScans += gone
    }
    this.dropped = { from, to: segment.last, scans, isUnknown: isUnknown || !segment.base || !after }
    this.counts.droppedRecords += segment.last - Math.max(segment.first, this.released + 1) + 1
    this.remover.add(segment.first, this.#noteOf(segment, this.released))
  }

  /** Without what had been released of the segment: that is not missing to anybody. */
  #noteOf(segment: Segment, released: number): () => Promise<void> {
    let isCounted = released < segment.first
    return async () => {
      if (!isCounted) await this.#takeOff(segment, released).catch(() => {}) // stays unknown to who reads from within
      isCounted = true
      if (this.dropped) await saveDropped(this.#files, this.#folder, this.dropped)
    }
  }

  async #takeOff(segment: Segment, released: number): Promise<void> {
    const counted = await scansUpTo(this.#files, this.#folder, segment, released)
    const { dropped } = this
    const scans: Record<string, number> = Object.assign({}, dropped?.scans)
    for (const [id, count] of counted) {
      this.counts.droppedScans -= count
      scans[id] = (scans[id] ?? 0) - count
    }
    if (dropped?.from === segment.first) this.dropped = Object.assign({}, dropped, { from: released + 1, scans })
  }
}

/** Scans by stream id in the first records of a segment. */
async function scansUpTo(
  files: SpoolFiles,
  folder: string,
  { first, size, base }: Segment,
  position: number
): Promise<Map<string, number>> {
  const file = await files.open(join(folder, segmentName(first)), 'read')
  const state = new LogState()
  try {
    const cursor = new SegmentCursor(file, first)
    while ((cursor.step(size) || (await cursor.load(size))) && cursor.position <= position) {
      if (cursor.kind === KIND.note) state.apply(noteAt(cursor))
      else skipBatch(cursor.view, cursor.payload, state)
    }
  } finally {
    await file.close()
  }
  return new Map(Array.from(state.scans, ([id, scans]) => [id, scans - (base?.get(id) ?? 0)] as const))
}
