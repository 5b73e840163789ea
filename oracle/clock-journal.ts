import { appendFileSync, readFileSync } from 'node:fs'
import { type Block, timeNs } from '@messwerk/core/model'

/** What the process under test says of a block's clock, beside the store, which does not keep it. */
interface Said {
  /** Time of the first scan, ms. */
  readonly from: number
  /** ± ms. */
  readonly uncertainty: number
}

/** Notes first time and uncertainty of blocks; blocks that are written again are noted again. */
export function noteClock(path: string, blocks: readonly Block[]): void {
  let text = ''
  for (const block of blocks) text += `${timeNs(block)} ${block.time.uncertainty}\n`
  appendFileSync(path, text)
}

/** Uncertainties by time. */
export class ClockJournal {
  readonly #said: readonly Said[]

  constructor(path: string) {
    const said = readFileSync(path, 'utf8').split('\n').slice(0, -1).map(saidIn)
    this.#said = said.sort((a, b) => a.from - b.from)
  }

  /** How uncertain the time of a scan is said to be, ± ms, by its time in the store. */
  uncertaintyAt(ms: number): number {
    let from = 0
    let to = this.#said.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#said[middle]!.from > ms) to = middle
      else from = middle + 1
    }
    return this.#said[from - 1]?.uncertainty ?? 0
  }
}

/** Rounded to ms as in the store. */
function saidIn(line: string): Said {
  const [start, uncertainty] = line.split(' ')
  const ns = BigInt(start!)
  return { from: Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6, uncertainty: Number(uncertainty) / 1e6 }
}
