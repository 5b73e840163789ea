import { type Block, type Gap, timeOf } from '@messwerk/core/model'
import { VirtualTime } from '@messwerk/core/testing'
import * as opcua from 'node-opcua-client'
import { describe, expect, it, vi } from 'vitest'
import { MOST_HELD, readHistory } from './read-history.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import type { StreamMemory } from './stream-memory.ts'
import { StreamTable } from './stream-table.ts'

vi.setConfig({ testTimeout: 120_000 }) // hundreds of thousands of values, also on a busy machine

const T = 1_760_000_000_000

interface Server {
  /** Values of each node by their offset from T, ms. */
  readonly records: readonly number[] | readonly (readonly number[])[]
  /** Most values of an answer. @defaultValue as many as were asked for */
  readonly cap?: number
  /** Continuation points that it keeps at once; 0: it never says that there is more. @defaultValue 0 */
  readonly points?: number
  readonly startedAt?: number
  readonly fails?: string
  readonly isThrown?: boolean
  /** What each node holds now. @defaultValue its last record */
  readonly present?: number
}

function dataValue(ms: number): opcua.DataValue {
  const value = new opcua.Variant({ dataType: opcua.DataType.Double, value: ms })
  return new opcua.DataValue({ value, statusCode: opcua.StatusCodes.Good, sourceTimestamp: new Date(T + ms) })
}

const status = (name: string) => ({ isBad: () => name !== 'Good', name })

/** A historian whose memory is that of its nodes, and that counts what it has given. */
class Historian {
  given = 0
  requests = 0
  readonly points = new Map<string, number>()
  readonly #of: Server
  readonly #nodes: readonly (readonly number[])[]

  constructor(server: Server) {
    this.#of = server
    this.#nodes = (typeof server.records[0] === 'object' ? server.records : [server.records]) as number[][]
  }

  read = async (nodes: unknown) =>
    Array.isArray(nodes)
      ? this.#nodes.map((records) => dataValue(this.#of.present ?? records.at(-1) ?? 0))
      : { value: { value: new Date(this.#of.startedAt ?? T - 1000) } }

  historyRead = async (request: opcua.HistoryReadRequest) => {
    const { fails, isThrown } = this.#of
    if (isThrown) throw new Error(fails)
    this.requests += 1
    return { results: [fails === undefined ? this.#answer(request) : { statusCode: status(fails) }] }
  }

  #answer({ historyReadDetails, nodesToRead, releaseContinuationPoints }: opcua.HistoryReadRequest): unknown {
    const { startTime, endTime, numValuesPerNode } = historyReadDetails as opcua.ReadRawModifiedDetails
    const [{ nodeId, continuationPoint }] = nodesToRead as [opcua.HistoryReadValueId]
    const { cap = Number.POSITIVE_INFINITY, points = 0 } = this.#of
    const node = this.#nodes[Number(nodeId.value) - 1] as readonly number[]
    const end = (endTime as Date).getTime() - T
    const records = (node.at(-1) ?? 0) < end ? node : node.filter((ms) => ms < end)
    const begun = continuationPoint?.toString()
    const from = begun ? this.points.get(begun) : records.findIndex((ms) => T + ms >= (startTime as Date).getTime())
    if (begun) this.points.delete(begun)
    if (from === undefined) return { statusCode: status('BadContinuationPointInvalid') }
    if (releaseContinuationPoints) return { statusCode: status('Good') }
    const values = from < 0 ? [] : records.slice(from, from + Math.min(cap, numValuesPerNode))
    const next = from + values.length
    if (points === 0 || from < 0 || next === records.length) return this.#given(values)
    if (this.points.size >= points) return { statusCode: status('BadNoContinuationPoints') }
    const point = `${nodeId.value} ${next}`
    this.points.set(point, next)
    return this.#given(values, Buffer.from(point))
  }

  #given(values: readonly number[], continuationPoint?: Buffer): unknown {
    this.given += values.length
    return { statusCode: status('Good'), continuationPoint, historyData: { dataValues: values.map(dataValue) } }
  }
}

const sourcePlan = { id: 's', clock: 'source', between: 'missing', publishMs: 100, samplingMs: 100 } as never

/** The streams of so many nodes (a, b, ..) after a first connection that has seen the value at T of each; or nothing. */
function tableOf(count: number, hasSeen: boolean, wentBack: (byMs: number) => void = () => {}): StreamTable {
  const nodes = Array.from({ length: count }, (_, i) => {
    const name = String.fromCharCode(97 + i)
    const plan = { name, text: name, stream: 'press' }
    const nodeId = opcua.coerceNodeId(`i=${i + 1}`)
    return { plan, nodeId, type: 'Double', columns: [{ path: [] }], channels: [{ name, unit: '1' }] }
  }) as unknown as ResolvedNode[]
  const memories = new Map<string, StreamMemory>()
  const made = () =>
    new StreamTable(nodes, { plan: sourcePlan, carried: { memories }, scheduler: new VirtualTime(T) }, wentBack)
  const first = made()
  if (hasSeen) for (const handle of nodes.keys()) first.add(handle, dataValue(0), T)
  first.take(0, false)
  first.remember()
  return made()
}

/** What comes of a server's history, and of a live value behind it. */
async function read(server: Server, hasSeen = true) {
  const historian = new Historian(server)
  const table = tableOf(typeof server.records[0] === 'object' ? server.records.length : 1, hasSeen)
  const blocks: Block[] = []
  const refused: string[] = []
  let taken = 0
  let mostHeld = 0
  await readHistory({
    session: historian as never,
    lib: opcua,
    table,
    clock: 'source',
    now: () => T + 10_000,
    goesOn: false,
    refused: (why) => refused.push(why),
    take: async () => {
      mostHeld = Math.max(mostHeld, historian.given - taken)
      const some = table.take(blocks.length, true)
      taken += some.reduce((sum, block) => sum + block.values.filter((value) => !Number.isNaN(value)).length, 0)
      blocks.push(...some)
      return true
    }
  })
  table.add(0, dataValue(1_000_000), T + 1_000_000)
  blocks.push(...table.take(blocks.length, false))
  const values = blocks.flatMap(inOrder)
  const pieces = blocks.map((block) => ({
    length: block.length,
    start: timeOf(block),
    end: timeOf(block, block.length - 1)
  }))
  return { refused, values, gaps: blocks.map(({ gap: one }) => one), pieces, mostHeld, historian }
}

/** Values row by row, without those that are missing. */
function inOrder({ values, length }: Block): number[] {
  return Array.from(
    values,
    (_, i) => values[(i % (values.length / length)) * length + Math.floor(i / (values.length / length))] as number
  ).filter((value) => !Number.isNaN(value))
}

/** Only what most tests look at. */
async function told(server: Server, hasSeen = true) {
  const { refused, values, gaps } = await read(server, hasSeen)
  return { refused, values, gaps }
}

const count = (n: number, step = 1): number[] => Array.from({ length: n }, (_, i) => i * step)
const LIVE = 1_000_000

const gap = (scans: Gap['scans']): Gap => ({ scans, cause: 'reconnect' })
const CUT = ['no history of a: it has more values within one ms than the server gives at once']
const SHORT = ['no history of a: it does not reach back to the last value']

describe('the history of a server', () => {
  it('closes a gap where it has the last value that was seen', async () => {
    expect(await told({ records: [0, 1, 2] })).toEqual({ refused: [], values: [1, 2, LIVE], gaps: [gap(0), undefined] })
  })

  it('is read to its end where the server gives less than it is asked for', async () => {
    const { refused, values, gaps } = await told({ records: [0, 1, 2, 3, 4, 5, 6], cap: 3 })
    expect([refused, values, gaps[0]]).toEqual([[], [1, 2, 3, 4, 5, 6, LIVE], gap(0)])
  })

  it('leaves a hole of unknown size where an answer ends within one ms', async () => {
    const { refused, values, gaps } = await told({ records: [0, 1, 1, 1, 2, 3], cap: 2 })
    expect([refused, values]).toEqual([CUT, [1, 1, 2, 3, LIVE]]) // the third is in no answer
    expect(gaps).toEqual([gap(0), undefined, gap('unknown'), undefined])
  })

  it('leaves a hole of unknown size, before what it has, where it begins too late', async () => {
    expect(await told({ records: [5, 6] })).toEqual({
      refused: SHORT,
      values: [5, 6, LIVE],
      gaps: [gap('unknown'), undefined]
    })
  })

  it('is read to its end where the clock of the server is ahead of ours', async () => {
    expect((await told({ records: [0, 1, 900_000, 900_001] })).values).toEqual([1, 900_000, 900_001, LIVE])
  })

  it('leaves a hole of unknown size where it is empty', async () => {
    expect(await told({ records: [] })).toEqual({ refused: SHORT, values: [LIVE], gaps: [gap('unknown')] })
  })

  it('leaves a hole of unknown size where no value was seen before', async () => {
    expect(await told({ records: [0, 1] }, false)).toEqual({ refused: SHORT, values: [LIVE], gaps: [gap('unknown')] })
  })

  it('leaves a hole of unknown size where the server was started meanwhile', async () => {
    const { refused, gaps } = await told({ records: [0, 1], startedAt: T + 500 })
    expect([refused, gaps[0]]).toEqual([[], gap('unknown')])
  })

  it.each([false, true])('is refused by some servers (thrown: %s)', async (isThrown) => {
    const { refused, gaps } = await told({ records: [0], fails: 'BadHistoryOperationUnsupported', isThrown })
    expect([refused, gaps]).toEqual([['no history of a: BadHistoryOperationUnsupported'], [gap('unknown')]])
  })

  it('is not refused by a link that is lost', async () => {
    await expect(told({ records: [0], fails: 'BadConnectionClosed', isThrown: true })).rejects.toThrow(/BadConnection/)
  })

  it.each([0, 1, 2])(
    'is handed over in the order of time, however many nodes there are (points: %d)',
    async (points) => {
      const records = [count(40, 5), count(10, 20), count(3, 70)]
      const { refused, values, gaps, historian } = await read({ records, cap: 4, points })
      expect(values.slice(0, -1)).toEqual(records.flatMap((of) => of.slice(1)).sort((a, b) => a - b))
      expect([refused, gaps[0], gaps.slice(1).filter((one) => one !== undefined)]).toEqual([[], gap(0), []])
      expect(historian.points.size).toBe(0)
    }
  )

  it('is never held as a whole: of 200 000 values no more than a few pages at once', async () => {
    const { values, mostHeld, pieces, gaps } = await read({ records: count(200_000), points: 1 })
    expect(values).toEqual([...count(200_000).slice(1), LIVE])
    expect(mostHeld).toBeLessThanOrEqual(MOST_HELD)
    expect(pieces.length).toBeGreaterThanOrEqual(200_000 / MOST_HELD)
    expect(gaps.filter((one) => one !== undefined)).toEqual([gap(0)])
  })

  it('is held in the same bounds where there are many nodes, one of them with all that there is', async () => {
    const records = [count(60_000), ...Array.from({ length: 19 }, (_, i) => count(1000, 100 + i))]
    const { values, mostHeld, pieces } = await read({ records })
    expect(values.length).toBe(59_999 + 19 * 999 + 1)
    expect(mostHeld).toBeLessThanOrEqual(MOST_HELD)
    for (const [i, { start }] of pieces.entries())
      if (i > 0) expect(start).toBeGreaterThan(pieces[i - 1]?.end as number)
  })

  it('is asked for no further while nobody takes what came, and not at all any more when the reading ended', async () => {
    const historian = new Historian({ records: count(100_000), points: 1 })
    const table = tableOf(1, true)
    let release = (_wanted: boolean): void => {}
    const reading = readHistory({
      session: historian as never,
      lib: opcua,
      table,
      clock: 'source',
      now: () => T,
      goesOn: false,
      refused: () => {},
      take: () => {
        table.take(0, true)
        return new Promise((resolve) => {
          release = resolve
        })
      }
    })
    await turns()
    expect(historian.requests).toBe(1)
    release(true)
    await turns()
    expect(historian.requests).toBe(2)
    release(false)
    expect([await reading, historian.requests]).toEqual([false, 2])
  })

  it('goes on by time where a continuation point is not known any more', async () => {
    const server = new Historian({ records: count(50_000), points: 1 })
    const historyRead = (request: opcua.HistoryReadRequest) => {
      server.points.clear()
      return server.historyRead(request)
    }
    const table = tableOf(1, true)
    const values: number[] = []
    const refused: string[] = []
    await readHistory({
      session: { read: server.read, historyRead } as never,
      lib: opcua,
      table,
      clock: 'source',
      now: () => T,
      goesOn: true,
      refused: (why) => refused.push(why),
      take: async () => {
        for (const block of table.take(0, true)) for (const value of block.values) values.push(value)
        return true
      }
    })
    expect([refused, values]).toEqual([[], count(50_000).slice(1)])
  })
})

describe('values of one instant', () => {
  it('are all handed over', async () => {
    const { refused, values, gaps } = await told({ records: [0, 1, 1, 1, 2, 2, 3] })
    expect([refused, values, gaps]).toEqual([[], [1, 1, 1, 2, 2, 3, LIVE], [gap(0), undefined]])
  })

  it.each([0, 1])('are all handed over where an answer ends within them (points: %d)', async (points) => {
    const { refused, values, gaps } = await told({ records: [0, 1, 1, 1, 2, 2, 3], cap: points === 0 ? 4 : 3, points })
    expect([refused, values, gaps[0]]).toEqual([[], [1, 1, 1, 2, 2, 3, LIVE], gap(0)])
    expect(gaps.slice(1).every((one) => one === undefined)).toBe(true)
  })

  it('are all handed over where several answers end within them', async () => {
    const { refused, values } = await told({ records: [0, 1, 1, 2, 2, 2, 3, 3, 3, 4], cap: 4 })
    expect([refused, values]).toEqual([[], [1, 1, 2, 2, 2, 3, 3, 3, 4, LIVE]])
  })
})

describe('values that come while the history of a server is handed over', () => {
  it.each([0, 1, 2])('are left to the subscription, with their own times (points: %d)', async (points) => {
    const [fast, slow] = [count(3000, 10), [0, 29_005]]
    const historian = new Historian({ records: [fast, slow], cap: 500, points })
    const wentBack: number[] = []
    const table = tableOf(2, true, (byMs) => wentBack.push(byMs))
    const blocks: Block[] = []
    const refused: string[] = []
    let now = 30_000
    const live: (readonly [number, number])[] = [
      [0, 29_990],
      [1, 29_005]
    ]
    await readHistory({
      session: historian as never,
      lib: opcua,
      table,
      clock: 'source',
      now: () => T + now,
      goesOn: false,
      refused: (why) => refused.push(why),
      take: async () => {
        blocks.push(...table.take(blocks.length, true))
        if (now >= 50_000) return true
        for (const end = now + 5000; now < end; now += 10) {
          fast.push(now)
          live.push([0, now])
        }
        slow.push(now - 5)
        live.push([1, now - 5])
        return true
      }
    })
    expect(blocks.flatMap(inOrder).at(-1)).toBe(29_990)
    for (const [node, ms] of live) {
      table.add(node, dataValue(ms), T + 60_000)
      blocks.push(...table.take(blocks.length, false))
    }
    const all = [...fast.slice(1), ...slow.slice(1)].sort((a, b) => a - b)
    expect(blocks.flatMap(inOrder)).toEqual(all)
    const times = blocks.flatMap((block) => Array.from({ length: block.length }, (_, i) => timeOf(block, i) - T))
    expect(times).toEqual(all)
    expect([wentBack, refused]).toEqual([[], []])
    expect(new Set(blocks.map(({ time }) => time.clock))).toEqual(new Set(['source']))
    expect([historian.points.size, blocks.filter(({ gap: one }) => one).length]).toEqual([0, 1])
  })

  it('are not told from recorded ones where what the node holds now is older than what was known', async () => {
    const { values } = await read({ records: [0, 1, 2], present: -500 })
    expect(values).toEqual([1, 2, LIVE])
  })
})

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
