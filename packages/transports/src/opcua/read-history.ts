import type { ClientSession, DataValue, HistoryData } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { StreamTable } from './stream-table.ts'

/** @internal */
export interface HistoryOptions {
  readonly session: ClientSession
  readonly lib: OpcuaLibrary
  readonly table: StreamTable
  /** ms since the Unix epoch. */
  readonly now: number
  /** What was added is ready. */
  readonly take: () => void
}

const VALUES_A_REQUEST = 10_000
const SERVER_START = 'i=2257'
/** Servers' clocks differ from ours; what is newer than now is in the subscription. */
const AHEAD_MS = 60_000

/**
 * Reads what the server has recorded of each node since its last value, behind a gap: of 0 scans, or of unknown size where the server
 * was started meanwhile.
 *
 * @returns nodes of which it keeps no history, and why @internal
 */
export async function readHistory(options: HistoryOptions): Promise<readonly string[]> {
  const { table, take } = options
  const refused: string[] = []
  const known = Array.from(table.nodes, (_, handle) => table.lastMs(handle)).filter(Number.isFinite)
  const scans = (await startedAt(options)) < Math.min(...known) ? 0 : 'unknown'
  table.tear({ scans, cause: 'reconnect' })
  for (const [handle, { plan }] of table.nodes.entries()) {
    const since = table.lastMs(handle)
    if (!Number.isFinite(since)) continue
    try {
      await readNode(options, handle, since)
    } catch (error) {
      refused.push(`no history of ${plan.name}: ${/Bad\w+/.exec(String(error))?.[0] ?? String(error)}`)
    }
  }
  take()
  return refused
}

/** When the server was started, ms since the Unix epoch. */
async function startedAt({ session, lib }: HistoryOptions): Promise<number> {
  const { value } = await session.read({ nodeId: SERVER_START, attributeId: lib.AttributeIds.Value })
  return (value?.value as Date | undefined)?.getTime() ?? Number.POSITIVE_INFINITY
}

async function readNode({ session, lib, table, now }: HistoryOptions, handle: number, since: number): Promise<void> {
  const { nodeId } = table.nodes[handle] as (typeof table.nodes)[number]
  let from = since
  let last: DataValue | undefined
  let continuationPoint: Buffer | undefined
  for (;;) {
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
      nodesToRead: [continuationPoint ? { nodeId, continuationPoint } : { nodeId }]
    })
    const [result] = (await session.historyRead(request)).results ?? []
    if (!result || result.statusCode.isBad()) throw new Error(result?.statusCode.name ?? 'no answer')
    const values = (result.historyData as HistoryData | null)?.dataValues ?? []
    const before = last
    for (const value of values as readonly DataValue[]) {
      if (last && !isBehind(value, last)) continue
      table.addHistorical(handle, value, now)
      last = value
    }
    continuationPoint = result.continuationPoint?.length ? result.continuationPoint : undefined
    if (continuationPoint) continue
    // some servers cut at the number that was asked for, and do not say that there is more
    if (values.length < VALUES_A_REQUEST || last === before || !last?.sourceTimestamp) return
    from = last.sourceTimestamp.getTime()
  }
}

function isBehind(value: DataValue, last: DataValue): boolean {
  if (!value.sourceTimestamp || !last.sourceTimestamp) return true
  const ms = value.sourceTimestamp.getTime() - last.sourceTimestamp.getTime()
  return ms > 0 || (ms === 0 && value.sourcePicoseconds > last.sourcePicoseconds)
}
