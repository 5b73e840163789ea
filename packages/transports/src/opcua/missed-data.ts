import type { OpcuaLibrary } from './load-opcua.ts'
import type { OpcuaSession } from './opcua-session.ts'
import { readHistory } from './read-history.ts'
import type { ReadingOptions } from './reading-options.ts'
import type { StreamTable } from './stream-table.ts'

/** What a new subscription has not seen: from the server's history, or a hole. @internal */
export async function enterMissed(
  { plan, carried, scheduler }: ReadingOptions,
  from: { readonly session: OpcuaSession; readonly lib: OpcuaLibrary; readonly table: StreamTable },
  to: { readonly take: () => void; readonly refused: (why: string) => void }
): Promise<void> {
  const { table } = from
  if (!plan.backfills || !carried.hasRead) return table.tear({ scans: 'unknown', cause: 'reconnect' })
  const refused = await readHistory(Object.assign({ now: scheduler.now(), clock: plan.clock, take: to.take }, from))
  for (const why of refused) to.refused(why)
}
