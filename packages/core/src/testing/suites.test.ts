import { describe, expect, it } from 'vitest'
import { pushSource } from '../index.ts'
import { type Batch, type Block, blockOf, NotConnectedError, type Sink, type Source, timeNs } from '../model/index.ts'
import { type SinkStore, type StoredRow, sinkChecks, sinkSuite } from './sink-suite.ts'
import { type SourceSubject, sourceChecks, sourceSuite } from './source-suite.ts'
import type { Check } from './suite.ts'

async function failing(checks: Iterable<Check>): Promise<string[]> {
  const failed: string[] = []
  for (const check of checks) {
    if (check.skip !== undefined) continue
    try {
      await check.run()
    } catch {
      failed.push(check.name.split(' ')[0] as string)
    }
  }
  return failed
}

const good: Batch[] = Array.from({ length: 6 }, (_, i) => {
  const block = blockOf(
    { stream: 's', channels: { a: 'V' }, rate: 1000, start: i * 4 },
    { a: [i, i + 1, i + 2, Number.NaN] }
  )
  const { stream, length, values, time } = block
  const origin = { split: 'split', position: i, positions: undefined }
  return {
    split: 'split',
    position: i,
    blocks: [{ stream, length, values, time, quality: undefined, gap: undefined, origin }]
  }
})

function sourceOf(batches: () => readonly Batch[], change: Partial<Source> = {}): Source {
  return {
    id: 'good',
    replay: 'position',
    async *read({ signal, from }) {
      for (const batch of batches()) {
        if (signal.aborted) return
        if (batch.position > (from[batch.split] ?? -1)) yield batch
      }
    },
    ...change
  }
}

const unreachable = (error: unknown): Source =>
  sourceOf(() => [], { read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }) })

const goodSource: SourceSubject = {
  open: () => sourceOf(() => good),
  scans: 24,
  timeoutMs: 200,
  unreachable: () => unreachable(new NotConnectedError('tcp://nowhere'))
}

const changed = (index: number, change: (batch: Batch) => Batch): Batch[] =>
  good.map((batch, i) => (i === index ? change(batch) : batch))
const withBlock = (batch: Batch, change: Partial<Block>): Batch => ({
  ...batch,
  blocks: [{ ...(batch.blocks[0] as Block), ...change }]
})

describe('sourceChecks', () => {
  sourceSuite('a good source', goodSource, { describe, it })

  const twins: [string, string, Partial<SourceSubject>][] = [
    [
      'S1',
      'does not say how it can be read again',
      { open: () => sourceOf(() => good, { replay: 'always' as never }) }
    ],
    [
      'S2',
      'repeats a position',
      { open: () => sourceOf(() => changed(3, (batch) => ({ ...batch, position: 2 }))), scans: 24 }
    ],
    [
      'S3',
      'cuts values short',
      { open: () => sourceOf(() => changed(2, (batch) => withBlock(batch, { values: new Float64Array(3) }))) }
    ],
    [
      'S4',
      'goes back in time',
      {
        open: () =>
          sourceOf(() => [
            ...good.slice(0, 4),
            ...changed(4, (b) => withBlock(b, { time: (good[0] as Batch).blocks[0]?.time as Block['time'] })).slice(4)
          ])
      }
    ],
    [
      'S5',
      'ignores its signal',
      {
        open: () =>
          sourceOf(() => good, {
            async *read({ signal, from }) {
              for (const batch of good) {
                if (signal.aborted) await new Promise(() => {})
                if (batch.position > (from[batch.split] ?? -1)) yield batch
              }
            }
          }),
        skip: { S1: 'a twin that ignores its signal never ends here' }
      }
    ],
    ['S6', 'throws an error of its own', { unreachable: () => unreachable(new Error('ECONNREFUSED')) }],
    ['S7', 'loses a batch', { open: () => sourceOf(() => good.filter((_, i) => i !== 1)) }],
    [
      'S8',
      'starts again from the beginning',
      {
        open: () =>
          sourceOf(() => good, {
            async *read({ signal }) {
              for (const batch of good) if (!signal.aborted) yield batch
            }
          })
      }
    ],
    [
      'S9',
      'reuses its buffer',
      {
        open: () =>
          sourceOf(() => good, {
            async *read({ signal, from }) {
              const values = new Float64Array(4)
              for (const batch of good) {
                if (signal.aborted) return
                values.set((batch.blocks[0] as Block).values)
                if (batch.position > (from[batch.split] ?? -1)) yield withBlock(batch, { values })
              }
            }
          }),
        skip: { S8: 'a shared buffer cannot be compared afterwards' }
      }
    ]
  ]
  it.each(twins)('%s alone notices a source that %s', async (rule, _what, change) => {
    expect(await failing(sourceChecks({ ...goodSource, ...change }))).toEqual([rule])
  })

  it('names the rules it skips, with reasons', () => {
    const skipped = [...sourceChecks({ open: goodSource.open })].flatMap(({ name, skip }) =>
      skip ? [name.slice(0, 2)] : []
    )
    expect(skipped).toEqual(['S6', 'S7'])
  })
})

sourceSuite(
  'pushSource',
  {
    open: () => {
      const pump = pushSource({ stream: 's', channels: { a: 'V', b: 'A' } })
      for (let i = 0; i < 1000; i += 1) pump.push({ a: i, b: -i }, i)
      pump.end()
      return pump
    },
    scans: 1000,
    skip: { S8: 'what was pushed cannot be read again' }
  },
  { describe, it }
)

type Rows = Map<string, StoredRow>

/** A store in memory; `change` makes a faulty twin. */
function memoryStore(change: { write?: (rows: Rows, row: StoredRow) => void } = {}): SinkStore {
  const rows: Rows = new Map()
  const put = change.write ?? ((all, row) => void all.set(`${row.stream} ${row.time}`, row))
  const rowsIn = (block: Block): StoredRow[] =>
    Array.from({ length: block.length }, (_, i) => ({
      stream: block.stream.id,
      time: timeNs(block, i),
      values: Object.fromEntries(
        block.stream.channels.map(({ name }, c) => [name, block.values[c * block.length + i] as number])
      )
    }))
  const open = async (): Promise<Sink<Block>> => ({
    write: async (blocks) => {
      for (const block of blocks) for (const row of rowsIn(block)) put(rows, row)
    }
  })
  return { open, read: async () => [...rows.values()] }
}

describe('sinkChecks', () => {
  sinkSuite('a good sink', { store: async () => memoryStore() }, { describe, it })

  /** A sink on a good store whose writes are changed. */
  function around(
    write: (sink: Sink<Block>, blocks: readonly Block[], kept: Set<string>) => Promise<void>
  ): () => SinkStore {
    return () => {
      const store = memoryStore()
      const kept = new Set<string>()
      const open = async (): Promise<Sink<Block>> => {
        const sink = await store.open()
        return { write: async (blocks) => write(sink, blocks, kept) }
      }
      return { open, read: store.read }
    }
  }
  const readAs =
    (change: (row: StoredRow) => StoredRow): (() => SinkStore) =>
    () => {
      const store = memoryStore()
      return { open: store.open, read: async () => (await store.read()).map(change) }
    }
  const zeroed = (value: number | null | undefined): number =>
    value === null || Number.isNaN(value) ? 0 : (value as number)
  const signal = new AbortController().signal
  const moved = (block: Block): Block => ({
    ...block,
    time: { ...block.time, start: block.time.start + 86_400_000_000_000n }
  })

  const twins: [string, string, () => SinkStore][] = [
    ['K1', 'loses the last ns of a time', readAs((row) => ({ ...row, time: row.time + 1n }))],
    [
      'K2',
      'stores 0 where there is no value',
      readAs((row) => ({ ...row, values: { ...row.values, force: zeroed(row.values.force) } }))
    ],
    [
      'K3',
      'stores a write again when it is repeated as it was',
      around(async (sink, blocks, kept) => {
        const write = JSON.stringify(blocks.map((block) => [block.stream.id, String(block.time.start), block.length]))
        const isRepeated = blocks.length > 0 && kept.has(write)
        kept.add(write)
        await sink.write(isRepeated ? blocks.map(moved) : blocks, signal)
      })
    ],
    [
      'K4',
      'knows rows by their block',
      around(async (sink, blocks, kept) => {
        for (const block of blocks) {
          const within = [...kept].some((key) => {
            const [stream, start, end] = key.split('|')
            const at = block.time.start
            return stream === block.stream.id && at > BigInt(start as string) && at < BigInt(end as string)
          })
          kept.add(`${block.stream.id}|${block.time.start}|${timeNs(block, block.length - 1)}`)
          await sink.write([within ? moved(block) : block], signal)
        }
      })
    ],
    [
      'K5',
      'forgets what is stored when it is opened anew',
      () => {
        const store = memoryStore()
        let opened = 0
        const open = async (): Promise<Sink<Block>> => {
          const sink = await store.open()
          opened += 1
          const isFirst = opened === 1
          return { write: async (blocks) => sink.write(isFirst ? blocks : blocks.map(moved), signal) }
        }
        return { open, read: store.read }
      }
    ],
    [
      'K6',
      'fails when it is closed twice',
      () => {
        const store = memoryStore()
        const open = async (): Promise<Sink<Block>> => {
          const sink = await store.open()
          let closed = false
          const close = async (): Promise<void> => {
            if (closed) throw new Error('closed')
            closed = true
          }
          return { write: async (blocks) => sink.write(blocks, signal), close }
        }
        return { open, read: store.read }
      }
    ],
    [
      'K7',
      'takes rows of one time for the same',
      () => memoryStore({ write: (rows, row) => void (rows.has(String(row.time)) || rows.set(String(row.time), row)) })
    ],
    [
      'K8',
      'fails on a write of nothing',
      around(async (sink, blocks) => {
        if (blocks.length === 0) throw new Error('nothing to write')
        await sink.write(blocks, signal)
      })
    ]
  ]
  it.each(twins)('%s alone notices a sink that %s', async (rule, _what, store) => {
    expect(await failing(sinkChecks({ store: async () => store() }))).toEqual([rule])
  })
})
