import { type SinkStore, sinkSuite, sourceSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { json } from '../payload/json-payload.ts'
import { FakeBroker } from './fixtures/fake-broker.ts'
import { storedRows } from './fixtures/stored-rows.ts'
import { mqttSink } from './mqtt-sink.ts'
import { mqttSource } from './mqtt-source.ts'

const payload = json({ channels: { a: 'V' }, time: { at: 'ts', unit: 'ms' } })

for (const qos of [0, 1, 2] as const) {
  sourceSuite(
    `mqtt, QoS ${qos}`,
    {
      open: async () => {
        const broker = await FakeBroker.start()
        let sent = 0
        const sending = setInterval(() => {
          broker.publish(`line/${sent % 2}`, JSON.stringify({ ts: 1000 + sent, a: sent }), { qos })
          sent += 1
        }, 1)
        sending.unref()
        setTimeout(() => void broker.stop(), 10_000).unref()
        const source = mqttSource({
          url: broker.url,
          clientId: 'c',
          topics: 'line/+',
          payload,
          qos,
          session: qos ? '1h' : 'none'
        })
        return source
      },
      take: 5,
      unreachable: () => mqttSource({ url: 'mqtt://127.0.0.1:1', clientId: 'c', topics: 'line/+', payload }),
      skip: {
        S8: 'a broker cannot be read from a position: it redelivers what was not acknowledged, see mqtt-source.test.ts'
      }
    },
    { describe, it }
  )
}

const log = 'a topic is a log: readers tell a repeated scan by its stream and time'

async function store(): Promise<SinkStore> {
  const broker = await FakeBroker.start()
  return {
    open: async () => mqttSink({ url: broker.url, topic: 'raw/{stream}' }),
    read: async () => storedRows(broker.published),
    remove: () => broker.stop()
  }
}

sinkSuite('mqtt', { store, skip: { K3: log, K4: log, K5: log } }, { describe, it })
