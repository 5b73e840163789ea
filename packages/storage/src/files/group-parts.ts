import { DecodeError } from '@messwerk/core/model'
import type { RecordFeed } from './record-feed.ts'
import type { ReplayPlan } from './replay-plan.ts'
import { RowParser } from './row-parser.ts'

/** A part of the file to read: from a place on, up to another, the lines of one group or all. @internal */
export interface Part {
  readonly offset: number
  readonly line: number
  readonly to: number
  readonly only: string | undefined
}

const SHOWN = 20
const KEPT = 1000

/**
 * Where the groups to replay begin and end, in the order asked for. Reads the file once. Of a group only its first and
 * its last line are kept, so a file whose groups are mixed line by line needs no more memory, but is read once a group.
 *
 * @throws DecodeError when a group is not in the file; it lists some that are
 * @internal
 */
export async function groupParts(plan: ReplayPlan, feed: RecordFeed, signal: AbortSignal): Promise<readonly Part[]> {
  const order = plan.options.group?.order
  if (!order) return [{ offset: feed.begin.offset, line: feed.begin.line, to: Infinity, only: undefined }]
  const found = await findGroups(plan, feed, new Set(order), signal)
  if (signal.aborted) return []
  return order.map((name) => {
    const part = found.parts.get(name)
    if (part) return part
    const why = `group.order names '${name}', which is not in column '${plan.options.group?.column}'`
    throw new DecodeError(plan.path, `${why}; ${whatThereIs(name, [...found.parts.keys(), ...found.others])}`)
  })
}

async function findGroups(plan: ReplayPlan, feed: RecordFeed, wanted: ReadonlySet<string>, signal: AbortSignal) {
  const { reader } = feed
  const row = new RowParser(plan, feed)
  const parts = new Map<string, { offset: number; line: number; to: number; only: string }>()
  const others = new Set<string>()
  for (;;) {
    const state = reader.next()
    if (state === 'end' || signal.aborted) return { parts, others }
    if (state === 'more') {
      await feed.more()
      continue
    }
    const name = row.group()
    if (reader.lines > 1 && !row.parse()) reader.giveUp()
    if (name === undefined) continue
    const part = parts.get(name)
    if (part) part.to = reader.nextOffset
    else if (wanted.has(name))
      parts.set(name, { offset: reader.offset, line: reader.line, to: reader.nextOffset, only: name })
    else if (others.size < KEPT) others.add(name)
  }
}

function whatThereIs(name: string, names: readonly string[]): string {
  const close = names.find((other) => other.toLowerCase().includes(name.toLowerCase()))
  const shown = names.slice(0, SHOWN).map((other) => `'${other}'`)
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `it has: ${shown.join(', ')}${more}${close === undefined ? '' : `. Did you mean '${close}'?`}`
}
