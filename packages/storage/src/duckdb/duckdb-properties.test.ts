import { type Block, blockOf, defineStream, sliceBlock, timeNs } from '@messwerk/core/model'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { duckdbSink } from './duckdb-sink.ts'
import { databaseFile, rowsOf } from './fixtures/database-file.ts'

const SCANS = 40
const kinds = ['even', 'odd period', 'events a', 'events b'] as const
type Kind = (typeof kinds)[number]

/** A part of a recording as it comes in once; `version` tells a delivery of the same scans from another. */
interface Delivery {
  readonly kind: Kind
  readonly from: number
  readonly to: number
}

const events = defineStream({ id: 'events', channels: [{ name: 'x', unit: '1' }] })

/** Three scans at each instant, of two splits whose positions overlap. */
function eventBlock(split: string, version: number): Block {
  const scans = Array.from({ length: SCANS }, (_, i) => i)
  return {
    stream: events,
    length: SCANS,
    values: Float64Array.from(scans, (i) => i + version * 1000),
    time: {
      start: 1_700_000_000_123_456_789n,
      clock: 'device',
      uncertainty: 0,
      offsets: Float64Array.from(scans, (i) => Math.floor(i / 3) * 7)
    },
    quality: undefined,
    gap: undefined,
    origin: { split, position: SCANS - 1, positions: Float64Array.from(scans) }
  }
}

function evenBlock(stream: string, rate: number, version: number): Block {
  const x = Array.from({ length: SCANS }, (_, i) => i + version * 1000)
  return blockOf({ stream, channels: { x: '1' }, rate, start: 1_700_000_000_000 }, { x })
}

function recording(kind: Kind, version: number): Block {
  if (kind === 'even') return evenBlock('even', 1000, version)
  if (kind === 'odd period') return evenBlock('odd', 3000, version)
  return eventBlock(kind, version)
}

const delivery: fc.Arbitrary<Delivery> = fc
  .tuple(fc.constantFrom(...kinds), fc.nat(SCANS - 1), fc.integer({ min: 1, max: SCANS }))
  .map(([kind, from, count]) => ({ kind, from, to: Math.min(SCANS, from + count) }))

const history = fc.array(
  fc.record({
    deliveries: fc.array(delivery, { minLength: 1, maxLength: 5 }),
    restart: fc.boolean(),
    twice: fc.boolean()
  }),
  { minLength: 1, maxLength: 6 }
)

/** What the table must hold: the first of each row, known by stream and time, and by split and position without a rate. */
function remember(rows: Map<string, number>, block: Block): void {
  for (let i = 0; i < block.length; i += 1) {
    const { split, positions, position } = block.origin
    const tie = block.stream.rate === undefined ? ` ${split} ${positions?.[i] ?? position}` : ''
    const key = `${block.stream.id} ${timeNs(block, i)}${tie}`
    if (!rows.has(key)) rows.set(key, block.values[i] as number)
  }
}

async function stored(path: string): Promise<Map<string, number>> {
  const rows = await rowsOf(path, 'SELECT stream, epoch_ns(time) AS ns, split, position, x FROM raw')
  const found = new Map<string, number>()
  for (const { stream, ns, split, position, x } of rows) {
    const key = `${String(stream)} ${String(ns)}${stream === 'events' ? ` ${String(split)} ${String(position)}` : ''}`
    expect(found.has(key), `${key} is stored once`).toBe(false)
    found.set(key, x as number)
  }
  return found
}

it('repeats, overlaps, late scans and restarts leave the rows of a map', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(history, async (writes) => {
    const path = databaseFile()
    const expected = new Map<string, number>()
    let sink = duckdbSink({ path, table: 'raw' })
    let version = 0
    for (const { deliveries, restart, twice } of writes) {
      const blocks = deliveries.map(({ kind, from, to }) => sliceBlock(recording(kind, version++), from, to))
      for (const block of blocks) remember(expected, block)
      await sink.write(blocks)
      if (restart) {
        await sink.close()
        sink = duckdbSink({ path, table: 'raw' })
      }
      if (twice) await sink.write(blocks)
    }
    expect(new Map([...(await stored(path))].sort())).toEqual(new Map([...expected].sort()))
    await sink.close()
  })
  await fc.assert(property, { numRuns: 40 })
})
