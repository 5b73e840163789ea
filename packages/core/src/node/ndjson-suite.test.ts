import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { type StoredRow, sinkSuite } from '../testing/sink-suite.ts'
import { ndjsonSink } from './ndjson-sink.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-ndjson-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function rowsOf(path: string): StoredRow[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.flatMap((line) => {
    const { stream, time, gap, quality: _quality, ...values } = JSON.parse(line)
    const [whole, fraction] = time.slice(0, -1).split('.')
    const ns = BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
    return gap ? [] : [{ stream, time: ns, values }]
  })
}

const log = 'it is a log: what is written twice stands in it twice'

sinkSuite(
  'ndjsonSink',
  {
    async store() {
      const path = join(folder, `${files++}.ndjson`)
      return { open: async () => ndjsonSink({ path }), read: async () => rowsOf(path) }
    },
    skip: { K3: log, K4: log, K5: log }
  },
  { describe, it }
)
