import type { OpcuaLibrary } from './load-opcua.ts'
import type { OpcuaSession } from './opcua-session.ts'
import { type HistoryOptions, readHistory } from './read-history.ts'
import type { ReadingOptions } from './reading-options.ts'
import type { StreamTable } from './stream-table.ts'

/**
 * What a new subscription has not seen: from the server's history, or a hole. History that took so long to hand over that
 * queues of the server may have overflown meanwhile is read on, until the subscription has all that is behind it.
 *
 * @returns whether all of it was handed over @internal
 */
export async function enterMissed(
  { plan, carried, scheduler }: ReadingOptions,
  from: { readonly session: OpcuaSession; readonly lib: OpcuaLibrary; readonly table: StreamTable },
  to: Pick<HistoryOptions, 'take' | 'refused'>
): Promise<boolean> {
  if (!plan.backfills || !carried.hasRead) {
    from.table.tear({ scans: 'unknown', cause: 'reconnect' })
    return true
  }
  const common = Object.assign({ now: () => scheduler.now(), clock: plan.clock }, from, to)
  for (let goesOn = false; ; goesOn = true) {
    const began = scheduler.elapsed()
    if (!(await readHistory(Object.assign({ goesOn }, common)))) return false
    if (scheduler.elapsed() - began <= plan.outageMs / 2) return true
  }
}
