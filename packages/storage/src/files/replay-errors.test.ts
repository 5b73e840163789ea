import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DecodeError, isSdkError, StorageError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { batchesOf, fileOf, readScans } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const options = { channels: { a: 'V' }, rate: 1 }
const lines = `a\n${Array.from({ length: 50_000 }, (_, i) => `${i}.${(i * 7919) % 1000}`).join('\n')}\n`

/** What can be read of a file before it fails, and the failure. */
async function untilFailure(path: string): Promise<{ scans: number; last: number; error: unknown }> {
  let scans = 0
  let last = Number.NaN
  try {
    const request = { signal: new AbortController().signal, from: {}, splits: {} as never }
    for await (const { blocks } of replay(path, options).read(request)) {
      for (const block of blocks) {
        scans += block.length
        last = block.values[block.length - 1] as number
      }
    }
  } catch (error) {
    return { scans, last, error }
  }
  throw new Error('it did not fail')
}

describe('replay: files that cannot be read', () => {
  it('says where it looked for a missing file', async () => {
    const reading = batchesOf(replay('no/such/file.csv', options))
    await expect(reading).rejects.toThrow(StorageError)
    await expect(reading).rejects.toThrow(
      /^no\/such\/file\.csv: there is no such file; looked for \/.*no\/such\/file\.csv$/
    )
    await expect(reading).rejects.toMatchObject({ retryable: false, cause: { code: 'ENOENT' } })
  })

  it('names a directory as such', async () => {
    const path = `${fileOf('')}-folder`
    mkdirSync(path)
    await expect(batchesOf(replay(path, options))).rejects.toThrow(`${path}: this is a directory; give one file`)
  })

  it.skipIf(process.getuid?.() === 0)(
    'says that permission is missing (not as root, who may read anything)',
    async () => {
      const path = fileOf('a\n1\n')
      chmodSync(path, 0)
      await expect(batchesOf(replay(path, options))).rejects.toThrow(
        /this process may not read it; change its permissions/
      )
    }
  )

  it('lists the headings when a column is missing', async () => {
    const path = fileOf('t,x;y,"z"\n1,2,3\n')
    const reading = batchesOf(replay(path, options))
    await expect(reading).rejects.toThrow(DecodeError)
    await expect(reading).rejects.toThrow(`${path}: there is no column 'a'; the header has: 't', 'x;y', 'z'`)
  })

  it('hints at the delimiter when there is one column only', async () => {
    await expect(batchesOf(replay(fileOf('t|a\n'), options))).rejects.toThrow(
      /'t\|a'; if that is several columns, give the delimiter/
    )
  })

  it('refuses a heading that stands twice', async () => {
    await expect(batchesOf(replay(fileOf('a,a\n1,2\n'), options))).rejects.toThrow(/column 'a' stands twice/)
  })

  it.each(['', '\n\n', '\uFEFF'])('says that a file is empty: %j', async (text) => {
    await expect(batchesOf(replay(fileOf(text), options))).rejects.toThrow(/the file is empty/)
  })

  it('delivers what a cut gzip file holds, no half line, and then fails', async () => {
    const packed = gzipSync(lines)
    const path = fileOf('', '.bin')
    writeFileSync(path, packed.subarray(0, packed.length - 1000))
    const { scans, last, error } = await untilFailure(path)
    expect(error).toBeInstanceOf(DecodeError)
    expect((error as Error).message).toMatch(/the gzip data ends too early; the file was cut off/)
    expect(scans).toBeGreaterThan(40_000)
    expect(scans).toBeLessThan(50_000)
    expect(String(last)).toBe(String(Number(lines.split('\n')[scans])))
  })

  it('delivers what stands before damage in a gzip file, and then fails', async () => {
    const path = fileOf(lines, '.gz')
    const packed = readFileSync(path)
    packed.writeUInt32LE(0, packed.length - 8) // the checksum
    writeFileSync(path, packed)
    const { scans, error } = await untilFailure(path)
    expect((error as Error).message).toMatch(/the gzip data is damaged/)
    expect(isSdkError(error)).toBe(true)
    expect(scans).toBeGreaterThan(45_000)
  })

  it('reads gzip files of several members to the end', async () => {
    const path = fileOf('', '.bin')
    writeFileSync(path, Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n'), gzipSync('3\n')]))
    expect((await readScans(replay(path, options))).map(({ values }) => values[0])).toEqual([1, 2, 3])
  })

  it('gives up nothing but the first line of a stray quote', async () => {
    const path = join(fileOf('t,a\n1,1\n"2,2\n3,3\n4,"4\n5,5\n'))
    const source = replay(path, { channels: { a: 'V' }, time: { column: 't', unit: 's' } })
    expect((await readScans(source)).map(({ values }) => values[0])).toEqual([1, 3, 5])
    expect(source.counts).toEqual({ lines: 5, rejected: 2, late: 0 })
  })
})
