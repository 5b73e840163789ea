import { describe, expect, it } from 'vitest'
import type { Batch, MeasurementEvent, SpoolRecord } from '../../model/index.ts'
import { VirtualTime } from '../../testing/virtual-time.ts'
import { type FileSpool, openSpool } from './file-spool.ts'
import { type MemoryFiles, memoryFiles } from './fixtures/memory-files.ts'
import { batchOf, recordsOf } from './fixtures/spooled-batches.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'

const opened = (files: MemoryFiles, options: Partial<SpoolOptions> = {}): Promise<FileSpool> => {
  const all: SpoolOptions = { path: 'spool', fsync: 'each', bytes: '16KiB', segment: '2KiB', ...options, files }
  return openSpool(all, checkedLimits(all, 'fileSpool'))
}
const appended = async (spool: FileSpool, from: number, to: number): Promise<void> => {
  for (let i = from; i <= to; i += 1) await spool.append(batchOf(i))
}
const positions = (records: readonly SpoolRecord[]): number[] => records.map(({ position }) => position)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)
const gapOf = (record: SpoolRecord | undefined): unknown => record?.batch.blocks[0]?.gap
const fault = (code: string): Error => Object.assign(new Error(code), { code })
const failing = (files: MemoryFiles, operation: string, part: string, code = 'EIO'): void => {
  files.before = (what, path) => {
    if (what === operation && path.includes(part)) throw fault(code)
  }
}

describe('an error of the disk', () => {
  it('on the only sync costs no more than a wait, also when nothing else is appended', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = await opened(files, { fsync: '100ms', scheduler: time })
    let failures = 1
    files.before = (operation) => {
      if (operation === 'sync' && failures-- > 0) throw fault('EIO')
    }
    let position: number | undefined
    void spool.append(batchOf(1)).then((at) => {
      position = at
    })
    await time.advance(1000)
    expect(position).toBe(1)
    await spool.close()
    expect(time.pending).toBe(0)
  })

  it('on the sync of the folder: nothing is believed before', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = await opened(files, { scheduler: time })
    const { syncFolder } = files
    Object.assign(files, { syncFolder: () => Promise.reject(fault('EIO')) })
    let isDurable = false
    void spool.append(batchOf(1)).then(() => {
      isDurable = true
    })
    await time.advance(1000)
    expect([isDurable, spool.durable, spool.state.state]).toEqual([false, 0, 'degraded'])
    Object.assign(files, { syncFolder })
    await time.advance(10_000)
    expect([isDurable, spool.durable, spool.state.state]).toEqual([true, 1, 'running'])
    await spool.close()
  })

  it('on the mark: nothing depends on it', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    failing(files, 'write', 'durable')
    await appended(spool, 1, 60)
    await spool.flush()
    expect(positions(await recordsOf(spool))).toEqual(upTo(60))
    expect([spool.state.state, spool.metrics.lostRecords]).toEqual(['running', 0])
    await spool.close()
  })

  it('on removing what was released: said, no hindrance, and mended with the next', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    await appended(spool, 1, 60)
    failing(files, 'remove', '.spool')
    await spool.release(30)
    expect(spool.state).toMatchObject({ state: 'degraded', error: { code: 'STORAGE_FAILED' } })
    expect(spool.room()).toBeUndefined()
    files.before = () => {}
    await spool.release(31)
    expect(spool.state.state).toBe('running')
    const { first } = spool
    expect(
      [...files.contents.keys()].filter(
        (path) => path.endsWith('.spool') && path < `spool/${String(first).padStart(16, '0')}`
      )
    ).toEqual([])
    await spool.close()
  })

  it('on reading: the reader is told, and another one reads', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    await appended(spool, 1, 5)
    failing(files, 'read', '.spool')
    await expect(recordsOf(spool)).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: true })
    files.before = () => {}
    expect(positions(await recordsOf(spool))).toEqual(upTo(5))
    await spool.close()
    expect(files.openFiles).toBe(0)
  })

  it('a full one still keeps the cursor, so that what was read can go', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = await opened(files, { scheduler: time, bytes: '1MiB' })
    await spool.saveCursor('0')
    await appended(spool, 1, 60)
    files.capacity = [...files.contents.values()].reduce((sum, { size }) => sum + size, 0)
    const waits = spool.append(batchOf(61))
    await time.advance(1000)
    expect(spool.state.why).toContain('the disk is full')
    await spool.saveCursor('50\n')
    await spool.release(50)
    await time.advance(10_000)
    expect(await waits).toBe(61)
    await spool.close()
    const again = await opened(files)
    expect(again.cursor).toBe('50\n')
    await again.close()
  })

  it('whichever of two saves of the cursor a crash tears, the other one is there', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    for (const text of ['a', 'b', 'c']) await spool.saveCursor(text)
    await spool.close()
    for (const [i, expected] of [
      ['0', 'c'],
      ['1', 'b']
    ]) {
      const copy = memoryFiles(new Map([...files.contents].map(([path, content]) => [path, { ...content }])))
      const content = copy.contents.get(`spool/cursor-${i}`)
      if (content) content.bytes = content.bytes.map((byte, at) => (at === 20 ? byte ^ 1 : byte))
      const again = await opened(copy)
      expect(again.cursor).toBe(expected)
      await again.close()
    }
  })
})

describe('what cannot be encoded', () => {
  const broken = { id: 'e', data: 1 } as unknown as MeasurementEvent
  Object.defineProperty(broken, 'data', {
    enumerable: true,
    get: () => {
      throw new TypeError('no data')
    }
  })

  it('fails the batch itself, not only those behind it', async () => {
    const spool = await opened(memoryFiles())
    const batch: Batch = { split: 's', position: 1, blocks: [], events: [broken] }
    await expect(spool.append(batch)).rejects.toMatchObject({ code: 'PIPELINE_FAILED' })
    await spool.close()
  })
})

describe('what is dropped while a part of it was released', () => {
  it('counts only what nobody had, exactly, also for a reader after a restart', async () => {
    const files = memoryFiles()
    const spool = await opened(files, { onFull: 'dropOldest' })
    await appended(spool, 1, 20)
    await spool.release(3)
    await appended(spool, 21, 300)
    await spool.release(3) // waits for what is being removed
    const records = await recordsOf(spool, 3)
    const gone = (records[0]?.position as number) - 4
    expect(gapOf(records[0])).toEqual({ scans: 4 * gone, cause: 'shed' })
    expect(spool.metrics).toMatchObject({ droppedRecords: gone, droppedScans: 4 * gone })
    await spool.close()
    const again = await opened(files, { onFull: 'dropOldest' })
    expect(gapOf((await recordsOf(again, 3))[0])).toEqual({ scans: 4 * gone, cause: 'shed' })
    await again.close()
  })

  it('is exact again after the reader came past a hole', async () => {
    const files = memoryFiles()
    const spool = await opened(files, { onFull: 'dropOldest' })
    await appended(spool, 1, 200)
    const [held] = await recordsOf(spool, 0)
    const middle = (held?.position as number) + 20
    await spool.release(middle)
    await appended(spool, 201, 400)
    await spool.release(middle)
    const [next] = await recordsOf(spool, middle)
    expect(gapOf(next)).toEqual({ scans: 4 * ((next?.position as number) - middle - 1), cause: 'shed' })
    await spool.close()
  })
})

it('closes every file that it opened, also under readers that never came to an end', async () => {
  const files = memoryFiles()
  const time = new VirtualTime()
  const spool = await opened(files, { scheduler: time, age: '1h' })
  const abort = new AbortController()
  const reading = [spool.read({ signal: abort.signal }), spool.read()].map(async (records) => {
    for await (const _ of records) await Promise.resolve()
  })
  await appended(spool, 1, 60)
  await spool.saveCursor('x')
  abort.abort()
  await spool.close()
  await Promise.all(reading)
  expect([files.openFiles, time.pending]).toEqual([0, 0])
  expect([...files.contents.keys()].filter((path) => path.includes('lock'))).toEqual([])
})

it('the last batches behind a change of the segment are synced in time, though nothing follows', async () => {
  const time = new VirtualTime()
  const spool = await opened(memoryFiles(), { fsync: '100ms', scheduler: time, bytes: '1MiB', segment: '2KiB' })
  const all = Promise.all(upTo(50).map((i) => spool.append(batchOf(i))))
  await time.advance(500)
  expect(spool.metrics).toMatchObject({ appended: 50, waiting: 0 })
  expect(await all).toEqual(upTo(50))
  await spool.close()
})
