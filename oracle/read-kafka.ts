import { randomUUID } from 'node:crypto'
import type { EachBatchPayload, Kafka } from 'kafkajs'
import { OUTPUTS } from './kafka-names.ts'
import { PartReader, type Take } from './part-reader.ts'
import type { Stored } from './stored.ts'
import { StoredLog } from './stored-log.ts'

/** Reads the output topics with their client's own consumer: no code of the SDK. A message's key is its stream. */
export async function readKafka(kafka: Kafka, feature: string): Promise<Stored> {
  const log = new StoredLog(feature)
  const [raw, windows, events] = OUTPUTS
  await eachMessage(kafka, raw, (line, text) => log.raw(line, text))
  await eachMessage(kafka, windows, (line, text) => log.window(line, text))
  await eachMessage(kafka, events, (line) => log.event(line))
  return log.stored()
}

async function eachMessage(kafka: Kafka, topic: string, take: Take): Promise<void> {
  const parts = await partsOf(kafka, topic)
  if (parts.every((part) => part.isRead)) return
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxBytesPerPartition: 1 << 22 })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
      const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
        try {
          const part = parts.find(({ partition }) => partition === batch.partition)
          for (const message of batch.messages) part?.take(message, take)
          if (parts.every((one) => one.isRead)) resolve()
        } catch (error) {
          reject(error)
        }
      }
      consumer.run({ autoCommit: false, eachBatch }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
}

async function partsOf(kafka: Kafka, topic: string): Promise<PartReader[]> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    return offsets.map(({ partition, high }) => new PartReader(partition, Number(high)))
  } finally {
    await admin.disconnect()
  }
}
