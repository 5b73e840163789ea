import kafkajs from 'kafkajs'
import { expect, it } from 'vitest'
import { FakeKafka } from '../fixtures/fake-kafka.ts'
import type { KafkaLibrary } from '../load-kafkajs.ts'
import { planCheckpoints } from './kafka-checkpoints-options.ts'
import { layoutOf } from './state-layout.ts'

const KEY = '["partitions"]'

/** Layout of a state topic with four partitions; `before` happens before what is written first. */
async function laidOut(kafka: FakeKafka, before = (): void => {}): Promise<number> {
  let writes = 0
  const send = async ({ topic, messages }: { topic: string; messages: readonly { key: string; value: string }[] }) => {
    if (writes === 0) before()
    writes += 1
    for (const message of messages) kafka.put(`${topic}/0`, message)
  }
  const producer = () => ({ connect: async () => {}, disconnect: async () => {}, send })
  class Kafka {
    readonly producer = producer
  }
  const lib = { ...kafkajs, Kafka } as unknown as KafkaLibrary
  const plan = planCheckpoints({ url: 'kafka://h', topic: 's', lib })
  return layoutOf(plan, await kafka.openReader())
}

function topicOf(partitions: number): FakeKafka {
  const kafka = new FakeKafka()
  kafka.topic('s', partitions)
  return kafka
}

const notes = (kafka: FakeKafka): string[] => kafka.read('s/0').map(({ value }) => String(value))

it('the number of partitions is noted once', async () => {
  const kafka = topicOf(4)
  expect(await laidOut(kafka)).toBe(4)
  expect(await laidOut(kafka)).toBe(4)
  expect(notes(kafka)).toEqual(['4'])
})

it('of two that begin at once both note the same', async () => {
  const kafka = topicOf(4)
  expect(await laidOut(kafka, () => kafka.put('s/0', { key: KEY, value: '4' }))).toBe(4)
})

it('one that comes second with another number fails, and leaves the number of the first', async () => {
  const kafka = topicOf(4)
  const second = laidOut(kafka, () => kafka.put('s/0', { key: KEY, value: '3' }))
  await expect(second).rejects.toThrow("topic 's' was given partitions while it was first used: it says 3 after 4")
  expect(notes(kafka)).toEqual(['3', '4', '3'])
  expect(await laidOut(kafka)).toBe(3)
})
