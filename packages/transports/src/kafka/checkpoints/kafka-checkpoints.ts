import { randomUUID } from 'node:crypto'
import type { Checkpoint, CheckpointClaim, CheckpointStore, TakeListener, TakenSplit } from '@messwerk/core/model'
import { HeldSplit } from './held-split.ts'
import { type CheckpointsPlan, type KafkaCheckpointsOptions, planCheckpoints } from './kafka-checkpoints-options.ts'
import { prepareTopic, StateTopic } from './state-topic.ts'

/**
 * Checkpoints in a compacted topic, by split and stream, for processes that share the partitions of a `kafkaSource`: whoever is given
 * a partition goes on with the state that the one before saved, without warm-up.
 *
 * Each save is one transaction a split, of the streams that have changed. To take a split fences the process that had it: brokers take
 * nothing more of that one for this split, and what it had not saved is read again by the new one.
 *
 * Start it with `pipeline(...).start({ checkpoint: { store: kafkaCheckpoints(...) } })`, in each process with the same pipeline id. All
 * sources of the pipeline must say which splits are theirs, as `kafkaSource` does. A state must fit into a message (1 MiB unless
 * `max.message.bytes` of the topic is raised). Credentials need Write and Describe on the transactional ids that begin with `["<id of the pipeline>"`.
 *
 * @throws TypeError or RangeError when an option is wrong. `claim` and what it gives reject with NotConnectedError and TimeoutError,
 * which may be retried; AuthError; ProtocolError where the topic is not compacted or a state is too large; MissingDependencyError
 *
 * @example
 * ```ts
 * import { kafkaCheckpoints } from '@messwerk/transports/kafka'
 *
 * const store = kafkaCheckpoints({ url: 'kafka://127.0.0.1:9092', topic: 'plant-state' })
 * typeof store.claim // => 'function'
 * ```
 */
export function kafkaCheckpoints(options: KafkaCheckpointsOptions): CheckpointStore {
  const plan = planCheckpoints(options)
  return { claim: async (pipeline) => claimOf(plan, pipeline) }
}

async function claimOf(plan: CheckpointsPlan, pipeline: string): Promise<CheckpointClaim> {
  await prepareTopic(plan)
  return new KafkaClaim(plan, pipeline, await StateTopic.open(plan))
}

class KafkaClaim implements CheckpointClaim {
  /** Claims stand beside each other: what fences is taking a split. */
  readonly generation = Date.now()
  readonly latest = undefined
  readonly #plan: CheckpointsPlan
  readonly #pipeline: string
  readonly #topic: StateTopic
  readonly #owner = randomUUID()
  readonly #held = new Map<string, HeldSplit>()
  #isClosed = false

  constructor(plan: CheckpointsPlan, pipeline: string, topic: StateTopic) {
    this.#plan = plan
    this.#pipeline = pipeline
    this.#topic = topic
  }

  async take(source: string, split: string, tell: TakeListener): Promise<TakenSplit> {
    const key = JSON.stringify([source, split])
    const had = this.#held.get(key)
    this.#held.delete(key)
    await had?.close()
    const fenced = (): void => {
      if (this.#held.get(key) === held) this.#held.delete(key)
      tell.fenced()
    }
    const id = { pipeline: this.#pipeline, source, split }
    const held: HeldSplit = new HeldSplit(this.#plan, this.#topic, id, this.#owner, { progress: tell.progress, fenced })
    try {
      const { checkpoint, before } = await held.take()
      this.#held.set(key, held)
      if (this.#isClosed) await held.close()
      return { checkpoint, isOurs: had !== undefined && before === this.#owner }
    } catch (error) {
      await held.close()
      throw error
    }
  }

  async save(checkpoint: Checkpoint): Promise<number> {
    const saves = checkpoint.splits.map(async (state) => {
      const held = this.#held.get(JSON.stringify([state.source, state.split]))
      return (await held?.save(checkpoint, state)) ?? 0
    })
    const settled = await Promise.allSettled(saves)
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    return settled.reduce((sum, result) => sum + (result as PromiseFulfilledResult<number>).value, 0)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(Array.from(this.#held.values(), (held) => held.close()))
    this.#held.clear()
    await this.#topic.close()
  }
}
