import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Block, blockOf } from '@messwerk/core/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readerOn, sinkOn } from './fixtures/database-file.ts'

const START = 1_700_000_000_000
const disk = mkdtempSync(join(tmpdir(), 'messwerk-full-'))

/** A disk of 16 MB; only root may make one. */
function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk], { stdio: 'ignore' })
    execFileSync('umount', [disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function noise(from: number, scans: number): Block {
  const shape = { stream: 'pump-1', channels: { a: 'V', b: 'V' }, rate: 1000, start: START + from }
  const column = (seed: number): number[] => Array.from({ length: scans }, (_, i) => Math.sin((from + i) * seed) * 1e3)
  return blockOf(shape, { a: column(12.9898), b: column(78.233) })
}

describe.skipIf(!mounted())('a full disk (skipped where no small disk can be mounted: only root may)', () => {
  beforeAll(() => void execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]))
  afterAll(() => {
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true, force: true })
  })

  it.each([
    ['large', 20_000],
    ['small', 300]
  ])('is a retryable error in %s batches, costs no row that was durable, and goes by', async (size, scans) => {
    const path = join(disk, `${size}.duckdb`)
    const ballast = join(disk, 'ballast')
    const sink = sinkOn(path)
    await sink.write([noise(0, 1000)])
    writeFileSync(ballast, Buffer.alloc(10 << 20))
    let durable = 1000
    const error = await (async () => {
      for (;;) {
        await sink.write([noise(durable, scans)])
        durable += scans
      }
    })().catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      name: 'StorageError',
      retryable: true,
      message: expect.stringContaining('the disk is full'),
      cause: expect.any(Error)
    })
    await expect(sink.write([noise(durable, scans)])).rejects.toMatchObject({ name: 'StorageError', retryable: true })
    rmSync(ballast)
    const count = 'SELECT count(*)::INTEGER AS n, count(DISTINCT time)::INTEGER AS times FROM raw'
    const reader = readerOn(path)
    expect(await reader.query(count)).toEqual([{ n: durable, times: durable }])
    await sink.write([noise(durable, scans)])
    expect(await reader.query(count)).toEqual([{ n: durable + scans, times: durable + scans }])
    await sink.close()
    expect(await reader.query(count)).toEqual([{ n: durable + scans, times: durable + scans }])
    await reader.close()
    rmSync(path)
  })
})
