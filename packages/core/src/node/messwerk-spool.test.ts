import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fileSpool } from './spool/file-spool.ts'
import { batchOf, recordsOf } from './spool/fixtures/spooled-batches.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-spool-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const script = join(import.meta.dirname, 'messwerk-spool.ts')
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', script, ...args], (error, out, err) => {
      resolve({ code: Number((error as { code?: number } | null)?.code ?? 0), out, err })
    })
  })
}

async function written(name: string): Promise<string> {
  const path = join(folder, name)
  const spool = await fileSpool({ path, fsync: 'each' })
  for (let i = 1; i <= 10; i += 1) await spool.append(batchOf(i), 1_700_000_000_000 + i)
  await spool.close()
  return path
}

function damage(path: string): void {
  const file = join(path, readdirSync(path).find((name) => name.endsWith('.spool')) as string)
  const bytes = readFileSync(file)
  const at = Math.floor(bytes.length * 0.6)
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(file, bytes)
}

describe('messwerk-spool', () => {
  it('says what is in a spool', async () => {
    const path = await written('whole')
    expect(await run('verify', path)).toEqual({ code: 0, out: '1 files, 10 batches, no damage\n', err: '' })
    const stats = await run('stats', path, '--json')
    expect(JSON.parse(stats.out)).toMatchObject({
      files: 1,
      batches: 10,
      scans: 40,
      first: 1,
      last: 10,
      streams: { s: 40 }
    })
    expect((await run('stats', path)).out).toContain('positions 1 to 10, arrived 2023-11-14T22:13:20.001Z to ')
    const lines = (await run('dump', path)).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(10)
    expect(lines[2]).toMatchObject({
      position: 3,
      sourcePosition: 3,
      split: 'split',
      blocks: [{ stream: 's', scans: 4 }]
    })
  })

  it('finds damage, repairs it, and the hole stays declared', async () => {
    const path = await written('damaged')
    damage(path)
    const found = await run('verify', path)
    expect(found.code).toBe(1)
    expect(found.out).toMatch(
      /bytes are no record: .*\n.*positions (\d+) to \1 are missing; readers get a gap\n1 files, 9 batches, damaged/
    )
    expect(JSON.parse((await run('verify', path, '--json')).out)).toMatchObject({ damaged: true })
    expect(await run('repair', path)).toMatchObject({ code: 0, out: 'written anew: 0000000000000001.spool\n' })
    expect((await run('verify', path)).code).toBe(0)
    expect((await run('repair', path)).out).toBe('nothing to repair\n')
    expect(readdirSync(path)).toContain('0000000000000001.spool.damaged')
    const spool = await fileSpool({ path })
    const records = await recordsOf(spool)
    await spool.close()
    expect(records).toHaveLength(9)
    expect(records.flatMap(({ batch }) => batch.blocks[0]?.gap ?? [])).toEqual([{ scans: 4, cause: 'lost' }])
  })

  it('does not repair what a living process writes', async () => {
    const path = await written('held')
    damage(path)
    const spool = await fileSpool({ path })
    expect(await run('repair', path)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`held by process ${process.pid}`)
    })
    await spool.close()
  })

  it('explains itself', async () => {
    expect(await run()).toMatchObject({ code: 2, out: '', err: expect.stringContaining('usage: messwerk-spool') })
    expect(await run('delete', folder)).toMatchObject({ code: 2 })
    expect(await run('stats', join(folder, 'nowhere'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere')
    })
  })
}, 60_000)
