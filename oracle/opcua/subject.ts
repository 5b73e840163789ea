// The process under test: subject.ts <url> <folder> [<bug to plant>]; prints each state of its source.
import { join } from 'node:path'
import { pipeline, rms } from '@messwerk/core'
import { type Block, type Source, sliceBlock } from '@messwerk/core/model'
import { ndjsonSink, spooled } from '@messwerk/core/node'
import { duckdbSink } from '@messwerk/storage/duckdb'
import { opcuaSource } from '@messwerk/transports/opcua'

const [url = '', folder = '', sabotage = ''] = process.argv.slice(2)

const source = opcuaSource({
  id: 'plant',
  url,
  security: 'None',
  user: { name: 'mw', password: 'mw-secret' },
  streams: { press: { counter: 'plant/counter' } },
  publishing: '200ms',
  sampling: '5ms',
  outage: '30s',
  timeout: '5s',
  backfill: sabotage !== 'no-history'
})
const run = pipeline('press')
  .from(spooled(sabotage === 'history-torn' ? torn(source) : source, { path: join(folder, 'spool') }))
  .to(duckdbSink({ path: join(folder, 'plant.duckdb'), table: 'raw' }))
  .pipe(rms({ window: { scans: 100 } }))
  .to(ndjsonSink({ path: join(folder, 'windows.ndjson') }))
  .start({ directory: join(folder, 'state'), retry: { most: '1s' } })
let before: string | undefined
run.status$.subscribe(({ components }) => {
  const { state, why = '' } = components[source.id] ?? {}
  if (state !== before) console.log(`state ${state} ${why}`)
  before = state
})
process.once('SIGTERM', () => void run.stop())
await run.done

/** Loses what came from the server's history, but for one value of each block. */
function torn<C extends string>(whole: Source<C>): Source<C> {
  const first = (block: Block<C>): Block<C> => (block.origin.historical ? sliceBlock(block, 0, 1) : block)
  return {
    id: whole.id,
    replay: whole.replay,
    async *read(options) {
      for await (const batch of whole.read(options)) yield Object.assign({}, batch, { blocks: batch.blocks.map(first) })
    }
  }
}
