// Carries variables of an OPC UA server to Kafka. What the server has sent is on disk before it is asked for more, and stays
// there until Kafka has confirmed it. Cut off, it fetches what the server's queues or its history have kept; what they have not
// is declared in the next message. Killed in the middle, it goes on where it was, and declares what it missed.
//
//   node --import tsx opcua-to-kafka.ts opc.tcp://127.0.0.1:4840 kafka://127.0.0.1:9092 state/
//
// OPCUA_USER, OPCUA_PASSWORD; OPCUA_FINGERPRINT: SHA-256 of the server's certificate, until it lies in state/pki/trusted
import { join } from 'node:path'
import { pipeline } from '@messwerk/core'
import { type Block, timeNs } from '@messwerk/core/model'
import { spooled } from '@messwerk/core/node'
import { type KafkaItem, kafkaSink } from '@messwerk/transports/kafka'
import { opcuaSource } from '@messwerk/transports/opcua'

const [opcuaUrl = 'opc.tcp://127.0.0.1:4840', kafkaUrl = 'kafka://127.0.0.1:9092', directory = 'state/'] =
  process.argv.slice(2)
const { OPCUA_USER: name = 'reader', OPCUA_PASSWORD: password = '', OPCUA_FINGERPRINT } = process.env

const source = opcuaSource({
  id: 'plant', // the same wherever the server is: the spool and the checkpoint go by it
  url: opcuaUrl,
  pki: join(directory, 'pki'),
  user: { name, password },
  trust: ({ fingerprint }) => fingerprint === OPCUA_FINGERPRINT,
  streams: {
    // what changes together; a node that stands still for hours is a stream of its own
    'press-3/process': { counter: 'plant/counter' },
    'press-3/vibration': { vib: { path: 'plant/vib', unit: 'mm/s' } },
    'press-3/settings': { setpoint: 'plant/setpoint' }
  },
  publishing: '500ms',
  sampling: '5ms',
  outage: '1min', // the server's queues hold so much
  backfill: true // and its history the rest, where it has one
})

// press-3/process becomes messages of the topic plant.process with the key press-3
const parts = (item: KafkaItem): string[] => (item as Block).stream.id.split('/')
const sink = kafkaSink({
  url: kafkaUrl,
  topic: (item) => `plant.${parts(item)[1]}`,
  key: (item) => parts(item)[0],
  payload: (item) => messagesOf(item as Block),
  compression: 'gzip'
})

/** One for each scan; the first behind a hole says how many are missing, or that nobody knows. */
function messagesOf(block: Block): string[] {
  const names = block.stream.channels.map((channel) => channel.name)
  return Array.from({ length: block.length }, (_, i) => {
    const values = names.map((channel, c) => [channel, block.values[c * block.length + i]])
    const missing = i === 0 ? block.gap?.scans : undefined
    return JSON.stringify({ ns: String(timeNs(block, i)), ...Object.fromEntries(values), missing })
  })
}

const run = pipeline('bridge')
  .from(spooled(source, { path: join(directory, 'spool'), bytes: '1GiB' }))
  .to(sink)
  .start({ directory, checkpoint: { every: '1s' } })
run.status$.subscribe(({ components }) => {
  const { state, why } = components[source.id] ?? {}
  console.log(why === undefined ? `${source.id}: ${state}` : `${source.id}: ${state}, ${why}`)
})
process.once('SIGTERM', () => void run.stop())
await run.done
