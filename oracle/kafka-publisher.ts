import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import type { Ledger } from './ledger.ts'
import { type RecordPlan, record, streamOf } from './records.ts'

const TICK_MS = 20
const MOST_AT_ONCE = 2000
const PATIENCE_MS = 120_000

/**
 * Produces the records in order, and writes into the ledger what all replicas in sync have. What fails is sent again as it was, partition
 * by partition, with the sequence numbers of an idempotent producer: so the topic has each record once.
 */
export class KafkaPublisher {
  readonly #plan: RecordPlan
  readonly #ledger: Ledger
  readonly #rate: number
  readonly #topic: string
  readonly #partitions: number
  readonly #producer: Producer
  #next = 0
  #closed = false

  constructor(
    plan: RecordPlan,
    ledger: Ledger,
    rate: number,
    to: { readonly brokers: string[]; readonly topic: string; readonly partitions: number }
  ) {
    this.#plan = plan
    this.#ledger = ledger
    this.#rate = rate
    this.#topic = to.topic
    this.#partitions = to.partitions
    const retry = { retries: 5, initialRetryTime: 100, maxRetryTime: 500 }
    const kafka = new Kafka({
      brokers: to.brokers,
      clientId: 'publisher',
      logLevel: logLevel.NOTHING,
      requestTimeout: 10_000,
      retry
    })
    this.#producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
      metadataMaxAge: 5000,
      allowAutoTopicCreation: false,
      retry
    })
  }

  /** Everything up to a record (not included) is acknowledged. */
  hasSent(to: number): boolean {
    return this.#next >= to
  }

  connect(): Promise<void> {
    return this.#producer.connect()
  }

  /** Sends up to a record (not included) at the rate; what an outage has kept back follows at once. */
  async send(to: number): Promise<void> {
    const began = performance.now()
    const first = this.#next
    while (this.#next < to && !this.#closed) {
      const due = first + Math.ceil(((performance.now() - began) * this.#rate) / 1000)
      const end = Math.min(to, due, this.#next + MOST_AT_ONCE)
      await this.#produce(this.#next, end)
      this.#next = Math.max(this.#next, end)
      if (end === due) await sleep(TICK_MS)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#producer.disconnect().catch(() => {})
  }

  async #produce(from: number, to: number): Promise<void> {
    const ids: number[][] = Array.from({ length: this.#partitions }, () => [])
    for (let id = from; id < to; id += 1) {
      ids[(id % this.#plan.machines) % this.#partitions]?.push(id)
      this.#ledger.send()
    }
    await Promise.all(ids.map((own, partition) => this.#untilTaken(partition, own)))
  }

  async #untilTaken(partition: number, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return
    const messages = ids.map((id) => ({ ...this.#message(id), partition }))
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      try {
        await this.#producer.send({ topic: this.#topic, messages, acks: -1 })
        for (const id of ids) this.#ledger.acknowledge(id)
        return
      } catch (error) {
        if (this.#closed) return
        if (performance.now() > deadline) throw error
        await sleep(100)
      }
    }
  }

  #message(id: number): { key: string; value: string } {
    const { machine, ms, v } = record(this.#plan, id)
    return { key: streamOf(machine), value: `{"id":${id},"ts":${ms},"v":${v}}` }
  }
}
