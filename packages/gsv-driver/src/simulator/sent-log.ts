/**
 * What became of scans of a simulated amplifier, for judges.
 *
 * - `written`: to the wire, whole; `damaged`: to the wire, with wrong or missing bytes; `lost`: measured while the
 *   transmission was on, and never written: nobody read in time, the line was down, or a loss was asked for; `silent`:
 *   measured while the transmission was off
 *
 * @example
 * ```ts
 * import type { SentScans } from '@messwerk/gsv-driver/simulator'
 *
 * const entry: SentScans = { from: 100, to: 200, fate: 'lost' }
 * entry.to - entry.from // => 100
 * ```
 */
export interface SentScans {
  /** Scans `from` to `to` (not included), numbered since the transmission was first started. */
  readonly from: number
  readonly to: number
  readonly fate: 'written' | 'damaged' | 'lost' | 'silent'
}

interface Entry {
  readonly from: number
  to: number
  readonly fate: SentScans['fate']
}

/** What became of each scan, in runs. @internal */
export class SentLog {
  lost = 0
  silent = 0
  readonly #entries: Entry[] = []
  readonly #damages: Entry[] = []

  add(from: number, count: number, fate: 'written' | 'lost' | 'silent'): void {
    if (count === 0) return
    if (fate !== 'written') this[fate] += count
    append(this.#entries, from, count, fate)
  }

  /** Scans whose bytes were damaged on the way; in order. */
  damaged(from: number, count: number): void {
    append(this.#damages, from, count, 'damaged')
  }

  /** In the order of the scans, without holes. */
  get entries(): SentScans[] {
    const all: SentScans[] = []
    let next = 0
    for (const { from, to, fate } of this.#entries) {
      let at = from
      for (; next < this.#damages.length && (this.#damages[next] as Entry).from < to; next += 1) {
        const damage = this.#damages[next] as Entry
        if (damage.from > at) all.push({ from: at, to: damage.from, fate })
        const end = Math.min(damage.to, to)
        all.push({ from: Math.max(at, damage.from), to: end, fate: 'damaged' })
        at = end
        if (damage.to > to) break
      }
      if (at < to) all.push({ from: at, to, fate })
    }
    return all
  }
}

function append(entries: Entry[], from: number, count: number, fate: Entry['fate']): void {
  const last = entries.at(-1)
  if (last && last.fate === fate && last.to >= from) last.to = Math.max(last.to, from + count)
  else entries.push({ from, to: from + count, fate })
}
