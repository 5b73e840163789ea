// `npm run oracle:kafka-handover -- --json docs/reliability/kafka-handover.json`: see docs/guide/scale-out.md.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startKafka } from '../../test/servers/kafka.ts'
import { versions } from '../versions.ts'
import { handoverTrial } from './handover-trial.ts'

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '2000' },
    partitions: { type: 'string', default: '8' },
    workers: { type: 'string', default: '4' },
    'every-ms': { type: 'string', default: '500' },
    messages: { type: 'string', default: '80' },
    json: { type: 'string' }
  }
})

const server = await startKafka()
if (typeof server === 'string') throw new Error(server)
try {
  const settings = {
    keys: Number(values.keys),
    partitions: Number(values.partitions),
    workers: Number(values.workers),
    everyMs: Number(values['every-ms']),
    messages: Number(values.messages)
  }
  const result = await handoverTrial({ ...settings, url: server.url, log: (line) => console.error(line) })
  const { node, platform } = versions()
  const text = `${JSON.stringify({ settings, ...result, versions: { node, platform } }, undefined, 2)}\n`
  if (values.json) writeFileSync(values.json, text)
  console.log(text)
  const { lost, different, eventsLost, eventsTooMany, movedAfterMs } = result
  const isFlawless = lost + different + eventsLost + eventsTooMany === 0 && movedAfterMs.worst <= 5000
  if (!isFlawless) process.exitCode = 1
} finally {
  await server.stop()
}
