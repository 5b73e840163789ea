import { join } from 'node:path'
import { ChunkBuffer } from './chunk-buffer.ts'
import type { Segment } from './recover.ts'
import { putSegmentHeader, SEGMENT_HEADER, saltOf, segmentName } from './segment-name.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'

/** @internal */
export const CHUNK_BYTES = 1 << 20
const FIRST_CHUNK_BYTES = 16 << 10

/**
 * The segment that is written. Chunks are kept until they were synced: after an error all of them are written again over
 * what the disk may or may not have of them (after a failed sync it may have forgotten them).
 *
 * @internal
 */
export class SegmentWriter {
  readonly segment: Segment
  readonly salt: number
  /** Bytes with those that wait, and bytes that a reader may read. */
  planned = 0
  synced = 0
  readonly #files: SpoolFiles
  readonly #folder: string
  #file: SpoolFile | undefined
  #chunks: ChunkBuffer[] = []
  #pushed = 0
  #written = 0
  #spare: ChunkBuffer[] = []
  #isDirty = false
  #isKnown = false

  constructor(files: SpoolFiles, folder: string, segment: Segment) {
    this.#files = files
    this.#folder = folder
    this.segment = segment
    this.salt = saltOf(segment.first)
  }

  /** Bytes that are not synced. */
  get unsynced(): number {
    return this.planned - this.synced
  }

  /** An empty chunk to be filled, the header in it when it is the first. */
  chunk(): ChunkBuffer {
    const chunk = this.#spare.pop() ?? new ChunkBuffer(FIRST_CHUNK_BYTES)
    chunk.at = 0
    chunk.last = 0
    if (this.planned > 0) return chunk
    putSegmentHeader(chunk.bytes, chunk.view, this.segment.first)
    chunk.at = SEGMENT_HEADER
    return chunk
  }

  /** Takes a filled chunk. */
  add(chunk: ChunkBuffer): void {
    this.#chunks.push(chunk)
    this.planned += chunk.at
  }

  /** Chunks that the system does not have yet, and chunks that it has. */
  get unpushed(): number {
    return this.#chunks.length - this.#pushed
  }

  get pushed(): number {
    return this.#pushed
  }

  /** Gives the chunks that wait now to the system. */
  async push(): Promise<void> {
    const file = await this.#opened()
    if (this.#isDirty) {
      await file.truncate(this.synced)
      this.#isDirty = false
    }
    for (let left = this.unpushed; left > 0; left -= 1) {
      const { filled } = this.#chunks[this.#pushed] as ChunkBuffer
      await file.write(filled, this.#written)
      this.#written += filled.length
      this.#pushed += 1
    }
  }

  /** Resolves when what was pushed is on disk, with the position of the last batch of it. */
  async sync(): Promise<number> {
    const count = this.#pushed
    const to = this.#written
    const file = await this.#opened()
    await file.sync()
    if (!this.#isKnown) await this.#files.syncFolder(this.#folder)
    this.#isKnown = true
    this.synced = to
    const done = this.#chunks.splice(0, count)
    this.#pushed -= count
    const last = done.reduce((latest, chunk) => Math.max(latest, chunk.last), 0)
    this.#keep(done)
    return last
  }

  /** Chunks are used again: as many as the last sync had, so that memory follows the rate. */
  #keep(done: readonly ChunkBuffer[]): void {
    this.#spare = done
      .concat(this.#spare)
      .filter(({ bytes }) => bytes.length <= 2 * CHUNK_BYTES)
      .slice(0, done.length + 2)
  }

  /** After an error: everything since the last sync is to be written again, behind a cut of what was half written. */
  async rewind(): Promise<void> {
    this.#pushed = 0
    this.#written = this.synced
    this.#isDirty = true
    const cut = this.#file?.truncate(this.synced)
    await cut
      ?.then(() => {
        this.#isDirty = false
      })
      .catch(() => {})
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #opened(): Promise<SpoolFile> {
    if (this.#file) return this.#file
    const file = await this.#files.open(join(this.#folder, segmentName(this.segment.first)), 'write')
    this.#file = file
    this.#isDirty = true
    return file
  }
}
