import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, describe, expect, it } from 'vitest'
import { fileSpool } from './file-spool.ts'
import { batchOf, recordsOf } from './fixtures/spooled-batches.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-spool-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Positions that the process said were durable, killed when there were so many. */
async function killedAfter(path: string, count: number): Promise<number[]> {
  const script = join(import.meta.dirname, 'fixtures/appending-process.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const durable: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const [wanted, at] = line.split(' ').map(Number)
    if (at === undefined || Number.isNaN(at)) continue
    expect(at).toBe(wanted)
    durable.push(at)
    if (durable.length >= count) child.kill('SIGKILL')
  }
  await exited
  return durable
}

it('everything acknowledged before a kill is there, and the next process goes on', async () => {
  const path = join(folder, 'killed')
  const durable: number[] = []
  for (const count of [300, 1, 700, 90]) durable.push(...(await killedAfter(path, count)))
  const spool = await fileSpool({ path })
  const records = await recordsOf(spool)
  const positions = records.map(({ position }) => position)
  expect(positions).toEqual(Array.from(positions, (_, i) => i + 1))
  const there = new Set(positions)
  expect(durable.filter((position) => !there.has(position))).toEqual([])
  for (const { position, batch } of records) {
    expect(batch.blocks[0]?.values).toEqual(batchOf(position, 's', 64).blocks[0]?.values)
    expect(batch.blocks[0]?.gap).toBeUndefined()
  }
  expect(spool.metrics.lostRecords).toBe(0)
  await spool.close()
}, 60_000)

const disk = mkdtempSync(join(tmpdir(), 'messwerk-full-'))
function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!mounted())('a real full disk (skipped where no small disk can be mounted: only root may)', () => {
  afterAll(() => {
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true, force: true })
  })

  it('makes it wait, and everything is there when there is space again', async () => {
    const spool = await fileSpool({ path: join(disk, 'spool'), fsync: 'each', segment: '256KiB' })
    const ballast = join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1 << 20))
    const appended = Array.from({ length: 400 }, (_, i) => spool.append(batchOf(i + 1, 's', 256)))
    while (spool.state.state === 'running') await new Promise((resolve) => setTimeout(resolve, 5))
    expect(spool.state).toMatchObject({ why: expect.stringContaining('the disk is full'), error: { retryable: true } })
    rmSync(ballast)
    expect(await Promise.all(appended)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
    const records = await recordsOf(spool)
    expect(records.map(({ position }) => position)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
    await spool.close()
  })
})
