import { type Block, timeOf } from '../model/block.ts'

/**
 * One scan as an object: its time and a number by channel name.
 *
 * @example
 * ```ts
 * import type { Row } from '@messwerk/core'
 *
 * const row: Row<'pressure'> = { time: new Date(0), pressure: 3.1 }
 * row.pressure // => 3.1
 * ```
 */
export type Row<C extends string> = { readonly time: Date } & Readonly<Record<Exclude<C, 'time'>, number>>

/**
 * A block as objects, one a scan: the way out for one's own program. Not for hot paths.
 *
 * @example
 * ```ts
 * import { rows } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })
 * rows(block) // => [{ time: new Date(0), a: 1 }, { time: new Date(100), a: 2 }]
 * ```
 */
export function rows<C extends string>(block: Block<C>): Row<C>[] {
  const names = block.stream.channels.map((channel) => channel.name)
  return Array.from({ length: block.length }, (_, scan) => {
    const row: Record<string, unknown> = { time: new Date(timeOf(block, scan)) }
    for (const [c, name] of names.entries()) row[name] = block.values[c * block.length + scan]
    return row as Row<C>
  })
}
