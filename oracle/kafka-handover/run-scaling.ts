// `npm run oracle:kafka-scaling -- --json docs/reliability/kafka-scaling.json`: see docs/guide/scale-out.md.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startKafka } from '../../test/servers/kafka.ts'
import { versions } from '../versions.ts'
import { scalingTrial } from './scaling-trial.ts'

const PIPELINE =
  'JSON of 3 channels; robustZ with events and a random cut forest (10 trees of 32) on each scan; rms of 8 scans, EWMA chart on it; states in a topic every 5 s'
const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '2000' },
    partitions: { type: 'string', default: '8' },
    records: { type: 'string', default: '1500000' },
    workers: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    'without-states': { type: 'boolean', default: false },
    pinned: { type: 'boolean', default: false },
    json: { type: 'string' }
  }
})

if (!(Number(values.workers) >= 2)) throw new RangeError(`workers must be at least 2, got ${values.workers}`)
const server = await startKafka()
if (typeof server === 'string') throw new Error(server)
try {
  const settings = {
    keys: Number(values.keys),
    partitions: Number(values.partitions),
    records: Number(values.records),
    workers: Number(values.workers),
    rounds: Number(values.rounds),
    hasStates: !values['without-states'],
    isPinned: values.pinned
  }
  const result = await scalingTrial({ ...settings, url: server.url, log: (line) => console.error(line) })
  const { node, platform, kafka } = versions()
  const machine = { cpus: cpus().length, model: cpus()[0]?.model }
  const text = `${JSON.stringify({ settings, pipeline: PIPELINE, machine, ...result, versions: { node, platform, kafka } }, rounded, 2)}\n`
  if (values.json) writeFileSync(values.json, text)
  console.log(text)
} finally {
  await server.stop()
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}
