import { createWriteStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { expect, it } from 'vitest'
import { fileOf } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const MIB = 1 << 20
const SIZE = 160 * MIB

async function* text(): AsyncGenerator<string> {
  yield 't,a,b,run\n'
  const lines = Array.from({ length: 10_000 }, (_, i) => `${i}.25,${i % 997}.5,-${i % 101}.125,main\n`).join('')
  for (let written = 0; written < SIZE; written += lines.length) yield lines
}

it.each(['.csv', '.csv.gz'])(
  'reads a %s file of 160 MiB in bounded memory, in two passes',
  async (ending) => {
    const path = fileOf('', '.bin') + ending
    const packed = ending === '.csv.gz'
    await (packed
      ? pipeline(text(), createGzip({ level: 1 }), createWriteStream(path))
      : pipeline(text(), createWriteStream(path)))
    expect(statSync(path).size > MIB).toBe(true)

    const held = (): number => {
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const before = held()
    let most = before
    let scans = 0
    const source = replay(path, {
      channels: { a: 'V', b: 'V' },
      rate: 1000,
      group: { column: 'run', as: 'gaps', order: ['main'] }
    })
    const options = { signal: new AbortController().signal, from: {}, splits: {} as never }
    for await (const { blocks } of source.read(options)) {
      for (const { length } of blocks) scans += length
      most = Math.max(most, held())
    }
    expect(scans).toBeGreaterThan(5_000_000)
    expect((most - before) / MIB).toBeLessThan(80)
  },
  120_000
)
