import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Block } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { StorageError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { defineStream } from '../model/stream.ts'
import { ndjsonSink } from './ndjson-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-ndjson-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const newPath = (): string => join(folder, `${files++}.ndjson`)
const signal = new AbortController().signal
const block = blockOf({ stream: 'pump-1', channels: { a: 'V', b: 'V' }, rate: 10 }, { a: [1, 2], b: [3, -0.5] })
const event: MeasurementEvent = {
  id: 'pump-1/score/1',
  kind: 'anomaly',
  phase: 'begin',
  stream: 'pump-1',
  rule: 'score',
  start: 1,
  origin: { split: 'pump-1', position: 1 }
}

async function written(items: readonly (Block | MeasurementEvent)[], path = newPath()): Promise<unknown[]> {
  const sink = ndjsonSink({ path })
  await sink.write(items, signal)
  await sink.close?.()
  return linesOf(path)
}

function linesOf(path: string): unknown[] {
  const text = readFileSync(path, 'utf8')
  expect(text === '' || text.endsWith('\n')).toBe(true)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

describe('ndjsonSink', () => {
  it('writes a scan a line and an event a line, in order', async () => {
    expect(await written([block, event])).toEqual([
      { stream: 'pump-1', time: '1970-01-01T00:00:00.000Z', a: 1, b: 3 },
      { stream: 'pump-1', time: '1970-01-01T00:00:00.100Z', a: 2, b: -0.5 },
      event
    ])
  })

  it('writes gaps, qualities and missing values', async () => {
    const flawed = {
      ...block,
      values: Float64Array.of(1, Number.NaN, Infinity, 4),
      quality: Uint8Array.of(0, 3, 2, 1),
      gap: { scans: 7, cause: 'lost' }
    } as const
    expect(await written([flawed])).toEqual([
      { stream: 'pump-1', time: '1970-01-01T00:00:00.000Z', gap: { scans: 7, cause: 'lost' } },
      { stream: 'pump-1', time: '1970-01-01T00:00:00.000Z', a: 1, b: null, quality: { b: 'bad' } },
      { stream: 'pump-1', time: '1970-01-01T00:00:00.100Z', a: null, b: 4, quality: { a: 'missing', b: 'uncertain' } }
    ])
  })

  it('marks back-fill', async () => {
    const origin = { ...block.origin, historical: true }
    const gap = { scans: 7, cause: 'lost' } as const
    expect(await written([{ ...block, origin, gap }])).toEqual([
      { stream: 'pump-1', time: '1970-01-01T00:00:00.000Z', historical: true, gap },
      { stream: 'pump-1', time: '1970-01-01T00:00:00.000Z', historical: true, a: 1, b: 3 },
      { stream: 'pump-1', time: '1970-01-01T00:00:00.100Z', historical: true, a: 2, b: -0.5 }
    ])
  })

  it('gives back every number and nanosecond', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    const time = fc.bigInt({ min: -(10n ** 18n), max: 4n * 10n ** 18n })
    const stream = defineStream({ id: 'é"\n', channels: [{ name: 'x"y', unit: 'V' }] })
    const path = newPath()
    const sink = ndjsonSink({ path })
    await fc.assert(
      fc.asyncProperty(number, time, async (value, start) => {
        writeFileSync(path, '')
        const one = {
          ...block,
          stream,
          length: 1,
          values: Float64Array.of(value),
          time: { ...block.time, start }
        } as Block
        await sink.write([one], signal)
        const [line] = linesOf(path) as { stream: string; time: string; 'x"y': number }[]
        expect(line!['x"y']).toBe(Object.is(value, -0) ? 0 : value)
        expect(line!.stream).toBe('é"\n')
        const [, whole, fraction] = /^(.*)\.(\d{3}(?:\d{3}){0,2})Z$/.exec(line!.time)!
        expect(BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction!.padEnd(9, '0'))).toBe(start)
      })
    )
    await sink.close?.()
  })

  it('appends, also after it was closed and opened again', async () => {
    const path = newPath()
    await written([event], path)
    expect(await written([event], path)).toEqual([event, event])
  })

  it('writes in the order of the calls, one at a time', async () => {
    const path = newPath()
    const sink = ndjsonSink({ path })
    const events = Array.from({ length: 50 }, (_, i) => ({ ...event, id: String(i) }))
    await Promise.all(events.map((one) => sink.write([one], signal)))
    await sink.close?.()
    await sink.close?.()
    expect((linesOf(path) as MeasurementEvent[]).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  })

  it('removes a line that was torn, and completes one that only lacks its end', async () => {
    const torn = newPath()
    writeFileSync(torn, '{"id":1}\n{"id":')
    expect(await written([event], torn)).toEqual([{ id: 1 }, event])
    const whole = newPath()
    writeFileSync(whole, '{"id":1}\n{"id":2}')
    expect(await written([event], whole)).toEqual([{ id: 1 }, { id: 2 }, event])
    const only = newPath()
    writeFileSync(only, '{"id":')
    expect(await written([event], only)).toEqual([event])
  })

  it('says that the directory is missing', async () => {
    const sink = ndjsonSink({ path: join(folder, 'no', 'x.ndjson') })
    const opening = sink.open!(signal)
    await expect(opening).rejects.toThrow(`the directory ${join(folder, 'no')} does not exist; make it first`)
    await expect(opening).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: false, cause: { code: 'ENOENT' } })
    mkdirSync(join(folder, 'no'))
    await sink.write([event], signal)
    await sink.close?.()
    expect(linesOf(join(folder, 'no', 'x.ndjson'))).toEqual([event])
  })

  it('names a directory as such', async () => {
    await expect(ndjsonSink({ path: folder }).write([event], signal)).rejects.toThrow(
      'this is a directory; give a file'
    )
  })

  it('refuses a channel with the name of one of its fields', async () => {
    const clash = blockOf({ stream: 's', channels: { time: 's' }, rate: 1 }, { time: [1] })
    const path = newPath()
    const writing = written([event, clash], path)
    await expect(writing).rejects.toThrow(StorageError)
    await expect(writing).rejects.toThrow(
      "channel 'time' of stream 's' has the name of a field of the line; rename the channel"
    )
    expect(readFileSync(path, 'utf8')).toBe('')
  })

  it('refuses a path that is none', () => {
    expect(() => ndjsonSink({ path: '' })).toThrow('ndjsonSink: path must be the path of a file, got ""')
  })

  it.skipIf(!existsSync('/dev/full'))('calls a full disk by its name, and may be tried again', async () => {
    const writing = ndjsonSink({ path: '/dev/full' }).write([event], signal)
    await expect(writing).rejects.toThrow('/dev/full: the disk is full; nothing of this write was kept')
    await expect(writing).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: true, cause: { code: 'ENOSPC' } })
  })

  it.skipIf(process.platform === 'win32')('leaves nothing behind of a write that did not fit', () => {
    const path = newPath()
    appendFileSync(path, '{"id":1}\n')
    // a limit on the size of files stands in for a small disk: 16 blocks of 512 or 1024 bytes, as the shell counts
    const program = `
      import { ndjsonSink } from ${JSON.stringify(new URL('./ndjson-sink.ts', import.meta.url).href)}
      process.on('SIGXFSZ', () => {})
      const items = Array.from({ length: 3000 }, (_, i) => ({ id: String(i), stream: 's' }))
      const error = await ndjsonSink({ path: ${JSON.stringify(path)} }).write(items, new AbortController().signal).catch((e) => e)
      console.log(error.code, error.cause?.code)`
    const shell = `ulimit -f 16; exec "$0" --import tsx --input-type=module -e "$1"`
    const { stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, program], { encoding: 'utf8' })
    expect(stderr + stdout).toMatch(/STORAGE_FAILED EFBIG/)
    expect(linesOf(path)).toEqual([{ id: 1 }])
  })
})
