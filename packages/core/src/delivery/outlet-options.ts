import type { SdkError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { type Duration, durationMs, type Size, sizeBytes } from '../model/span.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { BatchOptions, DeliveryMode } from './outlet-like.ts'
import { positiveMs, type RetryOptions } from './retry-policy.ts'

/** @internal */
export interface OutletOptions<T> {
  readonly id: string
  /** Named in errors. @defaultValue id */
  readonly pipeline?: string | undefined
  readonly sink: Sink<T>
  readonly delivery: DeliveryMode
  readonly batch?: BatchOptions | undefined
  readonly retry?: RetryOptions | undefined
  /** Of each attempt to write or to connect. @defaultValue '30s' */
  readonly timeout?: Duration | undefined
  /** Writes at the same time. @defaultValue 1 */
  readonly inFlight?: number | undefined
  /** Whether the sink takes the same items twice, at once and in any order, without harm. @defaultValue false */
  readonly idempotent?: boolean | undefined
  /** Most that a bestEffort outlet holds. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  readonly scheduler: Scheduler
  readonly bytesOf: (item: T) => number
  /** Resolves when the dead letters have a refused item durably. */
  readonly deadLetters?: ((item: T, error: SdkError) => Promise<void>) | undefined
  /** Dropped items are told here, so that the next item can declare them. */
  readonly dropped?: ((item: T) => void) | undefined
  /** `state` is another. */
  readonly changed?: (() => void) | undefined
  /** A required outlet that failed: the run ends. */
  readonly failed: (error: unknown) => void
  readonly warn: (message: string, error: unknown) => void
}

/** Checked options. @internal */
export interface Limits {
  readonly items: number
  readonly bytes: number
  readonly ageMs: number
  readonly buffer: number
  readonly inFlight: number
  readonly timeoutMs: number
}

/** @throws RangeError, TypeError naming option, rule and value @internal */
export function limitsOf<T>({
  id,
  delivery,
  batch = {},
  buffer = '16MiB',
  inFlight = 1,
  timeout = '30s',
  idempotent
}: OutletOptions<T>): Limits {
  const { items = 4096, bytes = '1MiB', age = '100ms' } = batch
  if (delivery !== 'required' && delivery !== 'bestEffort') {
    throw new RangeError(`${id}: delivery must be 'required', 'spooled' or 'bestEffort', got '${String(delivery)}'`)
  }
  if (idempotent !== undefined && typeof idempotent !== 'boolean') {
    throw new TypeError(`${id}: idempotent must be true or false, got ${String(idempotent)}`)
  }
  positiveWhole(items, `${id}: batch.items`)
  positiveWhole(inFlight, `${id}: inFlight`)
  if (inFlight > 1 && !idempotent) {
    throw new RangeError(`${id}: inFlight above 1 reorders items and needs idempotent: true, got ${inFlight}`)
  }
  return {
    items,
    bytes: sizeBytes(bytes, `${id}: batch.bytes`),
    ageMs: durationMs(age, `${id}: batch.age`),
    buffer: sizeBytes(buffer, `${id}: buffer`),
    inFlight,
    timeoutMs: positiveMs(timeout, `${id}: timeout`)
  }
}

function positiveWhole(value: number, option: string): void {
  if (!(Number.isInteger(value) && value > 0)) {
    throw new RangeError(`${option} must be a positive whole number, got ${String(value)}`)
  }
}
