import { type Gap, type GapCause, joinGaps } from '../../model/gap.ts'
import { SeenIds } from '../../model/seen-ids.ts'
import type { Stream } from '../../model/stream.ts'
import { type StreamJson, streamFromJson, streamToJson } from '../../model/stream-json.ts'

/** A record beside the batches: what they are to be read with. Every field is optional. @internal */
export interface Note {
  /** Number, definition, scans of this stream id before here, when its next scan is due, ns. */
  readonly streams?: readonly (readonly [number, StreamJson, number, string?])[]
  /** Number, name, last position in the source's own counting, newest memo of the source. */
  readonly splits?: readonly (readonly [number, string, number | null, string?])[]
  /** By stream id: what is missing before its next block. Replaces what was said before. */
  readonly pending?: readonly (readonly [string, Gap['scans'], GapCause])[]
  /** Why something unknown may be missing of streams that are not known here. */
  readonly others?: GapCause | undefined
  readonly ids?: readonly number[]
  /** Batches are being dropped from here on; how many is said in the next note. */
  readonly dropping?: true
  /** Complete: stands at the beginning of each segment. */
  readonly table?: true
}

/**
 * What is known at one place of the log: streams and splits by number, scans so far by stream id, gaps to be declared, ids
 * of session messages. The writer has one, and whoever reads from the beginning of a segment comes to the same.
 *
 * @internal
 */
export class LogState {
  readonly streams: (Stream | undefined)[] = []
  readonly splits: (string | undefined)[] = []
  readonly positions = new Map<string, number>()
  /** Newest memo of the source, by split. */
  readonly memos = new Map<string, string>()
  readonly scans = new Map<string, number>()
  /** When the next scan of a stream id is due, ns since the Unix epoch, where it has a period. */
  readonly due = new Map<string, bigint>()
  pending = new Map<string, Gap>()
  ids = new SeenIds()
  isDropping = false
  others: GapCause | undefined
  readonly #streamNumbers = new Map<Stream, number>()
  readonly #splitNumbers = new Map<string, number>()

  streamNumber(stream: Stream): number | undefined {
    return this.#streamNumbers.get(stream)
  }

  splitNumber(split: string): number | undefined {
    return this.#splitNumbers.get(split)
  }

  defineStream(stream: Stream, number = this.streams.length): number {
    this.streams[number] = stream
    this.#streamNumbers.set(stream, number)
    return number
  }

  defineSplit(split: string, number = this.splits.length): number {
    this.splits[number] = split
    this.#splitNumbers.set(split, number)
    return number
  }

  /** A block of a stream has been taken; the next is due then. */
  met(stream: string, due: bigint | undefined): void {
    if (due === undefined) this.due.delete(stream)
    else this.due.set(stream, due)
  }

  /** What is to be declared before the next block of this stream. */
  gapBefore(stream: string): Gap | undefined {
    const pending = this.pending.size > 0 ? this.pending.get(stream) : undefined
    if (pending || this.others === undefined || this.scans.has(stream)) return pending
    return { scans: 'unknown', cause: this.others }
  }

  /** Something is missing of this stream before its next block. */
  missing(stream: string, gap: Gap): void {
    this.pending.set(stream, joinGaps(this.pending.get(stream), gap) as Gap)
  }

  /** Something unknown may be missing of every stream. */
  missingOfAll(cause: GapCause): void {
    for (const stream of this.scans.keys()) this.missing(stream, { scans: 'unknown', cause })
    this.others = cause
  }

  noteOf(stream: Stream, number: number): Note {
    return { streams: [this.#streamNote(stream, number)] }
  }

  #streamNote(stream: Stream, number: number): readonly [number, StreamJson, number, string?] {
    const { id } = stream
    const head = [number, streamToJson(stream), this.scans.get(id) ?? 0] as const
    const due = this.due.get(id)
    return due === undefined ? head : [head[0], head[1], head[2], String(due)]
  }

  #splitNote(name: string, number: number): readonly [number, string, number | null, string?] {
    const head = [number, name, this.positions.get(name) ?? null] as const
    const memo = this.memos.get(name)
    return memo === undefined ? head : [head[0], head[1], head[2], memo]
  }

  pendingNote(): Note {
    return { pending: pendingOf(this.pending) }
  }

  table(): Note {
    const { streams, splits } = this
    return {
      table: true,
      streams: streams.flatMap((stream, i) => (stream ? [this.#streamNote(stream, i)] : [])),
      splits: splits.flatMap((name, i) => (name === undefined ? [] : [this.#splitNote(name, i)])),
      pending: pendingOf(this.pending),
      others: this.others,
      ids: Array.from(this.ids.snapshot())
    }
  }

  /** Takes over what a note says; `isKnown` keeps the scans that are known already, so that holes are seen. */
  apply(note: Note, isKnown = false): void {
    for (const [number, json, scans, due] of note.streams ?? []) {
      const stream = streamFromJson(json, 'spool: stream')
      this.defineStream(stream, number)
      if (!isKnown || !this.scans.has(stream.id)) this.scans.set(stream.id, scans)
      if (!isKnown && due !== undefined) this.due.set(stream.id, BigInt(due))
    }
    for (const [number, name, position, memo] of note.splits ?? []) {
      this.defineSplit(name, number)
      if (position !== null) this.positions.set(name, position)
      if (memo !== undefined) this.memos.set(name, memo)
    }
    if (note.pending) this.pending = new Map(note.pending.map(([id, scans, cause]) => [id, { scans, cause }]))
    if (note.pending) this.isDropping = false
    if (note.table) this.others = note.others
    if (note.dropping) this.isDropping = true
    if (note.ids) {
      this.ids = new SeenIds()
      for (const id of note.ids) this.ids.add(id)
    }
  }
}

function pendingOf(pending: ReadonlyMap<string, Gap>): NonNullable<Note['pending']> {
  return Array.from(pending, ([id, { scans, cause }]) => [id, scans, cause] as const)
}
