import type { SdkError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { type Duration, durationMs, type Size, sizeBytes } from '../model/span.ts'
import type { Spool } from '../model/spool.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { BatchOptions } from './outlet-like.ts'
import type { RetryOptions } from './retry-policy.ts'
import type { LaneLimits } from './spool-lanes.ts'

const LAG_MS = 1000

/** @internal */
export interface SpooledOutletOptions<T> {
  readonly id: string
  readonly pipeline?: string | undefined
  readonly sink: Sink<T>
  /** Opens the spool; called once. */
  readonly spool: () => Promise<Spool>
  readonly batch?: BatchOptions | undefined
  readonly retry?: RetryOptions | undefined
  /** Of each attempt. @defaultValue '30s' */
  readonly timeout?: Duration | undefined
  readonly idempotent?: boolean | undefined
  readonly inFlight?: number | undefined
  /** Bytes of back-fill a second. @defaultValue '50MiB' */
  readonly backfill?: Size | undefined
  /** What is older when it is written counts as back-fill, ms. @defaultValue 1000 */
  readonly lagMs?: number | undefined
  readonly scheduler: Scheduler
  /** Resolves when the dead letters have the item. */
  readonly deadLetters?: ((item: T, error: SdkError) => Promise<void>) | undefined
  /** The run ends: the disk will never take it, or the sink refuses for good. */
  readonly failed: (error: unknown) => void
  readonly changed?: (() => void) | undefined
}

/** @throws RangeError naming option, rule and value @internal */
export function limitsOf<T>({
  id,
  batch = {},
  backfill = '50MiB',
  inFlight = 1,
  lagMs = LAG_MS
}: SpooledOutletOptions<T>): LaneLimits {
  const { items = 4096, bytes = '1MiB', age = '100ms' } = batch
  if (!(Number.isInteger(items) && items > 0)) {
    throw new RangeError(`${id}: batch.items must be a positive whole number, got ${items}`)
  }
  if (inFlight !== 1) {
    throw new RangeError(`${id}: inFlight must be 1 with delivery 'spooled', which keeps the order, got ${inFlight}`)
  }
  return {
    items,
    bytes: sizeBytes(bytes, `${id}: batch.bytes`),
    ageMs: durationMs(age, `${id}: batch.age`),
    backfill: sizeBytes(backfill, `${id}: spool.backfill`),
    lagMs
  }
}
