import { NotConnectedError } from '@messwerk/core/model'
import type { Part } from '../kafka-client.ts'
import { kafkaError } from '../kafka-errors.ts'
import { kafkajsClient } from '../kafkajs-client.ts'
import { typeOf } from '../kafkajs-protocol.ts'
import type { KafkajsSockets } from '../kafkajs-sockets.ts'
import type { KafkaLibrary } from '../load-kafkajs.ts'
import type { CheckpointsPlan } from './kafka-checkpoints-options.ts'
import { keyOf, type SplitId, type StateRecord } from './state-records.ts'

type Producer = ReturnType<InstanceType<KafkaLibrary['Kafka']>['producer']>

const RETRY = { retries: 6, initialRetryTime: 100, maxRetryTime: 2000 }
/** After that the brokers give up a transaction whose process is gone: until then others cannot read behind it. */
const TRANSACTION_MS = 10_000
/** Bytes of one request; brokers take 1 MiB by default. */
const MOST_BYTES = 512 * 1024
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_TXN_STATE'])

/** Another process writes this split now. @internal */
export class Fenced extends Error {
  override readonly name = 'Fenced'
}

/**
 * Writes the records of one split in transactions. Opening one fences those that were opened before, wherever they are: brokers take
 * nothing from them any more.
 *
 * @internal
 */
export class SplitWriter {
  readonly #plan: CheckpointsPlan
  readonly #producer: Producer
  readonly #sockets: KafkajsSockets
  readonly #part: Part

  private constructor(plan: CheckpointsPlan, part: Part, producer: Producer, sockets: KafkajsSockets) {
    this.#plan = plan
    this.#part = part
    this.#producer = producer
    this.#sockets = sockets
  }

  /** @throws SdkError */
  static async open(plan: CheckpointsPlan, id: SplitId, part: Part): Promise<SplitWriter> {
    const { kafka, lib, sockets } = await kafkajsClient(plan.connection)
    const producer = kafka.producer({
      createPartitioner: lib.Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      transactionalId: keyOf(id, 'owner'),
      transactionTimeout: TRANSACTION_MS,
      maxInFlightRequests: 1,
      idempotent: true,
      retry: RETRY
    })
    try {
      await producer.connect()
      const first = await producer.transaction()
      await first.abort()
      sockets.unref()
      return new SplitWriter(plan, part, producer, sockets)
    } catch (error) {
      sockets.destroy()
      throw kafkaError(error, plan.connection, `a transaction for '${id.split}'`)
    }
  }

  /** All of them or none. @throws Fenced; SdkError, after which this writer is of no use any more */
  async write(records: readonly StateRecord[]): Promise<void> {
    const { topic, partition } = this.#part
    try {
      const transaction = await this.#producer.transaction()
      try {
        for (const part of inParts(records)) {
          const messages = part.map(({ key, value }) => ({ key, value: value as Buffer | null, partition }))
          await transaction.send({ topic, messages })
        }
        await transaction.commit()
      } catch (error) {
        await transaction.abort().catch(() => {})
        throw error
      }
    } catch (error) {
      throw this.#errorOf(error)
    }
  }

  async close(): Promise<void> {
    const disconnecting = this.#producer.disconnect().catch(() => {})
    const timer = setTimeout(() => this.#sockets.destroy(), 1000)
    await disconnecting
    clearTimeout(timer)
    this.#sockets.destroy()
  }

  #errorOf(error: unknown): Error {
    const why = kafkaError(error, this.#plan.connection, `topic '${this.#part.topic}'`)
    if (FENCED.has(typeOf(why)) || FENCED.has(typeOf(error)))
      return new Fenced('another process has it', { cause: why })
    // what the library calls for good here is for good for this producer alone
    const isLarge = /TOO_LARGE/.test(typeOf(why))
    return why.retryable || isLarge || why.code === 'AUTH_REFUSED'
      ? why
      : new NotConnectedError(this.#plan.connection.url, why.message, { cause: why })
  }
}

function* inParts(records: readonly StateRecord[]): Generator<StateRecord[]> {
  let part: StateRecord[] = []
  let bytes = 0
  for (const record of records) {
    const size = record.key.length + (record.value?.length ?? 0)
    if (part.length > 0 && bytes + size > MOST_BYTES) {
      yield part
      part = []
      bytes = 0
    }
    part.push(record)
    bytes += size
  }
  if (part.length > 0) yield part
}
