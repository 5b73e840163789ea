import type { Stored, StoredEvent, StoredRows } from './stored.ts'

/**
 * What one store would have if all processes had written into it: what has the same key (stream and time; of an event its id) and the
 * same content is there once, and counted in `repeatedLines`. What has the same key and another content stays twice: it is wrong.
 */
export function mergeStored(stores: readonly Stored[]): Stored {
  const [only] = stores
  if (stores.length === 1 && only) return only
  const merge = new Merge()
  const rows: StoredRows = { stream: [], ms: [], id: [], v: [] }
  for (const store of stores) {
    const { stream, ms, id, v } = store.rows
    for (let i = 0; i < id.length; i += 1) {
      if (!merge.isNew(`row ${stream[i]} ${ms[i]} ${id[i]} ${v[i]}`)) continue
      rows.stream.push(stream[i] as string)
      rows.ms.push(ms[i] as number)
      rows.id.push(id[i] as number)
      rows.v.push(v[i] as number)
    }
  }
  const gaps = stores.flatMap((store) => store.gaps.filter((gap) => merge.isNew(`gap ${gap.stream} ${gap.before}`)))
  const windows = stores.flatMap((store) =>
    store.windows.filter(({ stream, ms, value }) => merge.isNew(`window ${stream} ${ms} ${value}`))
  )
  const events = eventsOf(
    stores.flatMap((store) => store.events),
    merge
  )
  const repeatedLines = stores.reduce((sum, store) => sum + store.repeatedLines, merge.repeated)
  return { rows, gaps, windows, events, repeatedLines }
}

class Merge {
  repeated = 0
  readonly #seen = new Set<string>()

  isNew(text: string): boolean {
    const size = this.#seen.size
    if (this.#seen.add(text).size > size) return true
    this.repeated += 1
    return false
  }
}

/** An end counts as a later state of its begin, whoever has stored which. */
function eventsOf(all: readonly StoredEvent[], merge: Merge): StoredEvent[] {
  const ended = new Set(all.filter(({ phase }) => phase === 'end').map(({ id }) => id))
  const latest = all.filter(({ id, phase }) => phase === 'end' || !ended.has(id))
  return latest.filter((event) => merge.isNew(`event ${JSON.stringify(event)}`))
}
