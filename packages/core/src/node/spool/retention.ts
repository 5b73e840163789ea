import type { SpoolLimits } from '../../model/spool-bounds.ts'
import type { Scheduler } from '../../time/scheduler.ts'
import type { LogEnd } from './log-end.ts'
import type { SegmentList } from './segment-list.ts'

/** How much a log holds, and what goes when it is full or too old. @internal */
export class Retention {
  /** Waits for its reader. */
  isFull = false
  readonly #limits: SpoolLimits
  readonly #scheduler: Scheduler
  readonly #segments: SegmentList
  readonly #end: LogEnd

  constructor(limits: SpoolLimits, scheduler: Scheduler, segments: SegmentList, end: LogEnd) {
    this.#limits = limits
    this.#scheduler = scheduler
    this.#segments = segments
    this.#end = end
  }

  /** Bytes with those that are not written yet. */
  get bytes(): number {
    return this.#segments.bytes + this.#end.bytes
  }

  /** Whether there is room for so many bytes behind those in the chunk; one batch always fits an empty spool. */
  fits(bytes: number, inChunk: number, durable: number): boolean {
    if (this.#hasRoom(bytes, inChunk)) return true
    const { previous } = this.#end
    const hasData = inChunk > 0 || this.#end.hasData
    const hasClosed = this.#segments.all.some(({ isClosed }) => isClosed)
    if (!hasClosed && !hasData && !previous) return true
    if (this.#limits.onFull === 'dropOldest') return this.#fitsWithoutOldest(bytes, inChunk, hasData)
    if (this.#segments.released >= durable && this.#fitsWithoutReleased(bytes, inChunk, hasData, durable)) return true
    this.isFull = this.#limits.onFull === 'block'
    return false
  }

  #hasRoom(bytes: number, inChunk: number): boolean {
    const table = this.#end.writer ? 0 : this.#end.tableBytes
    return this.bytes + inChunk + table + bytes <= this.#limits.bytes
  }

  #fitsWithoutOldest(bytes: number, inChunk: number, hasData: boolean): boolean {
    const end = this.#end
    while (!this.#hasRoom(bytes, inChunk) && this.#segments.hasDroppable) this.#segments.dropOldest()
    if (this.#hasRoom(bytes, inChunk)) return true
    if (end.previous) return false
    if (!(end.writer && hasData)) return true
    end.mustRoll = true // it can be dropped then
    return false
  }

  /** Everything was read: the segments can go as soon as there is a new one. */
  #fitsWithoutReleased(bytes: number, inChunk: number, hasData: boolean, durable: number): boolean {
    const end = this.#end
    const segments = this.#segments
    if (end.writer) {
      if (hasData && durable === end.next - 1 && inChunk === 0) end.mustRoll = true
      return false
    }
    if (!segments.all.some(({ isClosed }) => isClosed)) return false
    end.begin()
    segments.release(segments.released)
    return this.#hasRoom(bytes, inChunk) || segments.all.length === 1
  }

  /** What is too old goes, by whole segments; one is ended in time for that. */
  dropAged(): void {
    const { ageMs } = this.#limits
    if (ageMs === undefined) return
    const now = this.#scheduler.now()
    const segments = this.#segments
    while (segments.hasDroppable && (segments.all[0]?.lastAt ?? now) < now - ageMs) segments.dropOldest()
    const active = this.#end.writer?.segment
    if (active && active.last >= active.first && this.#end.begunAt < now - ageMs / 8) this.#end.mustRoll = true
  }
}
