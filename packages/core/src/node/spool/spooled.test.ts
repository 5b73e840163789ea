import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type Batch,
  type Block,
  NotConnectedError,
  type Positions,
  type ReadOptions,
  type Source,
  StorageError
} from '../../model/index.ts'
import { blockText } from '../../testing/block-text.ts'
import { sourceSuite } from '../../testing/source-suite.ts'
import { VirtualTime } from '../../testing/virtual-time.ts'
import { type MemoryFiles, memoryFiles } from './fixtures/memory-files.ts'
import { batchOf } from './fixtures/spooled-batches.ts'
import type { SpoolOptions } from './spool-options.ts'
import { type SpooledSource, spooled } from './spooled.ts'

const root = mkdtempSync(join(tmpdir(), 'messwerk-spooled-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const idle = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const turns = async (count = 30): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
const over = (files: MemoryFiles, source: Source, more: Partial<SpoolOptions> = {}): SpooledSource =>
  spooled(source, { path: 'spool', fsync: 'each', bytes: '1MiB', segment: '2KiB', ...more, files } as SpoolOptions)

async function readAll(source: Source, from: Positions = {}, signal = new AbortController().signal): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of source.read({ signal, from, splits: idle })) batches.push(batch)
  return batches
}
const positions = (batches: readonly Batch[]): number[] => batches.map(({ position }) => position)
const texts = (batches: readonly Batch[]): string[] => batches.flatMap(({ blocks }) => blocks.map(blockText))

/** Batches from..to as a source of each kind; what it was asked is kept. */
function inner(
  from: number,
  to: number,
  change: Partial<Source> = {}
): Source & { asked: Positions[]; committed: Positions[] } {
  const asked: Positions[] = []
  const committed: Positions[] = []
  return {
    id: 'inner',
    replay: 'position',
    asked,
    committed,
    async *read(options: ReadOptions) {
      asked.push(options.from)
      for (let i = from; i <= to; i += 1) if (i > (options.from.split ?? 0)) yield batchOf(i)
    },
    commit: async (at: Positions) => void committed.push(at),
    ...change
  }
}

let folders = 0
function onceFor(batches: () => Source): () => Source {
  folders += 1
  const path = join(root, `suite-${folders}`)
  let isFirst = true
  const none: Source = { id: 'none', replay: 'none', read: async function* () {} }
  return () => {
    const source = isFirst ? batches() : none
    isFirst = false
    return spooled(source, { path, fsync: 'each' })
  }
}

sourceSuite(
  'spooled(doubles)',
  {
    open: () => spooled(inner(1, 20), { path: join(root, 'suite'), fsync: 'each' }),
    scans: 80,
    unreachable: () => {
      const read = (): AsyncIterable<Batch> => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new NotConnectedError('tcp://nowhere')) })
      })
      return spooled(inner(1, 1, { read }), { path: join(root, 'unreachable') })
    }
  },
  { describe, it }
)
describe('a source that can be read once', () => {
  const open = onceFor(() => inner(1, 20, { replay: 'none' }))
  it('is replayed from the log', async () => {
    const whole = await readAll(open())
    expect(positions(whole)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(texts(await readAll(open(), { split: 11 }))).toEqual(texts(whole.slice(11)))
  })
})

describe('spooled', () => {
  it('hands its splits over where the source does', () => {
    const path = join(root, 'hands-over')
    expect([true, undefined].map((handsOver) => spooled(inner(1, 1, { handsOver }), { path }).handsOver)).toEqual([
      true,
      undefined
    ])
  })

  it('hands on what the source gave, under positions of the log, and commits to the source what is on disk', async () => {
    const source = inner(101, 110)
    const batches = await readAll(over(memoryFiles(), source))
    expect(positions(batches)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1))
    expect(texts(batches)).toEqual(Array.from({ length: 10 }, (_, i) => texts([batchOf(101 + i)])[0]))
    expect(source.committed.at(-1)).toEqual({ split: 110 })
    expect(source.committed.every(({ split }, i, all) => (split as number) > (all[i - 1]?.split ?? 0))).toBe(true)
  })

  it('goes on with the source where the log ends', async () => {
    const files = memoryFiles()
    await readAll(over(files, inner(1, 10)))
    const source = inner(1, 15)
    const batches = await readAll(over(files, source), { split: 8 })
    expect(source.asked).toEqual([{ split: 10 }])
    expect(positions(batches)).toEqual([9, 10, 11, 12, 13, 14, 15])
  })

  it('releases what was committed, and only that', async () => {
    const files = memoryFiles()
    const two = async function* (): AsyncGenerator<Batch> {
      for (let i = 1; i <= 60; i += 1) yield { ...batchOf(i), split: i % 10 === 5 ? 'rare' : 'split' }
    }
    const source = over(files, inner(1, 1, { read: two }))
    const seen: number[] = []
    for await (const { position } of source.read({ signal: new AbortController().signal, from: {}, splits: idle }))
      seen.push(position)
    await source.commit?.({ split: 60, rare: 25 })
    const again = over(files, inner(1, 1, { read: async function* () {} }))
    expect(positions(await readAll(again, { split: 60, rare: 25 }))).toEqual([35, 45, 55])
    await source.commit?.({ split: 60, rare: 55 })
    expect([...files.contents.keys()].filter((path) => path.endsWith('.spool'))).toHaveLength(1)
  })

  it('drains a source that nobody asks, into the log', async () => {
    let given = 0
    const read = async function* (): AsyncGenerator<Batch> {
      for (let i = 1; i <= 500; i += 1) {
        given = i
        yield batchOf(i)
      }
    }
    const source = over(memoryFiles(), inner(1, 1, { replay: 'none', read }))
    const iterator = source
      .read({ signal: new AbortController().signal, from: {}, splits: idle })
      [Symbol.asyncIterator]()
    await iterator.next()
    await turns(200)
    expect([given, source.metrics?.records]).toEqual([500, 500])
    let count = 1
    while (!(await iterator.next()).done) count += 1
    expect(count).toBe(500)
  })

  it('hands over what is in the log before it throws what the source threw, and reads it again when asked again', async () => {
    const files = memoryFiles()
    let round = 0
    const read = async function* ({ from }: ReadOptions): AsyncGenerator<Batch> {
      round += 1
      for (let i = (from.split ?? 0) + 1; i <= 10 * round; i += 1) yield batchOf(i)
      if (round < 3) throw new NotConnectedError('tcp://device')
    }
    const source = over(files, inner(1, 1, { read }))
    const seen: number[] = []
    for (let last = 0; round < 3; ) {
      const reading = (async () => {
        const { signal } = new AbortController()
        for await (const { position } of source.read({ signal, from: last ? { split: last } : {}, splits: idle })) {
          seen.push(position)
          last = position
        }
      })()
      if (round < 2) await expect(reading).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
      else await reading
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  })

  it('hands over what is in the log before the error also when it is read slowly', async () => {
    const read = async function* (): AsyncGenerator<Batch> {
      for (let i = 1; i <= 30; i += 1) yield batchOf(i)
      throw new NotConnectedError('tcp://device')
    }
    const source = over(memoryFiles(), inner(1, 1, { read }))
    const seen: number[] = []
    const reading = (async () => {
      const { signal } = new AbortController()
      for await (const { position } of source.read({ signal, from: {}, splits: idle })) {
        seen.push(position)
        await turns(5)
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  })

  it('stores what is redelivered once, also after a restart, and acknowledges it', async () => {
    const files = memoryFiles()
    const message = (id: number, position: number, redelivered: boolean): Batch => ({
      ...batchOf(position),
      ids: [id],
      redelivered
    })
    const first = inner(1, 1, {
      replay: 'session',
      read: async function* () {
        yield message(7, 1, false)
        yield message(8, 2, false)
        yield message(8, 3, true)
      }
    })
    expect(positions(await readAll(over(files, first)))).toEqual([1, 2])
    expect(first.committed.at(-1)).toEqual({ split: 3 })
    const second = inner(1, 1, {
      replay: 'session',
      read: async function* () {
        yield message(7, 1, true)
        yield message(9, 2, true)
        yield message(7, 3, false)
      }
    })
    const batches = await readAll(over(files, second), { split: 2 })
    expect(batches.map(({ position, ids }) => [position, ids])).toEqual([
      [3, undefined],
      [4, undefined]
    ])
    expect(second.committed.at(-1)).toEqual({ split: 3 })
  })

  it('declares what a source that cannot be read again lost while nobody read it', async () => {
    const files = memoryFiles()
    const once = (from: number, change: Partial<Block> = {}): Source =>
      inner(1, 1, {
        replay: 'none',
        read: async function* () {
          for (let i = from; i < from + 3; i += 1) {
            const batch = batchOf(i)
            yield i === from ? { ...batch, blocks: [{ ...(batch.blocks[0] as Block), ...change }] } : batch
          }
        }
      })
    const gaps = (batches: readonly Batch[]): unknown[] => batches.map(({ blocks }) => blocks[0]?.gap)
    expect(gaps(await readAll(over(files, once(1))))).toEqual([undefined, undefined, undefined])
    expect(gaps(await readAll(over(files, once(6)), { split: 3 }))).toEqual([
      { scans: 8, cause: 'reconnect' }, // two batches of 4 scans, by their time
      undefined,
      undefined
    ])
    const known = { scans: 5, cause: 'lost' } as const
    expect(gaps(await readAll(over(files, once(9, { gap: known })), { split: 6 }))).toEqual([
      known,
      undefined,
      undefined
    ])
    const unsure = { scans: 'unknown', cause: 'reconnect' } as const
    expect(gaps(await readAll(over(files, once(14, { gap: unsure })), { split: 9 }))[0]).toEqual({
      scans: 8, // what the source could not count, the time does
      cause: 'reconnect'
    })
  })

  it('after an abort keeps what the source still hands over for the next read', async () => {
    const files = memoryFiles()
    const abort = new AbortController()
    const read = async function* ({ signal }: ReadOptions): AsyncGenerator<Batch> {
      yield batchOf(1)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      yield batchOf(2)
      yield batchOf(3)
    }
    const source = inner(1, 1, { replay: 'none', read })
    const seen: number[] = []
    for await (const { position } of over(files, source).read({ signal: abort.signal, from: {}, splits: idle })) {
      seen.push(position)
      abort.abort()
    }
    expect([seen, source.committed.at(-1)]).toEqual([[1], { split: 3 }])
    expect(positions(await readAll(over(files, inner(1, 1, { read: async function* () {} })), { split: 1 }))).toEqual([
      2, 3
    ])
  })

  it('says that its disk refuses, asks the source for no more, and goes on', async () => {
    const files = memoryFiles()
    let given = 0
    const read = async function* (): AsyncGenerator<Batch> {
      for (let i = 1; i <= 40; i += 1) {
        given = i
        yield batchOf(i, 's', 2000)
        await turns(1)
      }
    }
    let isFailing = true
    files.before = (operation) => {
      if (isFailing && operation === 'write') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    }
    const reports: string[] = []
    const source = over(files, inner(1, 1, { read }), { bytes: '16MiB', segment: '1MiB' })
    const reading = (async () => {
      const report = ({ state, why }: { state: string; why?: string | undefined }): void =>
        void reports.push(`${state} ${why ?? ''}`)
      const seen: number[] = []
      for await (const { position } of source.read({
        signal: new AbortController().signal,
        from: {},
        splits: idle,
        report
      }))
        seen.push(position)
      return seen
    })()
    await turns(100)
    expect(given).toBeLessThan(10)
    expect(reports[0]).toContain('degraded spool: the disk is full')
    isFailing = false
    expect(await reading).toHaveLength(40)
    expect(reports.at(-1)).toBe('running ')
  })

  it('gives no position twice when the log was deleted under a checkpoint, and says that something is missing', async () => {
    const batches = await readAll(over(memoryFiles(), inner(1, 3)), { split: 500 })
    expect(positions(batches)).toEqual([501, 502, 503])
    expect(batches[0]?.blocks[0]?.gap).toEqual({ scans: 'unknown', cause: 'lost' })
  })
})

describe('spooled ends soon after its signal', () => {
  const messages = (count: number): Source['read'] =>
    async function* ({ signal }: ReadOptions) {
      for (let i = 1; i <= count && !signal.aborted; i += 1) yield batchOf(i)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }

  it.each([
    ['full and blocks', (_: MemoryFiles) => {}],
    [
      'on a disk that refuses',
      (files: MemoryFiles) => {
        files.before = (operation, path) => {
          if (operation === 'write' && path.endsWith('.spool')) throw Object.assign(new Error(), { code: 'ENOSPC' })
        }
      }
    ]
  ])('when its log is %s; what is not on disk is not committed', async (_, prepare) => {
    const files = memoryFiles()
    prepare(files)
    const source = inner(1, 1, { replay: 'none', read: messages(200) })
    const abort = new AbortController()
    const reading = readAll(over(files, source, { bytes: '8KiB', segment: '1KiB' }), {}, abort.signal)
    await turns()
    abort.abort()
    await reading
    files.before = () => {}
    const last = source.committed.at(-1)?.split ?? 0
    const left = await readAll(over(files, inner(1, 1, { read: async function* () {} })))
    expect(left).toHaveLength(last)
    expect(last).toBeLessThan(200)
  })

  it('leaves no listener and no timer behind', async () => {
    const abort = new AbortController()
    let listeners = 0
    const { signal } = abort
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => {
        listeners += 1
        add(...args)
      },
      removeEventListener: (...args: Parameters<typeof remove>) => {
        listeners -= 1
        remove(...args)
      }
    })
    const time = new VirtualTime()
    await readAll(over(memoryFiles(), inner(1, 50), { scheduler: time, fsync: 'each' }), {}, signal)
    expect([listeners, time.pending]).toEqual([0, 0])
  })
})

describe('what is committed to the source', () => {
  it('is nothing behind a batch that could not be stored, also when that is known', async () => {
    const files = memoryFiles()
    const source = inner(1, 1, {
      replay: 'session',
      read: async function* () {
        yield { ...batchOf(1), ids: [1], redelivered: false }
        await turns()
        files.before = (operation) => {
          if (operation === 'write') throw Object.assign(new Error('EROFS'), { code: 'EROFS' })
        }
        yield { ...batchOf(2), ids: [2], redelivered: false }
        yield { ...batchOf(3), ids: [2], redelivered: true }
        yield { ...batchOf(4), ids: [1], redelivered: true }
      }
    })
    await expect(readAll(over(files, source))).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: false })
    expect(source.committed).toEqual([{ split: 1 }])
  })

  it('is repeated when that may help, the newest only', async () => {
    const time = new VirtualTime()
    const committed: Positions[] = []
    let left = 3
    const commit = async (at: Positions): Promise<void> => {
      if (left-- > 0) throw new NotConnectedError('tcp://broker')
      committed.push(at)
    }
    const reading = readAll(over(memoryFiles(), inner(1, 20, { commit }), { scheduler: time }))
    await time.advance(2000)
    expect(await reading).toHaveLength(20)
    expect(committed.at(-1)).toEqual({ split: 20 })
  })

  it('ends the reading of an idle source when it fails for good', async () => {
    const read = async function* ({ signal }: ReadOptions): AsyncGenerator<Batch> {
      yield batchOf(1)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
    const commit = (): Promise<void> => Promise.reject(new StorageError('broker', 'no such topic', false))
    await expect(readAll(over(memoryFiles(), inner(1, 1, { read, commit })))).rejects.toMatchObject({
      code: 'STORAGE_FAILED'
    })
  })

  it('is nothing of a split that was lost, and of a revoked one what the disk has by the deadline', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const given: { splits?: ReadOptions['splits']; from?: number | undefined } = {}
    const at = (split: string, position: number): Batch => ({ ...batchOf(position), split })
    const source = inner(1, 1, {
      replay: 'session',
      read: async function* ({ splits }: ReadOptions) {
        given.splits = splits
        yield at('a', 1)
        await turns()
        splits.lost('a')
        yield at('a', 2)
        yield at('b', 1)
        const revoked = splits.revoked('b', 1000)
        await turns()
        await revoked
        given.from = await splits.assigned('b')
        yield at('b', 2)
        await turns()
        files.before = (operation) => {
          if (operation === 'sync') throw Object.assign(new Error('EIO'), { code: 'EIO' })
        }
        yield at('b', 3)
        const late = splits.revoked('b', 1000)
        await time.advance(1000)
        await late
        files.before = () => {}
      }
    })
    const reading = readAll(over(files, source, { scheduler: time }))
    await turns(200)
    await time.advance(10_000)
    expect((await reading).map(({ split }) => split)).toEqual(['a', 'a', 'b', 'b', 'b'])
    expect(given.from).toBe(1)
    expect(source.committed).toEqual([{ a: 1 }, { b: 1 }, { b: 2 }])
  })
})

describe('a source that cannot be read again', () => {
  const once = (numbers: readonly number[], change: Partial<Block> = {}): Source =>
    inner(1, 1, {
      replay: 'none',
      read: async function* () {
        for (const i of numbers) {
          const batch = batchOf(i)
          yield i === numbers[0] ? { ...batch, blocks: [{ ...(batch.blocks[0] as Block), ...change }] } : batch
        }
      }
    })
  const gapsOf = async (files: MemoryFiles, source: Source, from: number): Promise<unknown[]> => {
    const batches = await readAll(over(files, source, { segment: '1KiB' }), from > 0 ? { split: from } : {})
    return batches.flatMap(({ blocks }) => blocks[0]?.gap ?? [])
  }

  it('has missed what its blocks do not cover, over several segments and restarts; nothing where they join', async () => {
    const files = memoryFiles()
    const numbers = Array.from({ length: 60 }, (_, i) => i + 1)
    expect(await gapsOf(files, once(numbers), 0)).toEqual([])
    expect([...files.contents.keys()].filter((path) => path.endsWith('.spool')).length).toBeGreaterThan(5)
    expect(await gapsOf(files, once([61, 62]), 60)).toEqual([])
    expect(await gapsOf(files, once([70]), 62)).toEqual([{ scans: 28, cause: 'reconnect' }])
    const less = once([80], { gap: { scans: 3, cause: 'resync' } })
    expect(await gapsOf(files, less, 63)).toEqual([{ scans: 36, cause: 'reconnect' }])
    const more = once([90], { gap: { scans: 99, cause: 'lost' } })
    expect(await gapsOf(files, more, 64)).toEqual([{ scans: 99, cause: 'lost' }])
  })

  it('is believed when it says itself what it missed, even where that is less than by the times', async () => {
    const files = memoryFiles()
    expect(await gapsOf(files, once([1, 2]), 0)).toEqual([])
    const counted = { scans: 27, cause: 'reconnect' } as const
    expect(await gapsOf(files, once([10], { gap: counted }), 2)).toEqual([counted])
  })

  it('is told what it wanted to know again: the newest of each split, over several segments, restarts and a kill', async () => {
    const files = memoryFiles()
    const told: ReadOptions['memos'][] = []
    const noting = (memos: readonly (readonly [batch: number, split: string, memo?: string])[]): Source =>
      inner(1, 1, {
        replay: 'none',
        read: async function* ({ memos: known }) {
          told.push(known)
          for (const [i, split, memo] of memos) yield { ...batchOf(i), split, ...(memo !== undefined && { memo }) }
        }
      })
    const small = { segment: '1KiB' } as const
    await readAll(
      over(
        files,
        noting([
          [1, 'a', 'old'],
          [2, 'a', 'new'],
          [3, 'b', 'B "ü"'],
          [4, 'a']
        ]),
        small
      )
    )
    await readAll(over(files, noting(Array.from({ length: 60 }, (_, i) => [i + 5, 'a'])), small), { a: 3, b: 3 })
    const position = 64
    await readAll(over(files, noting([[65, 'b', '']]), small), { a: position, b: position })
    await readAll(over(files, noting([]), small), { a: position, b: 65 })
    const both = { a: 'new', b: 'B "ü"' }
    expect(told).toEqual([{}, both, both, { a: 'new', b: '' }])
  })
})
