import { sourceSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { json } from '../payload/json-payload.ts'
import { ending } from './fixtures/ending.ts'
import { FakeKafka } from './fixtures/fake-kafka.ts'
import { kafkaSource } from './kafka-source.ts'

const url = 'kafka://127.0.0.1:1'
const payload = json({ channels: { a: 'V' }, time: { at: 'ts', unit: 'ms' } })
const SCANS = 400

function filled(): FakeKafka {
  const kafka = new FakeKafka()
  kafka.topic('t') // with two, which of them comes first is no rule
  const text = 'x'.repeat(40)
  for (let i = 0; i < SCANS; i += 1) kafka.put('t/0', { key: `k${i % 6}`, value: { ts: 1000 + i, a: i, text } })
  return kafka
}

sourceSuite(
  'kafka',
  {
    open: () =>
      ending(kafkaSource({ url, group: 'g', topics: 't', payload, fetch: '2KiB', open: filled().openReader })),
    scans: SCANS,
    unreachable: () => kafkaSource({ url, group: 'g', topics: 't', payload, timeout: '1s' })
  },
  { describe, it }
)
