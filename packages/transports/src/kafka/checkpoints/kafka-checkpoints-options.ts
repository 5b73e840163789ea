import { type ConnectionPlan, type KafkaConnectionOptions, planConnection } from '../connection-options.ts'

/**
 * Options of {@link kafkaCheckpoints}.
 *
 * @example
 * ```ts
 * import type { KafkaCheckpointsOptions } from '@messwerk/transports/kafka'
 *
 * const options: KafkaCheckpointsOptions = { url: 'kafka://127.0.0.1:9092', topic: 'plant-state', replication: 3 }
 * options.topic // => 'plant-state'
 * ```
 */
export interface KafkaCheckpointsOptions extends KafkaConnectionOptions {
  /** The topic with the states; one that is there must be compacted (`cleanup.policy=compact`). */
  readonly topic: string
  /** With which the topic is made where there is none: as many as the topic that is read has is best. @defaultValue 8 */
  readonly partitions?: number | undefined
  /** With which the topic is made where there is none. @defaultValue that of the brokers */
  readonly replication?: number | undefined
}

/** @internal */
export interface CheckpointsPlan {
  readonly connection: ConnectionPlan
  readonly topic: string
  readonly partitions: number
  readonly replication: number
}

const THEIR_OWN = -1

/** @throws TypeError or RangeError that names the option @internal */
export function planCheckpoints(options: KafkaCheckpointsOptions): CheckpointsPlan {
  const { topic, partitions = 8, replication = THEIR_OWN } = options
  const connection = planConnection(options, 'kafkaCheckpoints')
  if (typeof topic !== 'string' || !/^[\w.-]{1,249}$/.test(topic)) {
    throw new TypeError(
      `kafkaCheckpoints: topic must be a name of letters, digits, '.', '_' and '-', got ${JSON.stringify(topic)}`
    )
  }
  checkCount('partitions', partitions, 1, 10_000)
  if (replication !== THEIR_OWN) checkCount('replication', replication, 1, 100)
  return { connection, topic, partitions, replication }
}

function checkCount(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(
    `kafkaCheckpoints: ${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`
  )
}
