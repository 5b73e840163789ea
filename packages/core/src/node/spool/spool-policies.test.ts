import { describe, expect, it } from 'vitest'
import type { Block, SpoolRecord } from '../../model/index.ts'
import { VirtualTime } from '../../testing/virtual-time.ts'
import { type FileSpool, openSpool } from './file-spool.ts'
import { type MemoryFiles, memoryFiles } from './fixtures/memory-files.ts'
import { batchOf, recordsOf } from './fixtures/spooled-batches.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'

const opened = (files: MemoryFiles, options: Partial<SpoolOptions> = {}): Promise<FileSpool> => {
  const all: SpoolOptions = { path: 'spool', fsync: 'each', bytes: '16KiB', segment: '2KiB', ...options, files }
  return openSpool(all, checkedLimits(all, 'fileSpool'))
}
const turns = async (count = 20): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
const gaps = (records: readonly SpoolRecord[]): [number, Block['gap']][] =>
  records.flatMap(
    ({ position, batch }) => batch.blocks.flatMap(({ gap }) => (gap ? [[position, gap] as const] : [])) as never
  )
const fault = (code: string): Error => Object.assign(new Error(code), { code })

async function fill(spool: FileSpool, batches: number): Promise<(number | undefined | 'waits')[]> {
  const results: (number | undefined | 'waits')[] = Array.from({ length: batches }, () => 'waits')
  for (let i = 0; i < batches; i += 1) {
    void spool.append(batchOf(i + 1)).then(
      (position) => {
        results[i] = position
      },
      () => {}
    )
  }
  await turns()
  return results
}

describe('a full spool', () => {
  it('that blocks waits until its reader has released something, and loses nothing', async () => {
    const spool = await opened(memoryFiles())
    const results = await fill(spool, 200)
    const held = results.filter((result) => result !== 'waits').length
    expect(held).toBeGreaterThan(20)
    expect(held).toBeLessThan(100)
    expect(spool.metrics.bytes).toBeLessThanOrEqual(16384)
    expect(spool.state).toMatchObject({ state: 'degraded', why: expect.stringContaining('full') })
    const room = spool.room()
    expect(room).toBeInstanceOf(Promise)
    const read: number[] = []
    for await (const { position, batch } of spool.read()) {
      read.push(position)
      expect(batch.blocks[0]?.gap).toBeUndefined()
      if (position % 7 === 0 || position > 190) await spool.release(position)
      if (position === 200) break
    }
    expect(read).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    await room
    expect([spool.state.state, spool.room(), spool.metrics.droppedRecords]).toEqual(['running', undefined, 0])
    await spool.close()
  })

  it('that blocks goes on when everything in its only segment was released', async () => {
    const spool = await opened(memoryFiles(), { bytes: '4KiB', segment: '2KiB' })
    const done = fill(spool, 50)
    let last = 0
    for await (const { position } of spool.read()) {
      last = position
      await spool.release(position)
      if (position === 50) break
    }
    expect(last).toBe(50)
    await done
    await spool.close()
  })

  it('rejects what still waits when it is closed', async () => {
    const spool = await opened(memoryFiles())
    const appended = Array.from({ length: 200 }, (_, i) =>
      spool.append(batchOf(i + 1)).then(
        () => 'ok',
        (error: Error) => error.name
      )
    )
    await turns()
    await spool.close()
    const results = await Promise.all(appended)
    expect(new Set(results)).toEqual(new Set(['ok', 'StorageError']))
  })

  it.each([false, true])('that drops the oldest declares it, to a reader that follows: %s', async (isFollowing) => {
    const files = memoryFiles()
    const spool = await opened(files, { onFull: 'dropOldest' })
    const seen: SpoolRecord[] = []
    const reading = (async () => {
      if (!isFollowing) return
      for await (const record of spool.read()) {
        seen.push(record)
        await turns(3)
        if (record.position === 300) return
      }
    })()
    for (let i = 1; i <= 300; i += 1) await spool.append(batchOf(i))
    expect(spool.metrics.bytes).toBeLessThanOrEqual(16384)
    await reading
    const records = isFollowing ? seen : await recordsOf(spool, 0)
    expect(records.length).toBeLessThan(300)
    let expected = 1
    for (const { position, batch, missing } of records) {
      const gone = position - expected
      expect(missing ?? 0).toBe(gone)
      expect(batch.blocks[0]?.gap).toEqual(gone > 0 ? { scans: 4 * gone, cause: 'shed' } : undefined)
      expected = position + 1
    }
    expect(expected).toBe(301)
    const { droppedRecords, droppedScans } = spool.metrics
    expect([droppedRecords > 0, droppedScans]).toEqual([true, 4 * droppedRecords])
    if (!isFollowing) {
      await spool.close()
      const again = await opened(files, { onFull: 'dropOldest' })
      expect(gaps(await recordsOf(again))).toEqual(gaps(records))
      expect(gaps(await recordsOf(again, 3))).toEqual([[records[0]?.position, { scans: 'unknown', cause: 'shed' }]])
      await again.close()
    } else await spool.close()
  })

  it('that drops the newest declares it on the next that gets in', async () => {
    const spool = await opened(memoryFiles(), { onFull: 'dropNewest' })
    const results = await fill(spool, 200)
    const held = results.filter((result) => result !== undefined).length
    expect(spool.metrics).toMatchObject({ droppedRecords: 200 - held, droppedScans: 4 * (200 - held) })
    expect(spool.room()).toBeUndefined()
    expect((await recordsOf(spool)).length).toBe(held)
    await spool.release(held)
    expect(await spool.append(batchOf(201))).toBe(held + 1)
    expect(gaps(await recordsOf(spool, held))).toEqual([[held + 1, { scans: 4 * (200 - held), cause: 'shed' }]])
    await spool.close()
  })

  it('that dropped the newest and was killed still says that something is missing, of every stream', async () => {
    const files = memoryFiles()
    const spool = await opened(files, { onFull: 'dropNewest' })
    await fill(spool, 200)
    const again = await opened(files.crash('synced'), { onFull: 'dropNewest' })
    const last = again.durable
    await again.release(last)
    await again.append(batchOf(201))
    await again.append(batchOf(201, 'new'))
    await again.append(batchOf(202))
    const unknown = { scans: 'unknown', cause: 'shed' }
    expect(gaps(await recordsOf(again, last))).toEqual([
      [last + 1, unknown],
      [last + 2, unknown]
    ])
    await again.close()
  })

  it('by age drops what is too old', async () => {
    const time = new VirtualTime()
    const spool = await opened(memoryFiles(), { age: '1h', scheduler: time, bytes: '1MiB', segment: '512KiB' })
    for (let i = 1; i <= 100; i += 1) {
      await spool.append(batchOf(i))
      await time.advance(120_000)
    }
    const records = await recordsOf(spool, 0)
    expect(records.length).toBeGreaterThanOrEqual(30)
    expect(records.length).toBeLessThan(40)
    expect(gaps(records)).toEqual([[records[0]?.position, { scans: 4 * (100 - records.length), cause: 'shed' }]])
    await spool.close()
  })

  it('takes a batch that is larger than all of it, alone', async () => {
    const spool = await opened(memoryFiles(), { bytes: '4KiB', segment: '2KiB' })
    expect(await spool.append(batchOf(1, 's', 2000))).toBe(1)
    await spool.release(1)
    expect(await spool.append(batchOf(2, 's', 2000))).toBe(2)
    await spool.close()
  })
})

describe('a disk that refuses', () => {
  it.each([
    ['write', 'EIO'],
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
    ['open', 'EMFILE'],
    ['truncate', 'EIO']
  ])('%s fails with %s: it waits, says so, and goes on with nothing lost', async (operation, code) => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = await opened(files, { scheduler: time })
    await spool.append(batchOf(1))
    let isFailing = true
    let failed = 0
    files.before = (what, path) => {
      if (!isFailing || what !== operation || !path.endsWith('.spool')) return
      failed += 1
      throw fault(code)
    }
    const settled: unknown[] = []
    for (let i = 2; i <= 40; i += 1) void spool.append(batchOf(i)).then((position) => settled.push(position))
    await time.advance(10_000)
    if (operation !== 'truncate') {
      expect(failed).toBeGreaterThan(3)
      expect(settled.length).toBeLessThan(39)
      expect(spool.state).toMatchObject({ state: 'degraded', error: { name: 'StorageError', retryable: true } })
      expect(spool.room()).toBeInstanceOf(Promise)
    }
    isFailing = false
    await time.advance(10_000)
    expect(settled).toEqual(Array.from({ length: 39 }, (_, i) => i + 2))
    expect([spool.state.state, spool.room()]).toEqual(['running', undefined])
    await spool.close()
    const again = await opened(files)
    expect((await recordsOf(again)).map(({ position }) => position)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1)
    )
    await again.close()
  })

  it('full halfway through a record leaves no half, and all of it comes when there is space', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = await opened(files, { scheduler: time, bytes: '1MiB', segment: '512KiB' })
    await spool.append(batchOf(1))
    const [path, content] = [...files.contents].find(([name]) => name.endsWith('.spool')) as [string, { size: number }]
    const { size } = content
    files.capacity = [...files.contents.values()].reduce((sum, file) => sum + file.size, 0) + 100
    const appended = spool.append(batchOf(2))
    await time.advance(1000)
    expect(files.contents.get(path)?.size).toBe(size)
    expect(spool.state.why).toContain('the disk is full')
    files.capacity = Number.POSITIVE_INFINITY
    await time.advance(10_000)
    expect(await appended).toBe(2)
    await spool.close()
  })

  it('that will never take it fails what is appended', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    files.before = (operation) => {
      if (operation === 'write') throw fault('EROFS')
    }
    await expect(spool.append(batchOf(1))).rejects.toMatchObject({ name: 'StorageError', retryable: false })
    expect(spool.state).toMatchObject({ state: 'degraded', error: { retryable: false } })
    await spool.close()
  })

  it('after a failed sync is written to again: it may have forgotten', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = await opened(files, { scheduler: time })
    await spool.append(batchOf(1))
    let writes = 0
    let failures = 1
    files.before = (operation, path) => {
      if (!path.endsWith('.spool')) return
      if (operation === 'write') writes += 1
      if (operation === 'sync' && failures-- > 0) throw fault('EIO')
    }
    const appended = spool.append(batchOf(2))
    await time.advance(1000)
    await appended
    expect(writes).toBe(2)
    await spool.close()
  })
})

it('after a power cut everything acknowledged is there', async () => {
  for (let round = 0; round < 20; round += 1) {
    const files = memoryFiles()
    const spool = await opened(files, { bytes: '1MiB', segment: '4KiB' })
    const acknowledged: number[] = []
    for (let i = 1; i <= 30 + round; i += 1) {
      void spool.append(batchOf(i)).then(
        (position) => acknowledged.push(position as number),
        () => {}
      )
      if (i % (round + 1) === 0) await turns(1)
    }
    await turns(round % 4)
    const again = await opened(files.crash('synced'), { bytes: '1MiB', segment: '4KiB' })
    const there = (await recordsOf(again)).map(({ position }) => position)
    expect(there.slice(0, acknowledged.length)).toEqual(acknowledged)
    expect(there).toEqual(Array.from(there, (_, i) => i + 1))
    await again.close()
  }
})

it.each([
  [{ path: '' }, 'fileSpool: path must be the path of a folder'],
  [{ bytes: '0MiB' }, 'fileSpool: bytes must be a size'],
  [{ onFull: 'drop' }, "fileSpool: onFull must be 'block', 'dropOldest' or 'dropNewest', got 'drop'"],
  [{ fsync: '0s' }, 'fileSpool: fsync must be longer than 0'],
  [{ segment: '15KiB' }, "fileSpool: segment must be at most half of bytes ('16KiB'), got '15KiB'"]
])('%j is refused', (wrong, message) => {
  expect(() => checkedLimits({ path: 'spool', bytes: '16KiB', ...wrong } as never, 'fileSpool')).toThrow(message)
})
