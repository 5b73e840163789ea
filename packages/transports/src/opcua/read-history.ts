import type { ClientSession, DataValue } from 'node-opcua-client'
import { HistoryCursor, type HistoryServer } from './history-cursor.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import { serverStartOf } from './open-subscription.ts'
import { readInChunks } from './read-in-chunks.ts'
import type { StreamTable } from './stream-table.ts'

/** @internal */
export interface HistoryOptions {
  readonly session: ClientSession
  readonly lib: OpcuaLibrary
  readonly table: StreamTable
  readonly clock: 'source' | 'server'
  /** ms since the Unix epoch. */
  readonly now: () => number
  /** Whether this goes on behind history that was read before: then only a hole is declared. */
  readonly goesOn: boolean
  /** Hands over what was added, and waits until more is wanted; false when nothing is any more. */
  readonly take: () => Promise<boolean>
  /** Told of nodes whose history is not whole, and why. */
  readonly refused: (why: string) => void
}

/** Most values held, of all nodes together, while no node has fewer than `LEAST_PAGE`. @internal */
export const MOST_HELD = 20_000
const LEAST_PAGE = 50
const MOST_PAGE = 5000
/** A refusal; any other error is one of the connection. */
const REFUSED =
  /Bad(?:History|NoData|NotSupported|NotImplemented|ServiceUnsupported|UserAccess|NotReadable|NodeId|NoContinuationPoints)\w*/
const NO_POINT = 'BadNoContinuationPoints'
const MISFIT = 'it has values that do not fit its channels'

/**
 * Reads what the server has recorded of each node since its last value, behind a gap: of 0 scans where the history of every
 * node has that value too and the server was not started meanwhile, else of unknown size. What turns out to be missing later
 * is a gap of its own there.
 *
 * It is read in pages and handed over in the order of time, each time as far as the pages of all nodes reach; the next
 * pages are asked for when there is room for them.
 *
 * @returns whether all of it was handed over @throws what is no refusal @internal
 */
export async function readHistory(options: HistoryOptions): Promise<boolean> {
  const { session, table, take, goesOn } = options
  const since = table.beginHistorical()
  const wasThere = goesOn || (await serverStartOf(session)) < Math.min(...since)
  const reading = await Histories.of(options, since)
  const isWhole = await reading.fill()
  if (!goesOn || !isWhole) table.tear({ scans: isWhole && wasThere ? 0 : 'unknown', cause: 'reconnect' })
  while (reading.held > 0) {
    reading.release()
    if (!(await take())) return false
    if (!(await reading.fill())) table.tear({ scans: 'unknown', cause: 'reconnect' })
  }
  return true
}

/** The histories of all nodes, side by side. */
class Histories {
  readonly #with: HistoryOptions
  readonly #server: HistoryServer
  readonly #cursors: readonly HistoryCursor[]

  private constructor(options: HistoryOptions, server: HistoryServer, cursors: readonly HistoryCursor[]) {
    this.#with = options
    this.#server = server
    this.#cursors = cursors
  }

  static async of(options: HistoryOptions, since: readonly number[]): Promise<Histories> {
    const { session, lib, clock, now, table } = options
    const attributeId = lib.AttributeIds.Value
    const present = await readInChunks(
      session,
      table.nodes.map(({ nodeId }) => ({ nodeId, attributeId }))
    )
    const share = Math.floor(MOST_HELD / table.nodes.length)
    const pageSize = Math.min(Math.max(share, LEAST_PAGE), MOST_PAGE)
    const server: HistoryServer = { session, lib, clock, now, pageSize, keepsPoints: true }
    const cursors = table.nodes.map(
      ({ nodeId }, handle) => new HistoryCursor(server, nodeId, since[handle] as number, present[handle] as DataValue)
    )
    return new Histories(options, server, cursors)
  }

  /** Values that have been read and not handed over. */
  get held(): number {
    let held = 0
    for (const cursor of this.#cursors) held += cursor.held
    return held
  }

  /** Reads the pages of the nodes that have none. @returns whether nothing is missing before them */
  async fill(): Promise<boolean> {
    let isWhole = true
    for (const [handle, cursor] of this.#cursors.entries()) {
      const why = await this.#fillOne(cursor)
      if (why === undefined) continue
      isWhole = false
      this.#refused(handle, why)
    }
    return isWhole
  }

  async #fillOne(cursor: HistoryCursor): Promise<string | undefined> {
    try {
      await cursor.fill()
      return cursor.problem()
    } catch (error) {
      const status = REFUSED.exec(String(error))?.[0]
      if (status === undefined) throw error
      if (status === NO_POINT && this.#server.keepsPoints) {
        this.#server.keepsPoints = false
        for (const other of this.#cursors) await other.giveBack()
        return this.#fillOne(cursor)
      }
      cursor.end()
      return status
    }
  }

  /** As far as the pages of all nodes reach: behind that another node may have something earlier. */
  release(): void {
    const { table, now } = this.#with
    let until = Number.POSITIVE_INFINITY
    for (const cursor of this.#cursors) if (!cursor.isEnded) until = Math.min(until, cursor.newest())
    for (const [handle, cursor] of this.#cursors.entries()) {
      let fits = true
      cursor.release(until, (value) => {
        if (!table.addHistorical(handle, value, now())) fits = false
      })
      if (fits) continue
      this.#refused(handle, MISFIT)
      table.tear({ scans: 'unknown', cause: 'reconnect' })
    }
  }

  #refused(handle: number, why: string): void {
    this.#with.refused(`no history of ${this.#with.table.nodes[handle]?.plan.name}: ${why}`)
  }
}
