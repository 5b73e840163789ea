import type { CountedRow } from './judge-opcua.ts'

/** What a monitored item of a server has looked at, in order. */
interface SeenItem {
  readonly values: number[]
  /** ns since the Unix epoch. */
  readonly times: bigint[]
}

/** 1601 to 1970, in steps of 100 ns. */
const UNIX_EPOCH = 116_444_736_000_000_000n
/** A server's sampling writes a value down with its own time; the stored one may be moved by a few ns. */
const SAME_NS = 1_000_000n

/**
 * Reads a server's own log of its sampling, a line `item time value` for each value that it saw, `start` at each start.
 *
 * @returns how many values the server saw between two that were stored; undefined where no item has seen both
 */
export function readSeenLog(text: string): (before: CountedRow, row: CountedRow) => number | undefined {
  const items: SeenItem[] = []
  let first = 0
  for (const line of text.split('\n')) {
    if (line === 'start') first = items.length
    const [item, time, value] = line.split(' ')
    if (value === undefined) continue // torn by a kill
    const at = first + Number(item)
    const of = items[at] ?? { values: [], times: [] }
    items[at] = of
    of.values.push(Number(value))
    of.times.push((BigInt(time as string) - UNIX_EPOCH) * 100n)
  }
  return (before, row) => {
    // of several, the newest: the others belong to subscriptions that nobody asks any more
    for (let i = items.length - 1; i >= 0; i -= 1) {
      const [from, to] = [placeOf(items[i], before), placeOf(items[i], row)]
      if (from >= 0 && to > from) return to - from - 1
    }
    return undefined
  }
}

/** Where an item has seen a value, by bisection: a counter rises; -1: nowhere. */
function placeOf(item: SeenItem | undefined, { value, time }: CountedRow): number {
  if (!item) return -1
  let [low, high] = [0, item.values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((item.values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  if (item.values[low] !== value) return -1
  const off = (item.times[low] as bigint) - time
  return off < SAME_NS && off > -SAME_NS ? low : -1
}
