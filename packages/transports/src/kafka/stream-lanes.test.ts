import { expect, it } from 'vitest'
import { json } from '../payload/json-payload.ts'
import type { StreamLane } from '../payload/stream-lane.ts'
import { listedRecords } from './fixtures/listed-records.ts'
import { planSource } from './kafka-source-options.ts'
import { StreamLanes } from './stream-lanes.ts'

const payload = json({ channels: { a: 'A' } })
const lanesOf = (more = {}) =>
  new StreamLanes(
    { topic: 't', partition: 0 },
    planSource({ url: 'kafka://h', group: 'g', topics: 't', payload, ...more })
  )
const records = (keys: readonly (string | Buffer | null)[]) =>
  listedRecords(
    keys.map((key, offset) => ({
      offset,
      timestamp: 0,
      key: key === null ? null : Buffer.from(key as string),
      value: Buffer.from('{"a":1}'),
      headers: {}
    }))
  )

it('a key names a stream, none and an empty one are the topic', () => {
  const lanes = lanesOf()
  const some = records(['press-1', 'Öl °C', 'press-1', null, '', 't'])
  const found = Array.from({ length: 6 }, (_, i) => lanes.of(some, i, false) as StreamLane)
  expect(found.map(({ stream }) => stream.id)).toEqual(['press-1', 'Öl °C', 'press-1', 't', 't', 't'])
  expect(found[2]).toBe(found[0])
  expect(new Set(found).size).toBe(3)
})

it('keys that are no UTF-8 and read the same are one stream', () => {
  const lanes = lanesOf()
  const some = records([Buffer.from([0xff]), Buffer.from([0xfe]), Buffer.from('\ufffd'), Buffer.from([0xff])])
  const found = new Set(Array.from({ length: 4 }, (_, i) => lanes.of(some, i, false)))
  expect(Array.from(found, (lane) => (lane as StreamLane).stream.id)).toEqual(['\ufffd'])
})

it('a stream that had to make room for others begins anew', () => {
  const lanes = lanesOf()
  const some = records(Array.from({ length: 100_001 }, (_, i) => `press-${i}`))
  const first = lanes.of(some, 0, false)
  expect(lanes.of(some, 0, false)).toBe(first)
  for (let i = 1; i < some.length; i += 1) lanes.of(some, i, false)
  const again = lanes.of(some, 0, false)
  expect(again).not.toBe(first)
  expect(lanes.of(some, 0, false)).toBe(again)
})
