import { NotConnectedError, ProtocolError } from '@messwerk/core/model'
import type { ICustomPartitioner, Message } from 'kafkajs'
import type { ConnectionPlan } from './connection-options.ts'
import type { KafkaOutgoing, KafkaWriter } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import { kafkajsClient } from './kafkajs-client.ts'
import { typeOf } from './kafkajs-protocol.ts'
import type { KafkajsSockets } from './kafkajs-sockets.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'

/** @internal */
export interface WriterOptions {
  readonly plan: ConnectionPlan
  readonly acks: -1 | 0 | 1
  readonly isIdempotent: boolean
  /** As in the protocol. */
  readonly compression: number
}

type Producer = ReturnType<InstanceType<KafkaLibrary['Kafka']>['producer']>

// over the choice of a new leader, 6 to 12 s; a repetition by the producer itself is known to the broker, a later one is not
const RETRY = { retries: 6, initialRetryTime: 100, maxRetryTime: 5000 }
// the broker and this producer do not agree on what was sent: a new one begins anew
const SEQUENCE = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING'
])

/** Connects. @throws SdkError @internal */
export async function openKafkajsWriter(options: WriterOptions): Promise<KafkaWriter> {
  const { plan, isIdempotent } = options
  const { kafka, lib, sockets } = await kafkajsClient(plan)
  const producer = kafka.producer({
    createPartitioner: placedOnce(lib.Partitioners.DefaultPartitioner),
    allowAutoTopicCreation: false,
    idempotent: isIdempotent,
    retry: RETRY
  })
  try {
    await producer.connect()
  } catch (error) {
    sockets.destroy()
    throw kafkaError(error, plan, 'connecting')
  }
  return new KafkajsWriter(options, producer, sockets)
}

class KafkajsWriter implements KafkaWriter {
  readonly #options: WriterOptions
  readonly #producer: Producer
  readonly #sockets: KafkajsSockets

  constructor(options: WriterOptions, producer: Producer, sockets: KafkajsSockets) {
    this.#options = options
    this.#producer = producer
    this.#sockets = sockets
  }

  async send(topic: string, messages: readonly KafkaOutgoing[]): Promise<void> {
    const { plan } = this.#options
    try {
      await this.#sendWhole(
        topic,
        messages.map(({ key, value, headers, timestamp }) => ({
          key,
          value,
          timestamp: String(timestamp),
          ...(headers ? { headers } : {})
        }))
      )
    } catch (error) {
      const why = kafkaError(error, plan, `topic '${topic}'`)
      const type = typeOf(why)
      // the library has asked again for some seconds: it is not a broker that has just begun
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION') throw new ProtocolError(why.message, { cause: why.cause })
      if (SEQUENCE.has(type))
        throw new NotConnectedError(plan.url, `${type}: a new producer is needed`, { cause: error })
      throw why
    }
  }

  /**
   * kafkajs takes a send for done when every broker has answered once: what moves, while it repeats itself, to a broker that
   * has answered before is never sent, and nothing says so but that its partition has no answer.
   */
  async #sendWhole(topic: string, messages: Message[]): Promise<void> {
    const { acks, compression, plan } = this.#options
    for (let open = messages; open.length > 0; ) {
      const answers = await this.#producer.send({ topic, acks, timeout: plan.timeoutMs, compression, messages: open })
      if (acks === 0) return // nobody answers
      const answered = new Set(answers.map(({ partition }) => partition))
      const left = open.filter(({ partition }) => partition === undefined || !answered.has(partition))
      if (left.length === open.length)
        throw new NotConnectedError(plan.url, `topic '${topic}': no partition has answered`)
      open = left
    }
  }

  async close(): Promise<void> {
    const disconnecting = this.#producer.disconnect().catch(() => {})
    const timer = setTimeout(() => this.#sockets.destroy(), 1000)
    await disconnecting
    clearTimeout(timer)
    this.#sockets.destroy()
  }
}

/** A message stays in the partition that was chosen for it, also where the library asks again. */
function placedOnce(make: ICustomPartitioner): ICustomPartitioner {
  return () => {
    const choose = make()
    return (args) => {
      args.message.partition ??= choose(args)
      return args.message.partition
    }
  }
}
