import { ProtocolError } from '@messwerk/core/model'
import type { KafkaReader } from '../kafka-client.ts'
import { kafkajsClient } from '../kafkajs-client.ts'
import type { CheckpointsPlan } from './kafka-checkpoints-options.ts'
import { readLog } from './state-log.ts'

/** Of the record that says by how many partitions states are shared out; those of states are longer. */
const KEY = JSON.stringify(['partitions'])

/**
 * By how many partitions the states of a topic are shared out: as many as it had when it was first used. It stands in its first
 * partition, so that states are still found when somebody has given it more.
 *
 * @throws ProtocolError; what the client library throws
 * @internal
 */
export async function layoutOf(plan: CheckpointsPlan, reader: KafkaReader): Promise<number> {
  const { topic } = plan
  const there = reader.parts(topic).length
  let count = await firstNote(topic, reader)
  if (count === undefined) {
    await note(plan, there)
    count = await firstNote(topic, reader)
    if (count !== there) return await yieldTo(count, there, plan)
  }
  if (Number.isInteger(count) && count >= 1 && count <= there) return count
  throw new ProtocolError(
    `kafkaCheckpoints: topic '${topic}' has ${there} partitions and states that are shared out by ${count}: ` +
      'it is a copy that is not whole; name another topic'
  )
}

/** It is written before all states, and so is found before any transaction that is still open. */
async function firstNote(topic: string, reader: KafkaReader): Promise<number | undefined> {
  let count: number | undefined
  await readLog(reader, { topic, partition: 0 }, (key, value) => {
    if (key === KEY && value) count = JSON.parse(Buffer.from(value).toString())
    return count !== undefined
  })
  return count
}

/** Another process was first, with another number: its states are there already, and compaction must not leave ours. */
async function yieldTo(count: number | undefined, ours: number, plan: CheckpointsPlan): Promise<never> {
  if (count !== undefined) await note(plan, count)
  const others = count === undefined ? 'nothing' : String(count)
  throw new ProtocolError(
    `kafkaCheckpoints: topic '${plan.topic}' was given partitions while it was first used: it says ${others} after ${ours} ` +
      'was written; start again when it has all of them'
  )
}

async function note(plan: CheckpointsPlan, count: number): Promise<void> {
  const { kafka, lib, sockets } = await kafkajsClient(plan.connection)
  const createPartitioner = lib.Partitioners.DefaultPartitioner
  const producer = kafka.producer({ createPartitioner, allowAutoTopicCreation: false })
  try {
    await producer.connect()
    await producer.send({ topic: plan.topic, messages: [{ key: KEY, value: JSON.stringify(count), partition: 0 }] })
  } finally {
    await producer.disconnect().catch(() => {})
    sockets.destroy()
  }
}
