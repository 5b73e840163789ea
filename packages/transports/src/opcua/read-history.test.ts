import type { Block, Gap } from '@messwerk/core/model'
import { VirtualTime } from '@messwerk/core/testing'
import * as opcua from 'node-opcua-client'
import { describe, expect, it } from 'vitest'
import { readHistory } from './read-history.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import type { StreamMemory } from './stream-memory.ts'
import { StreamTable } from './stream-table.ts'

const T = 1_760_000_000_000

interface Server {
  /** Values by their offset from T, ms. */
  readonly records: readonly number[]
  /** Most values of an answer. @defaultValue as many as were asked for */
  readonly cap?: number
  readonly startedAt?: number
  readonly fails?: string
  readonly isThrown?: boolean
}

function dataValue(ms: number): opcua.DataValue {
  const value = new opcua.Variant({ dataType: opcua.DataType.Double, value: ms })
  return new opcua.DataValue({ value, statusCode: opcua.StatusCodes.Good, sourceTimestamp: new Date(T + ms) })
}

function sessionOf({ records, cap = 10_000, startedAt = T - 1000, fails, isThrown }: Server) {
  const answer = (from: Date): unknown => ({
    statusCode: { isBad: () => fails !== undefined, name: fails },
    historyData: {
      dataValues: records
        .filter((ms) => T + ms >= from.getTime())
        .slice(0, cap)
        .map(dataValue)
    }
  })
  return {
    read: async (nodes: unknown) =>
      Array.isArray(nodes)
        ? nodes.map(() => dataValue(records.at(-1) ?? 0))
        : { value: { value: new Date(startedAt) } },
    historyRead: async ({ historyReadDetails }: { readonly historyReadDetails: { readonly startTime: Date } }) => {
      if (isThrown) throw new Error(fails)
      return { results: [answer(historyReadDetails.startTime)] }
    }
  }
}

/** What comes of a server's history after a first connection that has seen the value at T; or nothing. */
async function read(server: Server, hasSeen = true) {
  const scheduler = new VirtualTime(T)
  const plan = { name: 'a', text: 'a', stream: 'press' }
  const channels = [{ name: 'a', unit: '1' }]
  const nodes = [
    { plan, nodeId: 'i=1', type: 'Double', columns: [{ path: [] }], channels }
  ] as unknown as ResolvedNode[]
  const sourcePlan = { id: 's', clock: 'source', between: 'missing', publishMs: 100, samplingMs: 100 } as never
  const memories = new Map<string, StreamMemory>()
  const tableOf = () => new StreamTable(nodes, { plan: sourcePlan, carried: { memories }, scheduler }, () => {})
  const first = tableOf()
  if (hasSeen) first.add(0, dataValue(0), T)
  first.take(0, false)
  first.remember()
  const table = tableOf()
  const blocks: Block[] = []
  const refused = await readHistory({
    session: sessionOf(server) as never,
    lib: opcua,
    table,
    clock: 'source',
    now: T + 10_000,
    take: () => blocks.push(...table.take(1, true))
  })
  table.add(0, dataValue(9000), T + 9000)
  blocks.push(...table.take(2, false))
  return { refused, values: blocks.flatMap(({ values }) => Array.from(values)), gaps: blocks.map(({ gap }) => gap) }
}

const gap = (scans: Gap['scans']): Gap => ({ scans, cause: 'reconnect' })
const SHORT = ['no history of a: it does not reach back to the last value']

describe('the history of a server', () => {
  it('closes a gap where it has the last value that was seen', async () => {
    expect(await read({ records: [0, 1, 2] })).toEqual({ refused: [], values: [1, 2, 9000], gaps: [gap(0), undefined] })
  })

  it('is read to its end where the server gives less than it is asked for', async () => {
    const { refused, values, gaps } = await read({ records: [0, 1, 2, 3, 4, 5, 6], cap: 3 })
    expect([refused, values, gaps[0]]).toEqual([[], [1, 2, 3, 4, 5, 6, 9000], gap(0)])
  })

  it('leaves a hole of unknown size where an answer ends within one ms', async () => {
    const { refused, values, gaps } = await read({ records: [0, 1, 1, 1, 2], cap: 2 })
    expect([refused, values, gaps[0]]).toEqual([SHORT, [1, 2, 9000], gap('unknown')])
  })

  it('leaves a hole of unknown size, before what it has, where it begins too late', async () => {
    expect(await read({ records: [5, 6] })).toEqual({
      refused: SHORT,
      values: [5, 6, 9000],
      gaps: [gap('unknown'), undefined]
    })
  })

  it('leaves a hole of unknown size where it is empty', async () => {
    expect(await read({ records: [] })).toEqual({ refused: SHORT, values: [9000], gaps: [gap('unknown')] })
  })

  it('leaves a hole of unknown size where no value was seen before', async () => {
    expect(await read({ records: [0, 1] }, false)).toEqual({ refused: SHORT, values: [9000], gaps: [gap('unknown')] })
  })

  it('leaves a hole of unknown size where the server was started meanwhile', async () => {
    const { refused, gaps } = await read({ records: [0, 1], startedAt: T + 500 })
    expect([refused, gaps[0]]).toEqual([[], gap('unknown')])
  })

  it.each([false, true])('is refused by some servers (thrown: %s)', async (isThrown) => {
    const { refused, gaps } = await read({ records: [0], fails: 'BadHistoryOperationUnsupported', isThrown })
    expect([refused, gaps]).toEqual([['no history of a: BadHistoryOperationUnsupported'], [gap('unknown')]])
  })

  it('is not refused by a link that is lost', async () => {
    await expect(read({ records: [0], fails: 'BadConnectionClosed', isThrown: true })).rejects.toThrow(/BadConnection/)
  })
})
