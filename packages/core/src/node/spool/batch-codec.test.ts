import { expect, it } from 'vitest'
import { type Batch, type Block, DecodeError } from '../../model/index.ts'
import { openSpool } from './file-spool.ts'
import { memoryFiles } from './fixtures/memory-files.ts'
import { batchOf, recordsOf } from './fixtures/spooled-batches.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'

async function back(batch: Batch): Promise<Batch> {
  const options: SpoolOptions = { path: 'spool', fsync: 'each', files: memoryFiles() }
  const spool = await openSpool(options, checkedLimits(options, 'fileSpool'))
  await spool.append(batch)
  const [record] = await recordsOf(spool)
  await spool.close()
  return (record as { batch: Batch }).batch
}

it('the counts of the publishers come back, a pair a block, NaN where there is none', async () => {
  const { blocks } = batchOf(1)
  const sequences = Float64Array.of(41, 44, Number.NaN, Number.NaN)
  expect((await back({ split: 'x', position: 1, blocks: [...blocks, ...blocks], sequences })).sequences).toEqual(
    sequences
  )
  expect((await back(batchOf(1))).sequences).toBeUndefined()
})

it('a payload that could not be decoded comes back with its position, stream, scans and error', async () => {
  const error = new DecodeError('line/1', 'not JSON', { cause: new Error('at 3') })
  const rejected = [
    { error, payload: Uint8Array.of(1, 2, 3), from: 'line/1', position: 11, stream: 'press-3', scans: 256 },
    { error, payload: new Uint8Array(0), from: 'line/2' }
  ]
  const read = await back({ split: 'x', position: 12, blocks: [], rejected })
  expect(
    read.rejected?.map(({ payload, from, position, stream, scans }) => [payload, from, position, stream, scans])
  ).toEqual([
    [Uint8Array.of(1, 2, 3), 'line/1', 11, 'press-3', 256],
    [new Uint8Array(0), 'line/2', undefined, undefined, undefined]
  ])
  expect(read.rejected?.[0]?.error).toMatchObject({
    name: 'DecodeError',
    code: 'DECODE_FAILED',
    message: error.message
  })
})

it('a batch of several splits, streams and causes comes back', async () => {
  const [one] = batchOf(1).blocks as [Block]
  const causes = [
    'lost',
    'sequence',
    'resync',
    'overflow',
    'shed',
    'late',
    'reconnect',
    'recording',
    'rejected'
  ] as const
  const blocks = causes.map(
    (cause, i): Block => ({ ...one, gap: { scans: i, cause }, origin: { split: `s${i}`, position: i } })
  )
  const read = await back({ split: 'x', position: 12, blocks, redelivered: true, ids: [2 ** 53 - 1] })
  expect(read.blocks.map(({ gap, origin }) => [gap?.cause, gap?.scans, origin.split])).toEqual(
    causes.map((cause, i) => [cause, i, `s${i}`])
  )
  expect([read.redelivered, Array.from(read.ids ?? [])]).toEqual([true, [2 ** 53 - 1]])
})
