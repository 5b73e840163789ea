import { BatchError, isSdkError, NotConnectedError, type SdkError, type Sink } from '@messwerk/core/model'
import type { KafkaWriter } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import { type KafkaItem, type KafkaSinkOptions, planSink, type SinkPlan } from './kafka-sink-options.ts'
import { typeOf } from './kafkajs-protocol.ts'
import { openKafkajsWriter } from './kafkajs-writer.ts'
import { bytesOf, messagesOf, type TopicMessages } from './sink-messages.ts'

/**
 * Writes blocks and events to Kafka.
 *
 * A write resolves when the brokers have confirmed every message of it. With `acks: 'all'` the producer is idempotent:
 * a request that it repeats by itself is there once. What is written again after a failure, or to brokers that were slow
 * to answer while a partition moved, is there again: readers tell repeated scans by stream and time, repeated events by id.
 *
 * @throws TypeError or RangeError when an option is wrong.
 * `open` and `write` reject with NotConnectedError and TimeoutError, which may be retried; AuthError; ProtocolError;
 * MissingDependencyError; `write` with BatchError when some items were confirmed and others not: refused ones (too
 * large, no such topic) are not to be retried, unconfirmed ones are.
 *
 * @example
 * ```ts
 * import { kafkaSink } from '@messwerk/transports/kafka'
 *
 * const sink = kafkaSink({ url: 'kafka://127.0.0.1:9092', topic: 'features', compression: 'gzip' })
 * sink.id // => 'kafka:features'
 * await sink.close?.() // => undefined
 * ```
 */
export function kafkaSink(options: KafkaSinkOptions): Sink<KafkaItem> & { readonly id: string } {
  return new Producer(planSink(options))
}

// a broker refuses the whole request for one of these
const ONE_IS_BAD = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'])

/** A connection, closed when it is given up and nobody uses it any more. */
interface Connection {
  readonly writer: KafkaWriter
  users: number
  isGivenUp: boolean
}

class Producer implements Sink<KafkaItem> {
  readonly id: string
  readonly #plan: SinkPlan
  #opening: Promise<Connection> | undefined
  /** What is on its way, by topic. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(plan: SinkPlan) {
    this.id = plan.id
    this.#plan = plan
  }

  async open(): Promise<void> {
    await this.#connected()
  }

  async write(items: readonly KafkaItem[], signal?: AbortSignal): Promise<void> {
    if (items.length === 0) return
    const failed = new Map<number, SdkError>()
    const fail = (item: number, error: unknown): void => {
      if (!isSdkError(error)) throw error
      failed.set(item, error)
    }
    const topics = messagesOf(items, this.#plan, fail)
    const connection = topics.length > 0 ? await this.#connected() : undefined
    if (connection) await this.#untilAborted(this.#sendAll(connection, topics, fail), signal)
    if (failed.size === 0) return
    const [first] = failed.values()
    // one reason for all of them: the outlet need not look at each
    if (failed.size === items.length && new Set(failed.values()).size === 1) throw first as SdkError
    throw new BatchError(this.id, failed)
  }

  async close(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const connection = await opening?.catch(() => undefined)
    if (connection) await giveUp(connection)
  }

  async #sendAll(
    connection: Connection,
    topics: readonly TopicMessages[],
    fail: (item: number, error: unknown) => void
  ): Promise<void> {
    connection.users += 1
    try {
      await Promise.all(
        topics.map((topic) => this.#inTurn(topic.topic, () => this.#sendTopic(connection, topic, fail)))
      )
    } finally {
      connection.users -= 1
      if (connection.isGivenUp) await giveUp(connection)
    }
  }

  /**
   * One request after the other for each topic: a producer that repeats one while another overtakes it uses the same
   * sequence number twice, and the broker drops the second as a repetition.
   */
  async #inTurn(topic: string, send: () => Promise<void>): Promise<void> {
    const before = this.#busy.get(topic)
    const turn = (async () => {
      await before?.catch(() => {})
      await send()
    })()
    this.#busy.set(topic, turn)
    try {
      await turn
    } finally {
      if (this.#busy.get(topic) === turn) this.#busy.delete(topic)
    }
  }

  async #sendTopic(
    connection: Connection,
    { topic, messages, items }: TopicMessages,
    fail: (item: number, error: unknown) => void
  ): Promise<void> {
    let from = 0
    while (from < messages.length) {
      let to = from
      let bytes = 0
      for (; to < messages.length; to += 1) {
        bytes += bytesOf(messages[to] as TopicMessages['messages'][number])
        if (to > from && bytes > this.#plan.batch) break
      }
      const error = await this.#sendPart(connection, { topic, messages, items }, from, to, fail)
      if (error) {
        for (let i = from; i < messages.length; i += 1) fail(items[i] as number, error)
        return
      }
      from = to
    }
  }

  /** Sends some; returns why the rest need not be tried. What is refused for one message is sent in halves. */
  async #sendPart(
    connection: Connection,
    of: TopicMessages,
    from: number,
    to: number,
    fail: (item: number, error: unknown) => void
  ): Promise<SdkError | undefined> {
    try {
      await connection.writer.send(of.topic, of.messages.slice(from, to))
      return undefined
    } catch (cause) {
      const error = kafkaError(cause, this.#plan.writer.plan, `topic '${of.topic}'`)
      if (!ONE_IS_BAD.has(typeOf(error))) {
        if (error.retryable) this.#forget(connection)
        return error
      }
      if (to - from === 1) {
        fail(of.items[from] as number, error)
        return undefined
      }
      const half = (from + to) >> 1
      const first = await this.#sendPart(connection, of, from, half, fail)
      return first ?? (await this.#sendPart(connection, of, half, to, fail))
    }
  }

  /** The next write connects anew. */
  #forget(connection: Connection): void {
    connection.isGivenUp = true
    void this.#opening?.then((current) => {
      if (current === connection) this.#opening = undefined
    })
  }

  /** The connection; writes at the same time share it. */
  #connected(): Promise<Connection> {
    if (this.#opening) return this.#opening
    const open = this.#plan.options.open ?? openKafkajsWriter
    const opening = open(this.#plan.writer).then((writer) => ({ writer, users: 0, isGivenUp: false }))
    this.#opening = opening
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined
    })
    return opening.catch((error: unknown) => {
      throw kafkaError(error, this.#plan.writer.plan, 'connecting')
    })
  }

  async #untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    if (!signal) return work
    let stop = (): void => {}
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(new NotConnectedError(this.#plan.writer.plan.url, 'the write was given up'))
    })
    aborted.catch(() => {}) // it may come when nobody waits any more
    work.catch(() => {})
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      await Promise.race([work, aborted])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

async function giveUp(connection: Connection): Promise<void> {
  connection.isGivenUp = true
  if (connection.users === 0) await connection.writer.close()
}
