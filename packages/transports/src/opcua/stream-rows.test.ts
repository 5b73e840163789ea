import { type Block, timeOf } from '@messwerk/core/model'
import { DataType, DataValue, StatusCodes, Variant } from 'node-opcua-client'
import { describe, expect, it } from 'vitest'
import { SubscriptionGivenUp } from './opcua-errors.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import { StreamMemory } from './stream-memory.ts'
import { StreamRows } from './stream-rows.ts'
import type { ValueColumn } from './value-columns.ts'

const NOW = 1_760_000_000_000
const YEAR = 365 * 86_400_000

function node(name: string, columns: readonly ValueColumn[] = [{ path: [] }]): ResolvedNode {
  const channels = columns.map(({ path }) => ({ name: [name, ...path].join('.'), unit: '1' }))
  return { plan: { name, text: name, stream: 'press' }, columns, channels, type: 'Double' } as unknown as ResolvedNode
}

function rowsOf(
  nodes: readonly ResolvedNode[],
  memory = new StreamMemory(NOW),
  between: 'missing' | 'hold' = 'missing',
  clock: 'source' | 'server' = 'source'
) {
  const options = { id: 'press', nodes, memory, split: 's', clock, between, toleranceMs: 1000 } as const
  return new StreamRows({ ...options, clockWentBack: () => {} })
}

function dataValue(value: unknown, ms: number | undefined, serverMs?: number): DataValue {
  const made = new DataValue({ value: new Variant({ dataType: DataType.Double, value: 0 }) })
  made.value.value = value
  made.statusCode = StatusCodes.Good
  made.sourceTimestamp = ms === undefined ? null : new Date(ms)
  made.serverTimestamp = serverMs === undefined ? null : new Date(serverMs)
  return made
}

const timesOf = (blocks: readonly Block[]): number[] =>
  blocks.flatMap((block) => Array.from({ length: block.length }, (_, i) => timeOf(block, i)))

describe('rows of a stream', () => {
  it('keep nothing of an array that has grown, so that what came with it is not taken for known', () => {
    const memory = new StreamMemory(NOW)
    const nodes = [node('a'), node('list', [{ path: [0] }, { path: [1] }])]
    const rows = rowsOf(nodes, memory)
    rows.add(0, dataValue(1, NOW + 1), NOW)
    expect(() => rows.add(1, dataValue([1, 2, 3], NOW + 2), NOW)).toThrow(SubscriptionGivenUp)
    rows.remember()
    expect([memory.lastOf('a'), memory.lastOf('list'), memory.last]).toEqual([-Infinity, -Infinity, -Infinity])
    const again = rowsOf([node('a'), node('list', [{ path: [0] }, { path: [1] }, { path: [2] }])], memory)
    again.add(0, dataValue(1, NOW + 1), NOW)
    again.add(1, dataValue([1, 2, 3], NOW + 2), NOW)
    expect(timesOf(again.take(0))).toEqual([NOW + 1, NOW + 2])
  })

  it('leave recorded arrays out that do not fit, and say so', () => {
    const rows = rowsOf([node('list', [{ path: [0] }])])
    expect(rows.addRecorded(0, dataValue([1, 2], NOW), NOW)).toBe(false)
    expect(rows.addRecorded(0, dataValue([1], NOW + 1), NOW)).toBe(true)
    expect(timesOf(rows.take(0, true))).toEqual([NOW + 1])
  })

  it('take a structure that has a field of the name length', () => {
    const rows = rowsOf([node('part', [{ path: ['length'] }, { path: ['width'] }])])
    rows.add(0, dataValue({ length: 120, width: 40 }, NOW), NOW)
    expect(Array.from(rows.take(0)[0]?.values ?? [])).toEqual([120, 40])
  })

  it('hold what an earlier connection had', () => {
    const memory = new StreamMemory(NOW)
    const before = rowsOf([node('a'), node('b')], memory, 'hold')
    before.add(0, dataValue(1, NOW), NOW)
    before.add(1, dataValue(2, NOW), NOW)
    before.take(0)
    before.remember()
    const rows = rowsOf([node('c'), node('b'), node('a')], memory, 'hold')
    rows.add(2, dataValue(1, NOW), NOW) // what a new subscription begins with
    rows.add(2, dataValue(5, NOW + 1), NOW)
    const [block] = rows.take(1)
    expect(Array.from(block?.values ?? [])).toEqual([Number.NaN, 2, 5])
  })

  it('stay rows of their own behind a value from far ahead', () => {
    const rows = rowsOf([node('a')])
    rows.add(0, dataValue(0, NOW), NOW)
    rows.add(0, dataValue(1, NOW + YEAR), NOW)
    const first = rows.take(0)
    expect(first.map(({ time }) => time.start)).toEqual([BigInt(NOW) * 1_000_000n, BigInt(NOW + YEAR) * 1_000_000n])
    const starts: bigint[] = []
    for (let i = 1; i < 5; i += 1) {
      rows.add(0, dataValue(i, NOW + i), NOW + i)
      for (const { time } of rows.take(i)) starts.push(time.start)
    }
    const ahead = BigInt(NOW + YEAR) * 1_000_000n
    expect(starts).toEqual([1n, 2n, 3n, 4n].map((ns) => ahead + ns))
  })

  it('go on in order, and in whole ns, when a connection lasts for years', () => {
    const rows = rowsOf([node('a')], new StreamMemory(NOW - 3 * YEAR))
    for (let i = 0; i < 3; i += 1) rows.add(0, dataValue(i, NOW + i * YEAR), NOW)
    const starts = rows.take(0).map(({ time }) => time.start)
    expect(starts).toEqual([0, 1, 2].map((i) => BigInt(NOW + i * YEAR) * 1_000_000n))
  })

  it.each([-11_644_473_600_000, 9_300_000_000_000])('do not take %d ms for a time', (ms) => {
    const rows = rowsOf([node('a')])
    rows.add(0, dataValue(1, ms, NOW + 5), NOW)
    rows.add(0, dataValue(2, ms), NOW + 7)
    const blocks = rows.take(0)
    expect(blocks.map(({ time }) => time.clock)).toEqual(['server', 'arrival'])
    expect(timesOf(blocks)).toEqual([NOW + 5, NOW + 7])
  })

  it('have the time of the server where that is asked for, and that of the device where the server gives none', () => {
    const rows = rowsOf([node('a')], new StreamMemory(NOW), 'missing', 'server')
    rows.add(0, dataValue(1, NOW + 1, NOW + 5), NOW)
    rows.add(0, dataValue(2, NOW + 6), NOW)
    const blocks = rows.take(0)
    expect(blocks.map(({ time }) => time.clock)).toEqual(['server', 'source'])
    expect(timesOf(blocks)).toEqual([NOW + 5, NOW + 6])
  })

  it('keep nothing of a burst for the next ones', () => {
    const rows = rowsOf([node('a'), node('list', [{ path: [0] }, { path: [1] }])])
    for (let i = 0; i < 5000; i += 1) rows.add(0, dataValue(i, NOW + i), NOW)
    expect(rows.take(0)[0]?.length).toBe(5000)
    for (let i = 0; i < 50; i += 1) {
      rows.add(1, dataValue([i, -i], NOW + 5000 + 2 * i), NOW)
      rows.add(0, dataValue(7, NOW + 5001 + 2 * i), NOW)
    }
    const values = Array.from(rows.take(1)[0]?.values ?? [])
    expect(values.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? Number.NaN : 7)))
    expect(values.slice(200)).toEqual(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? -i / 2 : Number.NaN)))
    expect(rows.take(2)).toEqual([])
  })
})
