import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { blockOf } from '../model/block-builder.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { DecodeError, OperatorError, StorageError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { arbitraryBlock } from '../testing/arbitrary-block.ts'
import { blockText } from '../testing/block-text.ts'
import { deadLetterFile } from './dead-letter-file.ts'
import type { StoredDeadLetter } from './dead-letter-line.ts'
import { readDeadLetters } from './read-dead-letters.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-letters-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const newPath = (): string => join(folder, `${files++}.ndjson`)
const signal = new AbortController().signal
const block = blockOf({ stream: 'pump-1', channels: { a: 'V', b: 'V' }, rate: 10 }, { a: [1, Number.NaN], b: [3, -0] })
const cause = new RangeError('boom', { cause: 'no reason' })
const letter: DeadLetter = {
  error: new OperatorError('rms', 'pump-1', { cause }),
  from: 'rms',
  split: 'plant/3',
  position: 4711,
  at: 1_700_000_000_123,
  block
}

async function write(letters: readonly DeadLetter[], path = newPath()): Promise<string> {
  const sink = deadLetterFile({ path })
  await sink.write(letters, signal)
  await sink.close?.()
  return path
}

async function read(path: string): Promise<StoredDeadLetter[]> {
  const letters: StoredDeadLetter[] = []
  for await (const one of readDeadLetters(path)) letters.push(one)
  return letters
}

describe('deadLetterFile', () => {
  it('writes a letter a line, with the reason and all its causes', async () => {
    const path = await write([letter])
    const { block: written, ...rest } = JSON.parse(readFileSync(path, 'utf8'))
    expect(rest).toEqual({
      at: '2023-11-14T22:13:20.123Z',
      from: 'rms',
      split: 'plant/3',
      position: 4711,
      reason: {
        name: 'OperatorError',
        code: 'OPERATOR_FAILED',
        retryable: false,
        message: letter.error.message,
        cause: { name: 'RangeError', message: 'boom', cause: { name: 'Error', message: 'no reason' } }
      }
    })
    expect(written.values).toEqual({ a: [1, 'NaN'], b: [3, '-0'] })
  })

  it('gives back what was written', async () => {
    const event: MeasurementEvent = {
      id: 'pump-1/score/1',
      kind: 'anomaly',
      phase: 'begin',
      stream: 'pump-1',
      rule: '$score',
      start: 1.5,
      limit: Infinity,
      peak: undefined,
      origin: { split: 'pump-1', position: 1 }
    }
    const refused = new StorageError('scores', 'the disk is full', true)
    const letters: DeadLetter[] = [
      letter,
      { ...letter, block: undefined, error: refused, event },
      {
        ...letter,
        block: undefined,
        error: new DecodeError('line/1', 'no JSON'),
        payload: Uint8Array.of(0xff, 0, 0x7b)
      }
    ]
    const back = await read(await write(letters))
    expect(back.map(({ error: _error, ...rest }) => rest)).toEqual(letters.map(({ error: _error, ...rest }) => rest))
    for (const [i, { error }] of back.entries()) {
      const { name, code, retryable, message } = (letters[i] as DeadLetter).error
      expect(error).toMatchObject({ name, code, retryable, message })
    }
    expect(back[0]?.error.cause).toMatchObject({ name: 'RangeError', message: 'boom' })
    expect(back[0]?.error).toBeInstanceOf(Error)
  })

  it('gives back any block to the bit', async () => {
    const path = newPath()
    const sink = deadLetterFile({ path })
    await fc.assert(
      fc.asyncProperty(arbitraryBlock(), async (any) => {
        writeFileSync(path, '')
        await sink.write([{ ...letter, block: any }], signal)
        const [back] = await read(path)
        expect(blockText(back?.block as typeof any)).toBe(blockText(any))
      }),
      { numRuns: 50 }
    )
    await sink.close?.()
  })

  it('cuts a payload to 1 MiB and says how long it was', async () => {
    const payload = new Uint8Array(100_000_000).fill(7)
    const path = await write([{ ...letter, block: undefined, payload }])
    expect(statSync(path).size).toBeLessThan(1_500_000)
    const [back] = await read(path)
    expect(back?.payloadBytes).toBe(100_000_000)
    expect(Buffer.compare(back?.payload as Uint8Array, payload.slice(0, 1 << 20))).toBe(0)
    const whole = await read(
      await write([{ ...letter, block: undefined, payload: payload.subarray(3, 3 + (1 << 20)) }])
    )
    expect(whole[0]?.payload).toHaveLength(1 << 20)
    expect(whole[0]?.payloadBytes).toBeUndefined()
  })

  it('removes a torn line of any length when it is opened, and a reader leaves it out', async () => {
    const path = await write([letter])
    const size = statSync(path).size
    appendFileSync(path, `{"at":"2026","block":"${'x'.repeat(300_000)}`)
    expect(await read(path)).toHaveLength(1)
    await write([letter], path)
    expect(statSync(path).size).toBe(2 * size)
    expect(await read(path)).toHaveLength(2)
  })

  it('completes a whole line that only lacks its end', async () => {
    const path = await write([letter, letter])
    writeFileSync(path, readFileSync(path, 'utf8').trimEnd())
    expect(await read(path)).toHaveLength(2)
    expect(await read(await write([letter], path))).toHaveLength(3)
  })

  it('names the line that is no letter, and the file that is not there', async () => {
    const path = await write([letter])
    appendFileSync(path, '{"at":1}\n')
    await expect(read(path)).rejects.toThrow(`${path}, line 2`)
    await expect(read(path)).rejects.toMatchObject({ code: 'DECODE_FAILED' })
    await expect(read(newPath())).rejects.toMatchObject({ code: 'STORAGE_FAILED', cause: { code: 'ENOENT' } })
  })

  it('writes in the order of the calls, appends, and closes twice', async () => {
    const path = newPath()
    const sink = deadLetterFile({ path })
    await sink.open?.(signal)
    await Promise.all(Array.from({ length: 20 }, (_, position) => sink.write([{ ...letter, position }], signal)))
    await sink.close?.()
    await sink.close?.()
    await write([{ ...letter, position: 20 }], path)
    expect((await read(path)).map(({ position }) => position)).toEqual(Array.from({ length: 21 }, (_, i) => i))
  })

  it('says what is wrong with its path', async () => {
    expect(() => deadLetterFile({ path: '' })).toThrow('deadLetterFile: path must be the path of a file, got ""')
    const missing = deadLetterFile({ path: join(folder, 'no', 'x.ndjson') })
    await expect(missing.write([letter], signal)).rejects.toThrow('does not exist; make it first')
    mkdirSync(join(folder, 'no'))
    await missing.write([letter], signal)
    await missing.close?.()
  })

  it.skipIf(!existsSync('/dev/full'))('calls a full disk by its name, and may be tried again', async () => {
    const writing = deadLetterFile({ path: '/dev/full' }).write([letter], signal)
    await expect(writing).rejects.toMatchObject({ code: 'STORAGE_FAILED', retryable: true, cause: { code: 'ENOSPC' } })
  })

  it.skipIf(process.platform === 'win32')('leaves nothing behind of a write that did not fit', async () => {
    const path = await write([letter])
    const size = statSync(path).size
    const program = `
      import { deadLetterFile } from ${JSON.stringify(new URL('./dead-letter-file.ts', import.meta.url).href)}
      process.on('SIGXFSZ', () => {})
      const letter = { error: new Error('x'), from: 'f', split: 's', position: 1, at: 0, payload: new Uint8Array(300) }
      const letters = Array.from({ length: 3000 }, () => letter)
      const error = await deadLetterFile({ path: ${JSON.stringify(path)} }).write(letters, new AbortController().signal).catch((e) => e)
      console.log(error.code, error.cause?.code)`
    const shell = `ulimit -f 64; exec "$0" --import tsx --input-type=module -e "$1"`
    const { stdout, stderr } = spawnSync('sh', ['-c', shell, process.execPath, program], { encoding: 'utf8' })
    expect(stderr + stdout).toMatch(/STORAGE_FAILED EFBIG/)
    expect(statSync(path).size).toBe(size)
  })
})
