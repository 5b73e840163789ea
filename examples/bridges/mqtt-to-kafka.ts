// Carries measurements from MQTT to Kafka, acknowledged end to end: the MQTT broker is told that a message is taken when Kafka
// has confirmed it. Killed in the middle, it goes on where it was.
//
//   node --import tsx mqtt-to-kafka.ts mqtt://127.0.0.1:1883 kafka://127.0.0.1:9092 state/
import { pipeline } from '@messwerk/core'
import type { Block } from '@messwerk/core/model'
import { json, kafkaSink } from '@messwerk/transports/kafka'
import { mqttSource } from '@messwerk/transports/mqtt'

const [mqttUrl = 'mqtt://127.0.0.1:1883', kafkaUrl = 'kafka://127.0.0.1:9092', directory = 'state/'] =
  process.argv.slice(2)

const source = mqttSource({
  url: mqttUrl,
  clientId: 'bridge', // the same at each start: the broker keeps what comes while the bridge is away
  qos: 1,
  topics: 'line/{machine}/{sensor}',
  payload: json({ channels: { value: '1' }, time: { at: 'ts', unit: 'ms' } })
})

// line/press-3/vibration becomes a message of the topic plant.vibration with the key press-3
const sink = kafkaSink({
  url: kafkaUrl,
  topic: 'plant.{sensor}',
  key: (item) => (item as Block).stream.tags['machine'],
  compression: 'gzip'
})

const run = pipeline('bridge')
  .from(source)
  .to(sink)
  .start({ directory, checkpoint: { every: '1s' } })
run.status$.subscribe(({ components }) => {
  const { state, why } = components[source.id] ?? {}
  console.log(why === undefined ? `${source.id}: ${state}` : `${source.id}: ${state}, ${why}`)
})
process.once('SIGTERM', () => void run.stop())
await run.done
