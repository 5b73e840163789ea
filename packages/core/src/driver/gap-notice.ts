import { type Block, timeNs, timeOf } from '../model/block.ts'
import type { Gap } from '../model/gap.ts'
import type { Batch } from '../model/source.ts'

/**
 * What is missing at the end has no block behind it to carry its gap: a notice says so.
 *
 * @param position - of the last scan, missing ones counted
 * @internal
 */
export function gapNotice(last: Block, gap: Gap, position: number): Batch {
  const { id: stream } = last.stream
  const { split } = last.origin
  const start = timeOf(last, last.length - 1)
  const id = `${stream}/gap/${timeNs(last, last.length - 1)}`
  const origin = { split, position }
  const event = { id, kind: 'notice', phase: 'end', stream, rule: 'gap', start, end: start, origin, data: gap } as const
  return { split, position, blocks: [], events: [event] }
}
