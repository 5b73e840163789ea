// The same with this SDK: a message is acknowledged when its row and a checkpoint are on disk.
import { pipeline } from '@messwerk/core'
import { stopOnSignals } from '@messwerk/core/node'
import { duckdbSink } from '@messwerk/storage/duckdb'
import { json, mqttSource } from '@messwerk/transports/mqtt'

const [url, path, directory] = process.argv.slice(2) as [string, string, string]
const source = mqttSource({
  url,
  clientId: 'messwerk',
  version: 4, // the broker of this demonstration speaks 3.1.1
  topics: 'line/{machine}',
  payload: json({ channels: { id: '1', temperature: 'Cel' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' })
})
const run = pipeline('line')
  .from(source)
  .to(duckdbSink({ path, table: 'readings' }))
  .start({ directory, log: console })
stopOnSignals(run)
await run.done
