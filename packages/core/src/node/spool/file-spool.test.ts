import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Batch, type Block, DecodeError, type SpoolRecord, withGap } from '../../model/index.ts'
import { arbitraryBlock } from '../../testing/arbitraries.ts'
import { blockText } from '../../testing/index.ts'
import { VirtualTime } from '../../testing/virtual-time.ts'
import { type FileSpool, openSpool } from './file-spool.ts'
import { type MemoryFiles, memoryFiles } from './fixtures/memory-files.ts'
import { batchOf, recordsOf } from './fixtures/spooled-batches.ts'
import { checkedLimits, type SpoolOptions } from './spool-options.ts'

const opened = (files: MemoryFiles, options: Partial<SpoolOptions> = {}): Promise<FileSpool> => {
  const all: SpoolOptions = { path: 'spool', fsync: 'each', ...options, files }
  return openSpool(all, checkedLimits(all, 'fileSpool'))
}
const append = (spool: FileSpool, from: number, to: number): Promise<(number | undefined)[]> =>
  Promise.all(Array.from({ length: to - from + 1 }, (_, i) => spool.append(batchOf(from + i), 1000 + from + i)))
const textOf = (batch: Batch): string => batch.blocks.map(blockText).join('\n')
const positions = (records: readonly SpoolRecord[]): number[] => records.map(({ position }) => position)
const gapsOf = (records: readonly SpoolRecord[]): Block['gap'][] =>
  records.flatMap(({ batch }) => batch.blocks.map(({ gap }) => gap))
const bytesOf = (files: MemoryFiles): [string, { bytes: Uint8Array; size: number }] => {
  const found = [...files.contents].find(([path]) => path.endsWith('.spool'))
  return found as [string, { bytes: Uint8Array; size: number }]
}

describe('what is appended comes back', () => {
  it('equal to the bit, whatever the block', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryBlock(), { minLength: 1, maxLength: 5 }), async (blocks) => {
        const files = memoryFiles()
        const spool = await opened(files)
        await Promise.all(blocks.map((block, i) => spool.append({ split: 'x', position: i, blocks: [block, block] })))
        const records = await recordsOf(spool)
        expect(records.map(({ batch }) => textOf(batch))).toEqual(
          blocks.map((block) => textOf({ split: 'x', position: 0, blocks: [block, block] }))
        )
        await spool.close()
      }),
      { numRuns: 150 }
    )
  })

  it('with events, ids, rejected payloads, first arrival, and whether it is historical', async () => {
    const spool = await opened(memoryFiles())
    const error = new DecodeError('line/1', 'not JSON', { cause: new Error('at 3') })
    const event = {
      id: 'e',
      kind: 'notice',
      phase: 'begin',
      stream: 's',
      rule: 'r',
      start: 1,
      origin: { split: 'x', position: 1 },
      score: Number.NaN
    } as const
    const { blocks } = batchOf(1)
    const block = { ...(blocks[0] as Block), origin: { split: 'other', position: 9, historical: true } }
    const batch: Batch = {
      split: 'x',
      position: 77,
      blocks: [block],
      events: [event],
      ids: [5, 2 ** 40],
      redelivered: false,
      sequences: Float64Array.of(41, Number.NaN),
      rejected: [{ error, payload: Uint8Array.of(1, 2, 3), from: 'line/1' }]
    }
    await spool.append(batch, 12.5)
    const [record] = await recordsOf(spool)
    expect(record?.at).toBe(12.5)
    const read = record?.batch as Batch
    expect(Array.from(read.ids ?? [])).toEqual([5, 2 ** 40])
    expect(Array.from(read.sequences ?? [])).toEqual([41, Number.NaN])
    expect(read).toMatchObject({ split: 'x', position: 77, events: [event], redelivered: false })
    expect(read.blocks[0]?.origin.historical).toBe(true)
    expect(read.rejected?.[0]?.payload).toEqual(Uint8Array.of(1, 2, 3))
    expect(read.rejected?.[0]?.error).toBeInstanceOf(DecodeError)
    expect(read.rejected?.[0]?.error).toMatchObject({
      name: 'DecodeError',
      code: 'DECODE_FAILED',
      where: 'line/1',
      message: error.message,
      retryable: false
    })
    expect([spool.hasSeen(5), spool.hasSeen(6)]).toEqual([true, false])
    await spool.close()
  })

  it.each([
    ['int16', (i: number) => i, 2],
    ['int24', (i: number) => i * 1000 - 8_000_000, 3],
    ['int32', (i: number) => i * 100_000 + 1e9, 4],
    ['float32', (i: number) => Math.fround(i / 3), 4],
    ['float64', (i: number) => i / 3, 8]
  ])('in its own width: %s', async (_width, value, size) => {
    const spool = await opened(memoryFiles(), { fsync: 'each' })
    const { blocks } = batchOf(1, 's', 4096)
    const block = blocks[0] as Block
    const values = block.values.map((_, i) => value(i % 4096))
    await spool.append({ split: 'x', position: 1, blocks: [{ ...block, values }] })
    const [record] = await recordsOf(spool)
    expect(record?.batch.blocks[0]?.values).toEqual(values)
    expect(Math.round(spool.metrics.bytes / 8192)).toBe(size)
    await spool.close()
  })
})

describe('an opened folder', () => {
  it('goes on where it ended, over several segments', async () => {
    const files = memoryFiles()
    for (let round = 0; round < 3; round += 1) {
      const spool = await opened(files, { segment: '1KiB', bytes: '1MiB' })
      expect(await append(spool, 20 * round + 1, 20 * round + 20)).toEqual(
        Array.from({ length: 20 }, (_, i) => 20 * round + 1 + i)
      )
      expect(spool.positions).toEqual({ split: 20 * round + 20 })
      await spool.close()
    }
    const spool = await opened(files, { segment: '1KiB', bytes: '1MiB' })
    expect(spool.metrics.segments).toBeGreaterThan(10)
    const records = await recordsOf(spool)
    expect(positions(records)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
    expect(records.map(({ batch }) => textOf(batch))).toEqual(records.map(({ position }) => textOf(batchOf(position))))
    expect(positions(await recordsOf(spool, 57))).toEqual([58, 59, 60])
    await spool.close()
  })

  it('is one writer’s', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    await expect(opened(files)).rejects.toMatchObject({ code: 'IN_USE' })
    await spool.close()
    await (await opened(files)).close()
  })

  it('is refused while another living process has it, and taken over from a dead one', async () => {
    const files = memoryFiles()
    const { hostname } = await import('node:os')
    const lock = (pid: number): Uint8Array =>
      new TextEncoder().encode(JSON.stringify({ pid, host: hostname(), started: '' }))
    await files.make('spool/lock-00000007', lock(process.ppid))
    await expect(opened(files)).rejects.toMatchObject({ code: 'IN_USE' })
    await files.replace('spool/lock-00000007', lock(2 ** 30))
    const spool = await opened(files)
    expect([...files.contents.keys()].filter((path) => path.includes('lock'))).toEqual(['spool/lock-00000008'])
    await spool.close()
  })

  it('fences the writer that was taken over', async () => {
    const files = memoryFiles()
    const spool = await opened(files)
    await append(spool, 1, 1)
    await files.remove('spool/lock-00000001')
    await expect(append(spool, 2, 2)).rejects.toMatchObject({ code: 'FENCED' })
    await expect(spool.append(batchOf(3))).rejects.toMatchObject({ code: 'FENCED' })
    await spool.close()
  })
})

describe('a reader', () => {
  it('follows the writer, beside another, and sees only what is durable', async () => {
    const time = new VirtualTime()
    const spool = await opened(memoryFiles(), { fsync: '100ms', scheduler: time })
    const seen: number[][] = [[], []]
    const readers = seen.map(async (list) => {
      for await (const { position } of spool.read()) if (list.push(position) === 30) return
    })
    const appended = append(spool, 1, 10)
    await time.advance(99)
    expect(seen).toEqual([[], []])
    await time.advance(2)
    expect(seen[0]).toHaveLength(10)
    await appended
    void append(spool, 11, 30)
    await time.advance(101)
    await Promise.all(readers)
    expect(seen[0]).toEqual(seen[1])
    await spool.close()
  })

  it('ends with its signal, and when the spool is closed', async () => {
    const spool = await opened(memoryFiles())
    await append(spool, 1, 2)
    const abort = new AbortController()
    const read = async (signal?: AbortSignal): Promise<number> => {
      let count = 0
      for await (const _ of spool.read({ signal })) count += 1
      return count
    }
    const both = [read(abort.signal), read()] as const
    await new Promise((resolve) => setTimeout(resolve, 5))
    abort.abort()
    expect(await both[0]).toBe(2)
    await spool.close()
    expect(await both[1]).toBe(2)
  })
})

describe('damage', () => {
  const N = 12
  async function written(): Promise<MemoryFiles> {
    const files = memoryFiles()
    const spool = await opened(files)
    await append(spool, 1, N)
    await spool.close()
    return files
  }
  /** What is read back after something was done to the bytes, and one more batch appended. */
  async function after(files: MemoryFiles): Promise<{ records: SpoolRecord[]; lost: number }> {
    const spool = await opened(files.crash('written'))
    const last = await spool.append(batchOf(N + 1))
    const records = await recordsOf(spool)
    const lost = spool.metrics.lostRecords
    expect(last).toBe(N + 1)
    await spool.close()
    return { records, lost }
  }
  function checkRecords(records: readonly SpoolRecord[], lost: number): void {
    for (const { position, batch } of records) {
      expect(textOf({ ...batch, blocks: batch.blocks.map((block) => withGap(block, undefined)) })).toBe(
        textOf(batchOf(position))
      )
    }
    expect(lost).toBe(N + 1 - records.length)
    let expected = 1
    let unknown = false
    for (const { position, batch } of records) {
      const gap = batch.blocks[0]?.gap
      if (position !== expected) {
        expect(gap?.cause).toBe('lost')
        if (gap?.scans === 'unknown') unknown = true
        else expect(gap?.scans).toBe(4 * (position - expected))
      } else expect(gap).toBeUndefined()
      expected = position + 1
    }
    expect(expected).toBe(N + 2)
    if (unknown) expect(records.length).toBeLessThan(N + 1)
  }

  it('a cut at any byte costs what lies behind it, and says so', async () => {
    const files = await written()
    const [path, { size }] = bytesOf(files)
    for (let cut = 0; cut < size; cut += 1) {
      const copy = memoryFiles(new Map([...files.contents].map(([name, content]) => [name, { ...content }])))
      const content = copy.contents.get(path)
      if (content) content.size = cut
      const { records, lost } = await after(copy)
      checkRecords(records, lost)
    }
  })

  it('a wrong byte anywhere costs its record at most, and says so', async () => {
    const files = await written()
    const [path, { size, bytes }] = bytesOf(files)
    for (let at = 0; at < size; at += 1) {
      const flipped = bytes.slice()
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
      const copy = memoryFiles(new Map(files.contents))
      copy.contents.set(path, { bytes: flipped, size, synced: flipped })
      const { records, lost } = await after(copy)
      checkRecords(records, lost)
    }
  })

  it('what was never durable is no hole', async () => {
    const files = await written()
    const spool = await opened(files)
    let isFailing = false
    files.before = (operation, path) => {
      if (isFailing && operation === 'sync' && path.endsWith('.spool'))
        throw Object.assign(new Error('EIO'), { code: 'EIO' })
    }
    isFailing = true
    spool.append(batchOf(N + 1)).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    const left = files.crash('synced')
    const { records, lost } = await after(left)
    expect(positions(records)).toEqual(Array.from({ length: N + 1 }, (_, i) => i + 1))
    expect([lost, gapsOf(records).filter(Boolean)]).toEqual([0, []])
    await spool.close()
  })
})
