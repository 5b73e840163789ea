/** Part of the scores, from the top, in which alarms are looked for. */
const TOP = 0.2

/**
 * How high a limit may be for so many alarms: `levels[i]` is the highest one that gives i + 1 of them. Descending.
 *
 * Alarms are counted as they will be raised: scans at or over the limit are one alarm unless more than `apart` scans lie from one to
 * the next. Looks at the highest fifth of the scores.
 *
 * @internal
 */
export function alarmLevels(scores: Float64Array, apart: number, most: number): number[] {
  const levels: number[] = []
  const order = highest(scores)
  const inserted = new Int32Array(order.length)
  let alarms = 0
  for (let i = 0; i < order.length && levels.length < most; ) {
    const level = scores[order[i]!]!
    for (; i < order.length && scores[order[i]!] === level; i += 1) alarms += joined(inserted, i, order[i]!, apart)
    while (levels.length < Math.min(alarms, most)) levels.push(level)
  }
  return levels
}

/** Puts a scan among the `count` before it, which are in order; returns by how many alarms there are more. */
function joined(inserted: Int32Array, count: number, scan: number, apart: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (inserted[middle]! < scan) low = middle + 1
    else high = middle
  }
  const before = low > 0 ? inserted[low - 1]! : Number.NEGATIVE_INFINITY
  const behind = low < count ? inserted[low]! : Number.POSITIVE_INFINITY
  inserted.copyWithin(low + 1, low, count)
  inserted[low] = scan
  const wereOne = behind - before <= apart
  if (wereOne) return 0
  return 1 - (scan - before <= apart ? 1 : 0) - (behind - scan <= apart ? 1 : 0)
}

/** The scans of the highest scores, highest first; equal ones in order. */
function highest(scores: Float64Array): Uint32Array {
  const sorted = scores.slice().sort()
  const least = sorted[Math.floor((1 - TOP) * sorted.length)]!
  const order = Uint32Array.from(scores.keys()).filter((i) => scores[i]! >= least)
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b)
}
