import type { ClientSession, DataValue, HistoryData } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { serverStartOf } from './open-subscription.ts'
import { readInChunks } from './read-in-chunks.ts'
import type { StreamTable } from './stream-table.ts'
import { clockOf, fineNs, wholeMs } from './value-time.ts'

/** @internal */
export interface HistoryOptions {
  readonly session: ClientSession
  readonly lib: OpcuaLibrary
  readonly table: StreamTable
  readonly clock: 'source' | 'server'
  /** ms since the Unix epoch. */
  readonly now: number
  /** What was added is ready. */
  readonly take: () => void
}

const VALUES_A_REQUEST = 10_000
/** Servers' clocks differ from ours; what is newer than now is in the subscription. */
const AHEAD_MS = 60_000
/** A refusal; any other error is one of the connection. */
const REFUSED =
  /Bad(?:History|NoData|NotSupported|NotImplemented|ServiceUnsupported|UserAccess|NotReadable|NodeId)\w*|does not reach back/
const SHORT = 'it does not reach back to the last value'
/** What a double of ms is off. */
const EPSILON_MS = 0.0005

/**
 * Reads what the server has recorded of each node since its last value, behind a gap: of 0 scans where the history of every
 * node has that value too and the server was not started meanwhile, else of unknown size.
 *
 * @returns nodes whose history is not whole, and why @throws what is no refusal @internal
 */
export async function readHistory(options: HistoryOptions): Promise<readonly string[]> {
  const { session, lib, table, take } = options
  const refused: string[] = []
  const since = Array.from(table.nodes, (_, handle) => table.lastMs(handle))
  const wasThere = (await serverStartOf(session)) < Math.min(...since)
  const attributeId = lib.AttributeIds.Value
  const present = await readInChunks(
    session,
    table.nodes.map(({ nodeId }) => ({ nodeId, attributeId }))
  )
  for (const [handle, { plan }] of table.nodes.entries()) {
    try {
      await readNode(options, handle, present[handle] as DataValue)
    } catch (error) {
      const why = REFUSED.exec(String(error))?.[0]
      if (why === undefined) throw error
      refused.push(`no history of ${plan.name}: ${why.startsWith('Bad') ? why : SHORT}`)
    }
  }
  table.tear({ scans: wasThere && refused.length === 0 ? 0 : 'unknown', cause: 'reconnect' })
  take()
  return refused
}

/** @throws Error where the server refuses, or where it is not sure that nothing is missing */
async function readNode(options: HistoryOptions, handle: number, present: DataValue): Promise<void> {
  const { table, clock, now } = options
  const since = table.lastMs(handle)
  if (!Number.isFinite(since)) throw new Error(SHORT)
  const { nodeId } = table.nodes[handle] as (typeof table.nodes)[number]
  let from = Math.floor(since)
  let last: DataValue | undefined
  let isWhole = false
  let isPast = false
  let continuationPoint: Buffer | undefined
  for (;;) {
    const answer = await ask(options, continuationPoint ? { nodeId, continuationPoint } : { nodeId }, from)
    const before = last
    for (const value of answer.values) {
      if (last && !isBehind(value, last)) continue
      const of = clockOf(value, clock)
      if (!last) isWhole = wholeMs(value, of, now) + fineNs(value, of, now) / 1e6 <= since + EPSILON_MS
      if (!table.addHistorical(handle, value, now)) isWhole = false
      last = value
    }
    continuationPoint = answer.continuationPoint
    if (continuationPoint) continue
    if (last !== before && isPast) isWhole = false
    // what is newer than the present is in the subscription
    if (!last?.sourceTimestamp || !isBehind(present, last) || answer.values.length === 0 || isPast) break
    // servers may cut below what was asked for, and not say that there is more, also within one ms
    isPast = last === before
    from = last.sourceTimestamp.getTime() + (isPast ? 1 : 0)
  }
  if (!isWhole) throw new Error(SHORT)
}

interface Answer {
  readonly values: readonly DataValue[]
  readonly continuationPoint: Buffer | undefined
}

async function ask({ session, lib, now }: HistoryOptions, node: object, from: number): Promise<Answer> {
  const request = new lib.HistoryReadRequest({
    historyReadDetails: new lib.ReadRawModifiedDetails({
      isReadModified: false,
      startTime: new Date(from),
      endTime: new Date(now + AHEAD_MS),
      numValuesPerNode: VALUES_A_REQUEST,
      returnBounds: false
    }),
    timestampsToReturn: lib.TimestampsToReturn.Both,
    releaseContinuationPoints: false,
    nodesToRead: [node]
  })
  const [result] = (await session.historyRead(request)).results ?? []
  if (!result) throw new Error('no answer')
  if (result.statusCode.isBad()) throw new Error(result.statusCode.name)
  return {
    values: (result.historyData as HistoryData | null)?.dataValues ?? [],
    continuationPoint: result.continuationPoint?.length ? result.continuationPoint : undefined
  }
}

function isBehind(value: DataValue, last: DataValue): boolean {
  if (!value.sourceTimestamp || !last.sourceTimestamp) return true
  const ms = value.sourceTimestamp.getTime() - last.sourceTimestamp.getTime()
  return ms > 0 || (ms === 0 && value.sourcePicoseconds > last.sourcePicoseconds)
}
