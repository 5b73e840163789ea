import { type Batch, type Block, blockOf, type Gap, type MeasurementEvent } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { isBlock } from './block-or-event.ts'
import { type Limit, limited } from './limited.ts'

/** A block of 100 scans at 100 Hz that begins at a second. */
const block = (second: number): Block =>
  blockOf(
    { stream: 's', channels: { a: 'V' }, rate: 100, start: 1_700_000_000_000 + second * 1000 },
    { a: new Array(100).fill(0) }
  )

const notice = (rule: string): MeasurementEvent => ({
  id: rule,
  kind: 'notice',
  phase: 'end',
  stream: 's',
  rule,
  start: 0,
  origin: { split: 's', position: 0 },
  data: { scans: 3, cause: 'lost' } satisfies Gap
})

async function* batches(...items: (Block | MeasurementEvent | Error)[]): AsyncGenerator<Batch> {
  for (const item of items) {
    if (item instanceof Error) throw item
    yield { split: 's', position: 0, blocks: isBlock(item) ? [item] : [], events: isBlock(item) ? [] : [item] }
  }
}

async function seen(source: AsyncIterable<Batch>, limit: Limit = {}): Promise<(number | string)[]> {
  const found: (number | string)[] = []
  try {
    for await (const item of limited(source, limit)) found.push(isBlock(item) ? item.length : item.rule)
  } catch (error) {
    found.push((error as Error).message)
  }
  return found
}

describe('limited', () => {
  it('cuts to scans and to time', async () => {
    expect(await seen(batches(block(0), block(1), block(2)))).toEqual([100, 100, 100])
    expect(await seen(batches(block(0), block(1), block(2)), { scans: 150 })).toEqual([100, 50])
    expect(await seen(batches(block(0), block(1), block(2)), { scans: 100 })).toEqual([100])
    expect(await seen(batches(block(0), block(1), block(2)), { seconds: 1.25 })).toEqual([100, 25])
    expect(await seen(batches(block(0), block(1), block(2)), { seconds: 2 })).toEqual([100, 100])
    // what is missing takes its time, too
    expect(await seen(batches(block(0), block(5)), { seconds: 3 })).toEqual([100])
    expect(await seen(batches(block(0), block(1)), { seconds: 0 })).toEqual([])
  })

  it('tells of a hole at the end only where no block follows that counts it', async () => {
    expect(await seen(batches(block(0), notice('gap')))).toEqual([100, 'gap'])
    expect(await seen(batches(block(0), notice('gap'), block(1)))).toEqual([100, 100])
    expect(await seen(batches(block(0), notice('gap'), new Error('link lost')))).toEqual([100, 'gap', 'link lost'])
    expect(await seen(batches(block(0), notice('tare'), block(1)))).toEqual([100, 'tare', 100])
  })
})
