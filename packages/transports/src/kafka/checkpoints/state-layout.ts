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
  let count: number | undefined
  // it is written once, before all states, and so is found before any transaction that is still open
  await readLog(reader, { topic, partition: 0 }, (key, value) => {
    if (key === KEY && value) count = JSON.parse(Buffer.from(value).toString())
    return count !== undefined
  })
  if (count === undefined) {
    await note(plan, there)
    return there
  }
  if (Number.isInteger(count) && count >= 1 && count <= there) return count
  throw new ProtocolError(
    `kafkaCheckpoints: topic '${topic}' has ${there} partitions and states that are shared out by ${count}: ` +
      'it is a copy that is not whole; name another topic'
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
