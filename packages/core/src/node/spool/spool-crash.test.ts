import { describe, expect, it } from 'vitest'
import type { SpoolRecord } from '../../model/index.ts'
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

/** Every batch is there, or its scans are declared by the next one. */
function expectDeclared(records: readonly SpoolRecord[], from: number): void {
  let expected = from
  for (const { position, batch } of records) {
    const [block] = batch.blocks
    const scans = 4 * (position - expected)
    expect(block?.values).toEqual(batchOf(position).blocks[0]?.values)
    if (scans === 0) expect(block?.gap).toBeUndefined()
    else
      expect([
        { scans, cause: 'shed' },
        { scans: 'unknown', cause: 'shed' }
      ]).toContainEqual(block?.gap)
    expected = position + 1
  }
}

interface Crash {
  readonly files: MemoryFiles
  readonly acknowledged: readonly number[]
  readonly released: number
}

/** Appends 60 batches over many segments, released or dropped on the way, until the operation of this number. */
async function crashedAt(
  operation: number,
  keep: 'written' | 'synced' | 'torn',
  onFull: 'block' | 'dropOldest'
): Promise<Crash | undefined> {
  const files = memoryFiles()
  const acknowledged: number[] = []
  let released = 0
  let left: Crash | undefined
  let count = 0
  files.before = () => {
    count += 1
    if (count !== operation) return
    left = { files: files.crash(keep, operation), acknowledged: acknowledged.slice(), released }
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  }
  const spool = await opened(files, { onFull }).catch(() => undefined)
  for (let i = 1; i <= 60 && spool && !left; i += 1) {
    void spool.append(batchOf(i)).then(
      (position) => acknowledged.push(position as number),
      () => {}
    )
    if (i % 3 === 0) await turns(4)
    if (onFull === 'dropOldest' || i % 10 !== 0 || left) continue
    released = spool.durable - 7
    await spool.release(released)
  }
  await turns(4)
  await spool?.close()
  return left
}

describe.each(['written', 'synced', 'torn'] as const)(
  'killed at any operation of the disk, what is %s stays:',
  (keep) => {
    it.each(['block', 'dropOldest'] as const)('everything acknowledged is there or declared (%s)', async (onFull) => {
      let crashes = 0
      for (let operation = 1; ; operation += keep === 'torn' ? 1 : 2) {
        const crash = await crashedAt(operation, keep, onFull)
        if (!crash) break
        crashes += 1
        const { files, acknowledged, released } = crash
        const spool = await opened(files, { onFull })
        const last = spool.durable
        expect(last).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0)
        expect(spool.metrics.lostRecords).toBe(0)
        const before = await recordsOf(spool, Math.max(0, released))
        expectDeclared(before, Math.max(0, released) + 1)
        if (onFull === 'block' && last > released) expect(positions(before).at(0)).toBe(released + 1)
        expect(await spool.append(batchOf(last + 1))).toBe(last + 1)
        expect(positions(await recordsOf(spool, last))).toEqual([last + 1])
        await spool.close()
        // a power cut right after takes nothing of it away again
        const again = await opened(files.crash('synced'), { onFull })
        expectDeclared(await recordsOf(again, Math.max(0, released)), Math.max(0, released) + 1)
        expect(again.durable).toBe(last + 1)
        await again.close()
      }
      expect(crashes).toBeGreaterThan(40)
    })
  }
)
