import { describe, expect, it } from 'vitest'
import type { SpoolRecord } from '../../model/index.ts'
import { VirtualTime } from '../../testing/virtual-time.ts'
import { type FileSpool, openSpool } from './file-spool.ts'
import { type MemoryFiles, memoryFiles } from './fixtures/memory-files.ts'
import { batchOf, recordsOf } from './fixtures/spooled-batches.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'

const opened = (files: MemoryFiles, options: Partial<SpoolOptions> = {}): Promise<FileSpool> => {
  const all: SpoolOptions = { path: 'spool', fsync: 'each', bytes: '8KiB', segment: '1KiB', ...options, files }
  return openSpool(all, checkedLimits(all, 'fileSpool'))
}
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
const positions = (records: readonly SpoolRecord[]): number[] => records.map(({ position }) => position)

it('what a killed process had written and not synced is synced before it is believed', async () => {
  const files = memoryFiles()
  const spool = await opened(files, { fsync: '100ms', scheduler: new VirtualTime() })
  for (const i of [1, 2]) spool.append(batchOf(i)).catch(() => {})
  await turns(4)
  expect(spool.durable).toBe(0)
  const killed = files.crash('written')
  const second = await opened(killed)
  expect(second.positions).toEqual({ split: 2 })
  const cut = await opened(killed.crash('synced'))
  expect(positions(await recordsOf(cut))).toEqual([1, 2])
  await Promise.all([second.close(), cut.close()])
})

describe('two writers', () => {
  it('one that was taken over leaves the files alone', async () => {
    const files = memoryFiles()
    const first = await opened(files, { segment: '4KiB' })
    await first.append(batchOf(1))
    await files.remove('spool/lock-00000001')
    const [path = ''] = [...files.contents.keys()].filter((name) => name.endsWith('.spool'))
    await expect(first.append(batchOf(2))).rejects.toMatchObject({ code: 'FENCED' })
    const { size = 0 } = files.contents.get(path) ?? {}
    await first.close()
    expect(files.contents.get(path)?.size).toBe(size) // not even cut back
  })

  it('what it had written behind the end is not read', async () => {
    const files = memoryFiles()
    const first = await opened(files, { segment: '4KiB' })
    await first.append(batchOf(1))
    const copy = memoryFiles(
      new Map([...files.contents].map(([name, content]) => [name, { ...content, bytes: content.bytes.slice() }]))
    )
    await first.append(batchOf(2, 'late'))
    const second = await opened(copy, { segment: '4KiB' })
    await second.append(batchOf(2))
    await second.close()
    const [path = ''] = [...files.contents.keys()].filter((name) => name.endsWith('.spool'))
    copy.contents.set(path, files.contents.get(path) as never)
    const third = await opened(copy, { segment: '4KiB' })
    const records = await recordsOf(third)
    expect(records.map(({ position, batch }) => [position, batch.blocks[0]?.stream.id])).toEqual([
      [1, 's'],
      [2, 's']
    ])
    await Promise.all([first.close(), third.close()])
  })
})
