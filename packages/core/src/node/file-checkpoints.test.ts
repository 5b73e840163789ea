import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Checkpoint } from '../model/checkpoint.ts'
import { crc32c } from '../model/crc-32c.ts'
import { defineStream } from '../model/stream.ts'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint-format.ts'
import { fileCheckpoints } from './file-checkpoints.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-checkpoints-'))
let folders = 0
const disk = join(folder, 'disk')
const hasDisk = mounted(disk)
afterAll(() => {
  if (hasDisk) execFileSync('umount', ['-l', disk])
  rmSync(folder, { recursive: true, force: true })
})
const newPath = (): string => join(folder, String(folders++))
const module = JSON.stringify(new URL('./file-checkpoints.ts', import.meta.url).href)

const pump = defineStream({ id: 'pump-1', channels: [{ name: 'a', unit: 'V' }], rate: 10 })
const other = defineStream({
  id: 'pump-2',
  channels: [{ name: 'a', unit: 'V', range: [-Infinity, 4] }],
  tags: { l: 'x' }
})

function checkpointOf(number: number, state: unknown = { sum: number }): Checkpoint {
  const steps = [
    { step: '0 rms', version: 1, state, stream: pump },
    { step: '1 when', version: 2, state: undefined, stream: other }
  ]
  const split = {
    source: 'x.csv',
    split: 'x',
    at: number * 10,
    seen: Float64Array.of(number, 7),
    lanes: [{ stream: pump, steps }]
  }
  return { number, takenAt: 1_700_000_000_000.25, steps: ['0 rms', '1 when'], splits: [split] }
}

/** A disk of 1 MB; only root may make one. */
function mounted(disk: string): boolean {
  try {
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const checkpointsIn = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith('.checkpoint'))
    .sort()
const newestIn = (path: string): string => join(path, checkpointsIn(path).at(-1) as string)

async function savedUpTo(path: string, last: number): Promise<void> {
  const claim = await fileCheckpoints({ path }).claim('p')
  for (let number = 1; number <= last; number += 1) await claim.save(checkpointOf(number))
}

describe('the format of checkpoints', () => {
  const roundTrip = (state: unknown): unknown => {
    const bytes = encodeCheckpoint({ pipeline: 'p', generation: 3, checkpoint: checkpointOf(5, state) })
    const { pipeline, generation, checkpoint } = decodeCheckpoint(bytes, 'x')
    expect([pipeline, generation]).toEqual(['p', 3])
    expect(checkpoint).toEqual(checkpointOf(5, state))
    expect(checkpoint.splits[0]?.lanes[0]?.stream).toBe(pump)
    expect(checkpoint.splits[0]?.lanes[0]?.steps[1]?.stream).toBe(other)
    return checkpoint.splits[0]?.lanes[0]?.steps[0]?.state
  }

  it('gives back every plain value and every bit of typed arrays, short and long', () => {
    const bits = Float64Array.from({ length: 300 }, (_, i) => [Number.NaN, -0, 5e-324, Math.PI, Infinity][i % 5]!)
    new DataView(bits.buffer).setBigUint64(8 * 7, 0x7ff8_0000_dead_beefn, true)
    const state = {
      bits,
      short: Float32Array.of(1.5),
      bytes: Uint8Array.from({ length: 131 }, (_, i) => i),
      big: BigInt64Array.from({ length: 40 }, (_, i) => BigInt(-i)),
      map: new Map<unknown, unknown>([
        ['k', bits],
        [3n, undefined]
      ]),
      set: new Set([Number.NaN, -0]),
      at: new Date(12),
      '@': '@Float64Array:0:8',
      at2: ['@', '@@', '$@'],
      '@@x': { '@': ['Float64Array', 0, 8] },
      $: '$NaN'
    }
    const back = roundTrip(state) as typeof state
    expect(Buffer.from(back.bits.buffer)).toEqual(Buffer.from(bits.buffer))
    expect(back.bits.byteLength).toBe(back.bits.buffer.byteLength)
  })

  it('gives back anything', () => {
    const anything = fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withDate: true
    })
    fc.assert(fc.property(anything, (state) => void roundTrip(state)))
  })

  it('names the step whose snapshot is not plain, also one that holds itself', () => {
    const cycle: unknown[] = []
    cycle.push({ cycle })
    for (const [state, what] of [
      [{ deep: [() => 1] }, 'value.deep[0] is a function'],
      [cycle, 'part of a cycle']
    ] as const) {
      const encode = (): unknown =>
        encodeCheckpoint({ pipeline: 'p', generation: 1, checkpoint: checkpointOf(1, state) })
      expect(encode).toThrow(TypeError)
      expect(encode).toThrow("the snapshot of '0 rms' for stream 'pump-1' cannot be kept")
      expect(encode).toThrow(what)
    }
  })

  it('notices every flipped bit and every cut', () => {
    const bytes = encodeCheckpoint({ pipeline: 'p', generation: 1, checkpoint: checkpointOf(1) })
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => decodeCheckpoint(flipped, 'x')).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
    }
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length), 'x')).toThrow(/is damaged or cut short|is no checkpoint/)
    }
  })
})

describe('fileCheckpoints', () => {
  it('keeps the last two, and nothing else', async () => {
    const path = newPath()
    await savedUpTo(path, 5)
    expect(readdirSync(path).sort()).toEqual([
      '00000001-000000000004.checkpoint',
      '00000001-000000000005.checkpoint',
      '00000001.generation'
    ])
    const claim = await fileCheckpoints({ path }).claim('p')
    expect(claim).toMatchObject({ generation: 2, latest: checkpointOf(5), skipped: [] })
    await claim.save(checkpointOf(6))
    expect(readdirSync(path).sort()).toEqual([
      '00000001-000000000005.checkpoint',
      '00000002-000000000006.checkpoint',
      '00000002.generation'
    ])
  })

  it('orders generations and numbers as numbers', async () => {
    const path = newPath()
    const store = fileCheckpoints({ path })
    for (let i = 1; i <= 11; i += 1) await (await store.claim('p')).save(checkpointOf(100 - i))
    expect((await store.claim('p')).latest?.number).toBe(89)
  })

  it.each(['flipped', 'cut', 'emptied'])('passes over a newest checkpoint that was %s, and says so', async (how) => {
    const path = newPath()
    await savedUpTo(path, 3)
    const bytes = readFileSync(newestIn(path))
    const length = { flipped: bytes.length, cut: bytes.length - 1, emptied: 0 }[how] as number
    if (how === 'flipped') bytes[bytes.length >> 1]! ^= 4
    writeFileSync(newestIn(path), bytes.subarray(0, length))
    const claim = await fileCheckpoints({ path }).claim('p')
    expect(claim.latest).toEqual(checkpointOf(2))
    expect(claim.skipped).toEqual([
      expect.stringMatching(/00000001-000000000003\.checkpoint:? .*(damaged|no checkpoint)/)
    ])
    await claim.save(checkpointOf(3))
    await claim.save(checkpointOf(4))
    expect((await fileCheckpoints({ path }).claim('p')).latest?.number).toBe(4)
    expect(checkpointsIn(path)).toEqual(['00000002-000000000003.checkpoint', '00000002-000000000004.checkpoint'])
  })

  it('does not start afresh in silence where all are damaged', async () => {
    const path = newPath()
    await savedUpTo(path, 2)
    for (const name of checkpointsIn(path)) writeFileSync(join(path, name), 'x')
    const claiming = fileCheckpoints({ path }).claim('p')
    await expect(claiming).rejects.toThrow('no checkpoint is whole; to start afresh, empty the folder')
    await expect(claiming).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: false })
  })

  it('refuses a newer format and fences nobody', async () => {
    const path = newPath()
    const store = fileCheckpoints({ path })
    const holder = await store.claim('p')
    await holder.save(checkpointOf(1))
    const bytes = readFileSync(newestIn(path))
    bytes.writeUInt32LE(2, 4)
    bytes.writeUInt32LE(crc32c(bytes.subarray(12), crc32c(bytes.subarray(0, 8))), 8)
    writeFileSync(newestIn(path), bytes)
    const claiming = store.claim('p')
    await expect(claiming).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPATIBLE' })
    await expect(claiming).rejects.toThrow('it is of format 2 and this version of the SDK reads up to 1')
    expect(await holder.save(checkpointOf(2))).toBeGreaterThan(0)
  })

  it('is a folder of one pipeline, whose holder it does not fence for another', async () => {
    const path = newPath()
    const store = fileCheckpoints({ path })
    const holder = await store.claim('a')
    const why = "holds the checkpoints of pipeline 'a'; give pipeline 'b' a folder of its own"
    await expect(store.claim('b')).rejects.toThrow(why)
    await holder.save(checkpointOf(1))
    rmSync(join(path, '00000001.generation'))
    await expect(store.claim('b')).rejects.toThrow(why)
  })

  it('refuses the saves of an earlier claim, in order', async () => {
    const path = newPath()
    const store = fileCheckpoints({ path })
    const first = await store.claim('p')
    await first.save(checkpointOf(1))
    const second = await store.claim('p')
    await expect(first.save(checkpointOf(2))).rejects.toThrow('generation 2 has taken over from generation 1')
    await expect(first.save(checkpointOf(3))).rejects.toMatchObject({ code: 'FENCED', retryable: false })
    expect((await store.claim('p')).latest).toEqual(checkpointOf(1))
    await expect(second.save(checkpointOf(2))).rejects.toMatchObject({ code: 'FENCED' })
  })

  it.each([true, false])('never reads what a fenced claim put there later (with one before: %s)', async (hasOne) => {
    const path = newPath()
    const store = fileCheckpoints({ path })
    const first = await store.claim('p')
    if (hasOne) await first.save(checkpointOf(1))
    await store.claim('p')
    // as a process that slept between its check and its rename would
    const late = encodeCheckpoint({ pipeline: 'p', generation: 1, checkpoint: checkpointOf(2) })
    writeFileSync(join(path, '00000001-000000000002.checkpoint'), late)
    expect((await store.claim('p')).latest?.number).toBe(hasOne ? 1 : undefined)
    expect(checkpointsIn(path)).toHaveLength(hasOne ? 1 : 0)
  })

  it('gives every claim a generation of its own, however many come at once', async () => {
    const path = newPath()
    const store = fileCheckpoints({ path })
    const claims = await Promise.allSettled(Array.from({ length: 12 }, () => store.claim('p')))
    const generations = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value.generation] : []))
    expect(new Set(generations).size).toBe(generations.length)
    const saves = claims.map(async (claim) => {
      if (claim.status === 'rejected') throw claim.reason
      await claim.value.save(checkpointOf(claim.value.generation))
      return claim.value.generation
    })
    const saved = await Promise.allSettled(saves)
    const codes = saved.flatMap((save) => (save.status === 'rejected' ? [save.reason.code] : []))
    expect(new Set(codes)).toEqual(new Set(['FENCED']))
    const best = Math.max(...generations)
    expect(saved.flatMap((save) => (save.status === 'fulfilled' ? [save.value] : []))).toEqual([best])
    expect((await store.claim('p')).latest?.number).toBe(best)
  })

  it('takes saves in order, copies them at once, and lets go after the last', async () => {
    const path = newPath()
    const claim = await fileCheckpoints({ path }).claim('p')
    const state = { sum: Float64Array.from({ length: 100 }, (_, i) => i) }
    const saves = [claim.save(checkpointOf(1, state)), claim.save(checkpointOf(2, state))]
    state.sum.fill(-1)
    await claim.close?.()
    await claim.close?.()
    await Promise.all(saves)
    await expect(claim.save(checkpointOf(3))).rejects.toThrow('this claim on the checkpoints is closed')
    const { latest } = await fileCheckpoints({ path }).claim('p')
    expect(latest?.number).toBe(2)
    const kept = latest?.splits[0]?.lanes[0]?.steps[0]?.state as typeof state
    expect([...kept.sum.slice(0, 3)]).toEqual([0, 1, 2])
  })

  it('cleans up what a write that was cut off has left', async () => {
    const path = newPath()
    await savedUpTo(path, 1)
    writeFileSync(join(path, '00000001-000000000002.checkpoint.77-1.tmp'), 'half')
    const { latest } = await fileCheckpoints({ path }).claim('p')
    expect(latest?.number).toBe(1)
    expect(readdirSync(path).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('refuses a path that is none, and one that is a file', async () => {
    expect(() => fileCheckpoints({ path: '' })).toThrow('fileCheckpoints: path must be the path of a folder, got ""')
    mkdirSync(folder, { recursive: true })
    const file = newPath()
    writeFileSync(file, '')
    await expect(fileCheckpoints({ path: file }).claim('p')).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
  })
})

describe('a process that is killed while it saves', () => {
  const program = `
    import { fileCheckpoints } from ${module}
    const claim = await fileCheckpoints({ path: process.argv.at(-1) }).claim('p')
    const noise = Float64Array.from({ length: 20000 }, (_, i) => i)
    for (let number = (claim.latest?.number ?? 0) + 1; ; number += 1) {
      noise.fill(number)
      const steps = [{ step: 's', version: 1, state: noise, stream: { id: 's', channels: [{ name: 'a', unit: 'V' }], tags: {} } }]
      const splits = [{ source: 's', split: 's', at: number, lanes: [{ stream: steps[0].stream, steps }] }]
      await claim.save({ number, takenAt: 0, steps: ['s'], splits })
      console.log(number)
    }`

  it('leaves the last one it reported, or a newer one, 20 times', { timeout: 120_000 }, async () => {
    const path = newPath()
    let reported = 0
    for (let kill = 0; kill < 20; kill += 1) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, '--', path], {
        stdio: ['ignore', 'pipe', 'inherit']
      })
      const exit = once(child, 'exit')
      const before = reported
      for await (const line of createInterface(child.stdout)) {
        reported = Number(line)
        if (reported === before + 1) setTimeout(() => child.kill('SIGKILL'), Math.random() * 40)
      }
      await exit
      const { latest, skipped } = await fileCheckpoints({ path }).claim('p')
      expect(skipped).toEqual([])
      expect(latest?.number).toBeGreaterThanOrEqual(reported)
      expect(new Set(latest?.splits[0]?.lanes[0]?.steps[0]?.state as Float64Array)).toEqual(new Set([latest?.number]))
      reported = latest?.number as number
    }
    expect(reported).toBeGreaterThan(20)
  })

  it('is fenced by another process', async () => {
    const path = newPath()
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, '--', path], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const exit = once(child, 'exit')
    let reported = 0
    let claim: Awaited<ReturnType<ReturnType<typeof fileCheckpoints>['claim']>> | undefined
    for await (const line of createInterface(child.stdout)) {
      reported = Number(line)
      if (reported === 3) claim = await fileCheckpoints({ path }).claim('p')
    }
    await exit
    expect(errors).toContain('generation 2 has taken over from generation 1')
    expect(claim?.latest?.number).toBeGreaterThanOrEqual(reported)
    await claim?.save(checkpointOf(1))
    expect((await fileCheckpoints({ path }).claim('p')).latest).toEqual(checkpointOf(1))
  })
})

describe.skipIf(!hasDisk)('a full disk (skipped where no small disk can be mounted: only root may)', () => {
  it('is a retryable error, leaves the checkpoint before, and goes by', async () => {
    const path = join(disk, 'checkpoints')
    const store = fileCheckpoints({ path })
    const claim = await store.claim('p')
    await claim.save(checkpointOf(1))
    const ballast = join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(900_000))
    const large = checkpointOf(
      2,
      Float64Array.from({ length: 30_000 }, (_, i) => i)
    )
    const saving = claim.save(large)
    await expect(saving).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: true, cause: { code: 'ENOSPC' } })
    await expect(saving).rejects.toThrow('the disk is full; nothing of this write was kept')
    expect(readdirSync(path).sort()).toEqual(['00000001-000000000001.checkpoint', '00000001.generation'])
    rmSync(ballast)
    await claim.save(large)
    expect((await store.claim('p')).latest).toEqual(large)
  })
})

it.skipIf(process.platform === 'win32')('a file that may not grow is a retryable matter of the disk', () => {
  const path = newPath()
  const program = `
    import { fileCheckpoints } from ${module}
    process.on('SIGXFSZ', () => {})
    const claim = await fileCheckpoints({ path: ${JSON.stringify(path)} }).claim('p')
    await claim.save({ number: 1, takenAt: 0, steps: [], splits: [] })
    const split = { source: 's', split: 's', at: 1, seen: new Float64Array(50000).fill(1), lanes: [] }
    const error = await claim.save({ number: 2, takenAt: 0, steps: [], splits: [split] }).catch((e) => e)
    console.log(error.code, error.cause?.code)`
  const shell = `ulimit -f 64; exec "$0" --import tsx --input-type=module -e "$1"`
  const { stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, program], { encoding: 'utf8' })
  expect(stderr + stdout).toMatch(/STORAGE_FAILED EFBIG/)
  expect(readdirSync(path).sort()).toEqual(['00000001-000000000001.checkpoint', '00000001.generation'])
})
