import { type Scheduler, sleep } from '@messwerk/core/driver'
import { type Batch, ProtocolError, type SdkError } from '@messwerk/core/model'
import { type Fetched, type FetchLimits, type KafkaReader, OutOfRange, type Wanted } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import type { SourcePlan } from './kafka-source-options.ts'
import type { SplitDecoder } from './split-decoder.ts'

/** What fetching tells its reading. @internal */
export interface FetchingHost {
  /** A broker has answered. */
  flows(): void
  /** Something waits to be taken. */
  awake(): void
  degraded(why: string): void
  failed(error: SdkError): void
}

/** Records of one partition that wait for the pipeline. */
interface Piece {
  readonly decoder: SplitDecoder
  readonly fetched: Fetched
  readonly bytes: number
  /** Index of the first record that was not taken. */
  at: number
}

const WAIT_MS = 500
const PARTITIONS_AT_ONCE = 4
const AGAIN_MS = 200
const MOST_FAILURES = 25

/**
 * Fetches from every leader of our partitions, one request each at a time. While what waits for the pipeline is `buffer`
 * bytes or more nothing is asked for: the log keeps it.
 *
 * @internal
 */
export class Fetching {
  readonly #reader: KafkaReader
  readonly #plan: SourcePlan
  readonly #scheduler: Scheduler
  readonly #host: FetchingHost
  readonly #limits: FetchLimits
  #decoders: readonly SplitDecoder[] = []
  #pieces: Piece[] = []
  #bytes = 0
  #room: (() => void)[] = []
  /** Answers to what was asked in an earlier one are dropped. */
  #epoch = 0
  #failures = 0

  constructor(reader: KafkaReader, plan: SourcePlan, scheduler: Scheduler, host: FetchingHost) {
    this.#reader = reader
    this.#plan = plan
    this.#scheduler = scheduler
    this.#host = host
    const { fetch } = plan
    this.#limits = { bytes: fetch * PARTITIONS_AT_ONCE, bytesPerPartition: fetch, waitMs: WAIT_MS }
  }

  /** Fetches these partitions from now on. */
  start(decoders: readonly SplitDecoder[]): void {
    this.#decoders = decoders
    this.#run()
  }

  /** Asks for nothing more, and drops what waits: it stays in the log. */
  stop(): void {
    this.#epoch += 1
    this.#decoders = []
    this.#pieces = []
    this.#bytes = 0
    this.#letIn()
  }

  /** The next batch, if anything waits. */
  take(): Batch | undefined {
    const piece = this.#pieces[0]
    if (!piece) return undefined
    const { decoder, fetched, at } = piece
    const { records } = fetched
    let bytes = 0
    let to = at
    while (to < records.length && bytes < this.#plan.fetch) {
      bytes += Math.max(0, records.valueLength(to))
      to += 1
    }
    const batch = decoder.batch(fetched, at, to)
    piece.at = to
    if (to === records.length) {
      this.#pieces.shift()
      this.#bytes -= piece.bytes
      this.#letIn()
    }
    return batch
  }

  #run(): void {
    this.#epoch += 1
    this.#letIn()
    const parts = this.#decoders.map(({ part }) => part)
    const leaders = this.#reader.leaders(parts)
    let led = 0
    for (const [leader, own] of leaders) {
      led += own.length
      const decoders = this.#decoders.filter(({ part }) => own.includes(part))
      void this.#loop(leader, decoders, this.#epoch)
    }
    if (led < parts.length) void this.#again('a partition has no leader', this.#epoch)
  }

  async #loop(leader: string, decoders: readonly SplitDecoder[], epoch: number): Promise<void> {
    let turn = 0
    while (epoch === this.#epoch) {
      if (this.#bytes >= this.#plan.buffer) {
        await new Promise<void>((resolve) => this.#room.push(resolve))
        continue
      }
      try {
        const wanted = wantedOf(decoders, turn)
        turn += 1
        const answers = await this.#reader.fetch(leader, wanted, this.#limits)
        if (epoch !== this.#epoch) return
        for (const fetched of answers) {
          const decoder = decoderOf(fetched, decoders)
          const wait = decoder?.prepared(fetched)
          if (wait) await wait
          if (epoch !== this.#epoch) return
          if (decoder) this.#accept(fetched, decoder)
        }
        this.#failures = 0
        this.#host.flows()
      } catch (error) {
        if (epoch === this.#epoch) await this.#recover(error, decoders, epoch)
      }
    }
  }

  #accept(fetched: Fetched, decoder: SplitDecoder): void {
    const { next, end } = fetched
    decoder.end = end
    if (next <= decoder.wanted) return
    decoder.wanted = next
    const { bytes } = fetched.records
    this.#bytes += bytes
    this.#pieces.push({ decoder, fetched, bytes, at: 0 })
    this.#host.awake()
  }

  async #recover(cause: unknown, decoders: readonly SplitDecoder[], epoch: number): Promise<void> {
    try {
      if (cause instanceof OutOfRange) return await this.#findBack(cause, decoders)
      const error = kafkaError(cause, this.#plan.connection, 'fetching')
      this.#failures += 1
      if (!error.retryable || this.#failures > MOST_FAILURES) throw error
      await this.#again(error.message, epoch)
    } catch (error) {
      this.#fail(error, epoch)
    }
  }

  /** Looks for the leaders, and goes on with these. */
  async #again(why: string, epoch: number): Promise<void> {
    try {
      this.#host.degraded(why)
      await sleep(AGAIN_MS, this.#scheduler)
      if (epoch !== this.#epoch) return
      await this.#reader.refresh()
      if (epoch === this.#epoch) this.#run()
    } catch (error) {
      this.#fail(error, epoch)
    }
  }

  #fail(error: unknown, epoch: number): void {
    if (epoch !== this.#epoch) return
    this.#epoch += 1
    this.#host.failed(kafkaError(error, this.#plan.connection, 'fetching'))
  }

  /** The log does not hold what is wanted: deleted in time, or another log under the same name. */
  async #findBack({ part }: OutOfRange, decoders: readonly SplitDecoder[]): Promise<void> {
    const some = decoders.filter((decoder) => !part || isSame(decoder, part))
    const parts = some.map((decoder) => decoder.part)
    const [first, last] = await Promise.all([
      this.#reader.offsets(parts, 'earliest'),
      this.#reader.offsets(parts, 'latest')
    ])
    for (const [i, decoder] of some.entries()) {
      const [from, to] = [first[i] as number, last[i] as number]
      if (decoder.wanted > to) {
        const what = `'${decoder.split}' ends at offset ${to}, and ${decoder.wanted} was to be read`
        throw new ProtocolError(
          `${this.#plan.connection.url}: ${what}: the topic was made anew; use a new group and a new checkpoint directory`
        )
      }
      if (decoder.wanted >= from) continue
      this.#host.degraded(
        `${from - decoder.wanted} records of '${decoder.split}' were deleted before they were read: declared as a gap`
      )
      decoder.skipTo(from)
    }
  }

  #letIn(): void {
    if (this.#room.length === 0) return
    const room = this.#room
    this.#room = []
    for (const resume of room) resume()
  }
}

/** In turn each is the first: an answer may be full before it comes to the last. */
function wantedOf(decoders: readonly SplitDecoder[], turn: number): Wanted[] {
  const at = turn % decoders.length
  const turned = decoders.slice(at).concat(decoders.slice(0, at))
  return turned.map(({ part, wanted: offset }) => ({ ...part, offset }))
}

function decoderOf({ topic, partition }: Fetched, decoders: readonly SplitDecoder[]): SplitDecoder | undefined {
  return decoders.find(({ part }) => part.partition === partition && part.topic === topic)
}

function isSame({ part }: SplitDecoder, { topic, partition }: { topic: string; partition: number }): boolean {
  return part.topic === topic && part.partition === partition
}
