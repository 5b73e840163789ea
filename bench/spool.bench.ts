// What a spool costs beside the plainest program that puts the same bytes on the same disk with the same syncs: encoding,
// checksums, positions, accounts. The values are noise, so that none of them fits a narrower width: the bytes are the same.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, type Block, blockOf, type Spool } from '@messwerk/core/model'
import { fileSpool } from '@messwerk/core/node'
import { bench, type Done } from './harness.ts'

const CHANNELS = 8
const SCANS = 256
const BATCHES = 8000
const MB = 1e6
const BYTES = BATCHES * CHANNELS * SCANS * 8
const SYNC_MS = 100
const SEGMENT = 64 * 2 ** 20

const names = Array.from({ length: CHANNELS }, (_, c) => `c${c}`)
const folder = mkdtempSync(join(tmpdir(), 'messwerk-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const fresh = (name: string): string => {
  const path = join(folder, name)
  rmSync(path, { recursive: true, force: true })
  return path
}

const shape = { stream: 'press-3', channels: Object.fromEntries(names.map((name) => [name, 'V'])), rate: 50_000 }
const noise = blockOf(
  shape,
  Object.fromEntries(
    names.map((name, c) => [name, Float64Array.from({ length: SCANS }, (_, i) => Math.sin(i * 12.9898 + c))])
  )
)

function batchAt(position: number): Batch {
  const time = { ...noise.time, start: BigInt(position) * 20_480_000n }
  const block: Block = { ...noise, time, origin: { split: 'press-3', position } }
  return { split: 'press-3', position, blocks: [block] }
}

async function fill(spool: Spool): Promise<void> {
  let last: Promise<unknown> | undefined
  for (let i = 1; i <= BATCHES; i += 1) {
    last = spool.append(batchAt(i))
    const room = spool.room()
    if (room) await room
  }
  await spool.flush()
  await last
}

async function ours(): Promise<Done> {
  const path = fresh('ours')
  const spool = await fileSpool({ path, bytes: '4GiB', fsync: `${SYNC_MS}ms` })
  await fill(spool)
  await spool.close()
  return { work: BYTES / MB }
}

/** The values as they lie in memory, a write a block, in files of the same size, a sync every 100 ms and at each end. */
async function plainWrites(): Promise<Done> {
  const path = fresh('plain')
  rmSync(path, { recursive: true, force: true })
  const bytes = new Uint8Array(noise.values.buffer, noise.values.byteOffset, noise.values.byteLength)
  let number = 0
  let file = await open(`${path}-${number}`, 'w')
  let size = 0
  let synced = performance.now()
  for (let i = 0; i < BATCHES; i += 1) {
    await file.write(bytes, 0, bytes.length, size)
    size += bytes.length
    const isFull = size >= SEGMENT
    if (isFull || performance.now() - synced >= SYNC_MS) {
      await file.datasync()
      synced = performance.now()
    }
    if (!isFull) continue
    await file.close()
    number += 1
    size = 0
    file = await open(`${path}-${number}`, 'w')
  }
  await file.datasync()
  await file.close()
  for (let i = 0; i <= number; i += 1) rmSync(`${path}-${i}`)
  return { work: BYTES / MB }
}

/** As the fastest plain program writes: a megabyte at a time. */
async function largeWrites(): Promise<Done> {
  const path = `${fresh('large')}-0`
  const bytes = new Uint8Array(2 ** 20)
  const one = new Uint8Array(noise.values.buffer, noise.values.byteOffset, noise.values.byteLength)
  for (let at = 0; at + one.length <= bytes.length; at += one.length) bytes.set(one, at)
  const file = await open(path, 'w')
  let synced = performance.now()
  for (let at = 0; at < BYTES; at += bytes.length) {
    await file.write(bytes, 0, bytes.length, at)
    if (performance.now() - synced < SYNC_MS) continue
    await file.datasync()
    synced = performance.now()
  }
  await file.datasync()
  await file.close()
  rmSync(path)
  return { work: BYTES / MB }
}

const kept = join(folder, 'kept')
const spool = await fileSpool({ path: kept, bytes: '4GiB', segment: '256MiB' })
await fill(spool)
await spool.close()
const size = (await readdir(kept)).reduce((sum, name) => sum + statSync(join(kept, name)).size, 0)

async function recovered(): Promise<Done> {
  const opened = await fileSpool({ path: kept, bytes: '4GiB', segment: '256MiB' })
  await opened.close()
  return { work: size / MB, result: opened.durable }
}

async function read(): Promise<Done> {
  const opened = await fileSpool({ path: kept, bytes: '4GiB', segment: '256MiB' })
  let scans = 0
  for await (const { batch } of opened.read({ follow: false })) scans += batch.blocks[0]?.length ?? 0
  await opened.close()
  if (scans !== BATCHES * SCANS) throw new Error(`read ${scans} scans of ${BATCHES * SCANS}`)
  return { work: BYTES / MB }
}

await bench('spool', async (b) => {
  const unit = 'MB/s'
  const better = 'higher'
  await b.versus('vs-plain-writes', { unit, better, ours, peer: plainWrites, peerName: 'plain fs writes' })
  await b.versus('vs-large-writes', { unit, better, ours, peer: largeWrites, peerName: 'fs writes of 1 MiB' })
  await b.lone('recovery', { unit, better, ours: recovered })
  await b.lone('read', { unit, better, ours: read })
})
