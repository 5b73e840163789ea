import type { Stored, StoredEvent, StoredGap, StoredRows, StoredWindow } from './stored.ts'

export type Line = Record<string, unknown>

/** What an append-only log has. What stands twice is joined by stream and time, events by id, as documented. */
export class StoredLog {
  readonly #feature: string
  readonly #rows: StoredRows = { stream: [], ms: [], id: [], v: [] }
  readonly #gaps = new Map<string, StoredGap>()
  readonly #windows: StoredWindow[] = []
  readonly #events = new Map<string, StoredEvent>()
  readonly #lines = new Map<string, string>()
  #repeated = 0

  constructor(feature: string) {
    this.#feature = feature
  }

  raw({ stream, time, id, v, gap }: Line, text: string): void {
    const ms = msOf(time as string)
    if (gap !== undefined) {
      const key = `${stream}@${ms}`
      if (this.#gaps.has(key)) this.#repeated += 1
      const { scans, cause } = gap as StoredGap
      this.#gaps.set(key, { stream: stream as string, before: ms, scans, cause })
    } else if (this.#isNew(`${stream}@${time}`, text)) {
      this.#rows.stream.push(stream as string)
      this.#rows.ms.push(ms)
      this.#rows.id.push(id as number)
      this.#rows.v.push(v as number)
    }
  }

  window(line: Line, text: string): void {
    const { stream, time, gap } = line
    if (gap !== undefined || !this.#isNew(`window ${stream}@${time}`, text)) return
    const value = line[this.#feature] as number
    this.#windows.push({ stream: stream as string, ms: msOf(time as string), value })
  }

  event(line: Line): void {
    const { id, kind, phase, stream, start, peak, end, values, data } = line as never as StoredEvent &
      Record<string, Line>
    if (this.#events.get(id)?.phase === 'end') {
      this.#repeated += 1
      if (phase === 'begin') return
    }
    const value = (values?.[this.#feature] as Line | undefined)?.value as number | undefined
    this.#events.set(id, { id, kind, phase, stream, start, peak, end, value, endedBy: data?.endedBy as never })
  }

  stored(): Stored {
    return {
      rows: this.#rows,
      gaps: [...this.#gaps.values()],
      windows: this.#windows,
      events: [...this.#events.values()],
      repeatedLines: this.#repeated
    }
  }

  /** A line that repeats one word for word is the same row; one that differs is a second row. */
  #isNew(key: string, text: string): boolean {
    const known = this.#lines.get(key)
    if (known === undefined) this.#lines.set(key, text)
    else if (known === text) this.#repeated += 1
    return known !== text
  }
}

/** ISO 8601 with up to nine decimal places. */
function msOf(time: string): number {
  return Date.parse(`${time.slice(0, 23)}Z`) + Number(time.slice(23, -1).padEnd(6, '0')) / 1e6
}
