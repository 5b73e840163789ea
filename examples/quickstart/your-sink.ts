// Your sink: a store of rows over HTTP, written to in extending/row-sink.ts. Here a store that is made up; it is busy once, and
// refuses pressures above 10 bar.
import { type DeadLetter, pipeline, pushSource } from '@messwerk/core'
import { rowSink } from './extending/row-sink.ts'
import { rowStore } from './extending/row-store.ts'

const store = await rowStore(10)
const graveyard = {
  write: async (letters: readonly DeadLetter[]) => {
    for (const { from, error } of letters) console.log(`dead letter of ${from}: ${error.message}`)
  }
}
const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' }, block: { scans: 5 } })
const run = pipeline('pump')
  .from(pump)
  .to(rowSink(store.url), { retry: { first: '50ms' }, idempotent: true })
  .start({ deadLetters: graveyard })

store.answerNext(503)
for (let i = 0; i < 50; i += 1) pump.push({ pressure: i === 33 ? 17 : 3.1 }, 1000 * i)
pump.end()
await run.done
await store.close()

const { retried, rejected } = Object.values(run.metrics.outlets)[0] as { retried: number; rejected: number }
console.log(`${store.rows.size} rows, ${retried} write repeated, ${rejected} block refused`)
