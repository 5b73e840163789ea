import { systemTime } from '@messwerk/core/driver'
import type { Batch, Positions, ReadOptions, Source } from '@messwerk/core/model'
import { KafkaReading } from './kafka-reading.ts'
import { type KafkaSourceOptions, planSource, type SourcePlan } from './kafka-source-options.ts'
import { openKafkajsReader } from './kafkajs-reader.ts'
import { SplitDecoders } from './split-decoders.ts'

/**
 * A source that reads Kafka, with what it knows of its partitions.
 *
 * @example
 * ```ts
 * import { json, type KafkaSource, kafkaSource } from '@messwerk/transports/kafka'
 *
 * const payload = json({ channels: { rms: 'mm/s' } })
 * const source: KafkaSource<'rms'> = kafkaSource({ url: 'kafka://127.0.0.1:9092', group: 'g', topics: 't', payload })
 * source.lag() // => {}
 * ```
 */
export interface KafkaSource<in C extends string> extends Source<C> {
  /** Records that lie behind what was handed over, by split, as of the last answer of the broker; also in `run.metrics`. */
  lag(): Readonly<Record<string, number>>
}

/**
 * Measurements from Kafka, as a member of a consumer group.
 *
 * Each partition is a split (`topic/partition`), each message a scan or several of the stream that its key names.
 * Offsets are committed when what came of them is durable. Nothing is fetched while the pipeline does not ask for more.
 * In a rebalance the partitions are handed over only when what was read of them is durable and committed (`handOver`),
 * and after that nothing of them is committed.
 *
 * A lost connection is an error that may be retried: the pipeline reads again and keeps its state. Payloads that cannot
 * be decoded and scans older than their stream's last go to the dead letters, each with offset and reason; one bad message
 * costs one message.
 *
 * @throws TypeError or RangeError when an option is wrong.
 * `read` throws AuthError (credentials, no permission on topic or group); NotConnectedError (also for a topic that does
 * not exist yet) and TimeoutError, which may be retried; FencedError (another process has the same `instanceId`);
 * ProtocolError; MissingDependencyError without `kafkajs`.
 *
 * @example
 * ```ts
 * import { json, kafkaSource } from '@messwerk/transports/kafka'
 *
 * const source = kafkaSource({
 *   url: 'kafka://127.0.0.1:9092',
 *   group: 'hall-2',
 *   topics: 'vibration',
 *   payload: json({ channels: { rms: 'mm/s' }, time: { at: 'ts', unit: 'ms' } }),
 * })
 * source.id // => 'kafka:hall-2'
 * source.replay // => 'position'
 * ```
 */
export function kafkaSource<const C extends string>(options: KafkaSourceOptions<C>): KafkaSource<C> {
  return new Consumer(options)
}

class Consumer<C extends string> implements KafkaSource<C> {
  readonly id: string
  readonly replay = 'position'
  readonly handsOver = true
  readonly #options: KafkaSourceOptions<C>
  readonly #plan: SourcePlan
  readonly #decoders: SplitDecoders
  #reading: KafkaReading | undefined
  #report: ReadOptions['report']

  constructor(options: KafkaSourceOptions<C>) {
    this.#options = options
    this.#plan = planSource(options)
    this.id = this.#plan.id
    const scheduler = options.scheduler ?? systemTime
    this.#decoders = new SplitDecoders({
      plan: this.#plan,
      now: () => scheduler.now(),
      restarted: (stream) =>
        this.#report?.({
          state: 'running',
          why: `the publisher of ${stream} counts anew: declared as a gap of unknown size`
        })
    })
  }

  async *read(options: ReadOptions): AsyncGenerator<Batch<C>, void, void> {
    await this.#reading?.close()
    this.#report = options.report
    if (options.signal.aborted) return
    const reading = new KafkaReading({
      plan: this.#plan,
      openReader: this.#options.open ?? openKafkajsReader,
      decoders: this.#decoders,
      scheduler: this.#options.scheduler ?? systemTime,
      options
    })
    this.#reading = reading
    try {
      await reading.open()
      for (let batch = await reading.next(); batch; batch = await reading.next()) yield batch as Batch<C>
    } catch (error) {
      if (!options.signal.aborted) throw error
    } finally {
      await reading.linger()
    }
  }

  async commit(at: Positions): Promise<void> {
    await this.#reading?.commit(at)
  }

  lag(): Readonly<Record<string, number>> {
    return Object.fromEntries(Array.from(this.#decoders.all(), ({ split, lag }) => [split, lag]))
  }
}
