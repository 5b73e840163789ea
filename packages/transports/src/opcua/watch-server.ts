import { NotConnectedError, type SdkError } from '@messwerk/core/model'
import { DataWatch } from './data-watch.ts'
import type { OpcuaSession } from './opcua-session.ts'
import type { ReadingOptions } from './reading-options.ts'
import type { StreamTable } from './stream-table.ts'

const SERVER_TIME = 'i=2258'
const VALUE = 13

/** What a watch is told, and whom it tells. @internal */
export interface ServerWatch {
  readonly session: OpcuaSession
  readonly table: StreamTable
  readonly publishMs: number
  readonly keepAliveMs: number
  readonly isPaused: () => boolean
  readonly runs: () => void
  readonly degraded: (why: string) => void
  readonly failed: (error: SdkError) => void
}

/** Watches that a server goes on sending, and its clock. @internal */
export function watchServer({ plan, carried, scheduler }: ReadingOptions, watch: ServerWatch): DataWatch {
  const { session, table, publishMs, keepAliveMs, isPaused, runs, degraded, failed } = watch
  return new DataWatch({
    scheduler,
    publishMs,
    keepAliveMs,
    isPaused,
    probe: async () => {
      const { value } = await session.read({ nodeId: SERVER_TIME, attributeId: VALUE })
      return (value?.value as Date | undefined)?.getTime() ?? Number.NaN
    },
    quiet: (why) => {
      if (why === undefined) runs()
      else degraded(why)
    },
    dead: (why, isLink) => {
      // one that stays silent while its session answers is not worth taking over; Eclipse Milo 1.0.5 never says that it lives
      // where that is asked for in each interval
      if (!isLink) {
        carried.subscription = undefined
        carried.keepAlives = 2
      }
      failed(new NotConnectedError(plan.connection.url, why))
    },
    stepped: (byMs) => {
      table.tear({ scans: 'unknown', cause: 'lost' })
      degraded(`the server's clock was set by ${(byMs / 1000).toFixed(1)} s: declared as a gap`)
    }
  })
}
