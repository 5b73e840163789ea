// Your source: a data logger over TCP, read in extending/line-source.ts. Here a logger that is made up; it sends one line that
// is no scan, and hangs up once.
//   npm run example your-source.ts 192.168.0.10 4711
import { type Block, type DeadLetter, pipeline, rows } from '@messwerk/core'
import { dataLogger } from './extending/data-logger.ts'
import { lineSource } from './extending/line-source.ts'

const start = Date.UTC(2026, 0, 1, 14)
const lines = Array.from({ length: 60 }, (_, s) => `${start + 1000 * s} ${(3.1 + 0.1 * Math.sin(s)).toFixed(2)} 0.9`)
lines[20] = 'E17 sensor unplugged'
const [host, port] = process.argv.slice(2)
const logger = host === undefined ? await dataLogger(lines, 40) : undefined

const seen: Block<'pressure'>[] = []
const store = { id: 'store', write: async (blocks: readonly Block<'pressure'>[]) => void seen.push(...blocks) }
const graveyard = {
  write: async (letters: readonly DeadLetter[]) => {
    for (const { from, split } of letters) console.log(`dead letter: ${from} of ${split}`)
  }
}
const say = (message: string): void => console.log(message)
const run = pipeline('pump')
  .from(lineSource(host ?? '127.0.0.1', logger?.port ?? Number(port), 'pump-1'))
  .to(store)
  .start({ log: { info: say, warn: say, error: say }, deadLetters: graveyard })
await run.done
await logger?.close()

console.log(`${run.metrics.scans} scans in ${logger?.connections} connections, ${run.metrics.missingScans} missing`)
console.log('the last:', rows(seen.at(-1) as Block).at(-1))
