import { blockFromJson, blockToJson } from '../model/block-json.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { SdkError, type SdkErrorCode } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { fromText } from '../model/from-text.ts'
import { toText } from '../model/text.ts'

/**
 * A dead letter as it was read back from a file.
 *
 * @example
 * ```ts
 * import type { StoredDeadLetter } from '@messwerk/core/node'
 *
 * const sizeOf = (letter: StoredDeadLetter) => letter.payloadBytes ?? letter.payload?.length
 * typeof sizeOf // => 'function'
 * ```
 */
export interface StoredDeadLetter extends DeadLetter {
  /** Size of the payload before it was cut; absent when it is whole. */
  readonly payloadBytes?: number | undefined
}

/** What is kept of a payload. Unit: bytes. */
const LONGEST_PAYLOAD = 1 << 20

/** @internal */
export function deadLetterLine({ error, from, split, position, at, block, event, payload }: DeadLetter): string {
  const head = JSON.stringify({
    at: new Date(at).toISOString(),
    from,
    split,
    position,
    reason: reasonOf(error),
    ...(block && { block: blockToJson(block) }),
    ...(payload && payloadToJson(payload))
  })
  return `${event ? `${head.slice(0, -1)},"event":${eventText(event)}}` : head}\n`
}

/** @throws what a line that is none leads to @internal */
export function deadLetterOf(line: string): StoredDeadLetter {
  const { at, from, split, position, reason, block, event, payload, payloadBytes } = JSON.parse(line)
  return {
    error: new KeptError(reason),
    from,
    split,
    position,
    at: Date.parse(at),
    ...(block && { block: blockFromJson(block) }),
    ...(event && { event: fromText(JSON.stringify(event)) as MeasurementEvent }),
    ...(payload !== undefined && { payload: Uint8Array.from(Buffer.from(payload, 'base64')) }),
    ...(payloadBytes !== undefined && { payloadBytes })
  }
}

interface Reason {
  readonly name: string
  readonly code: SdkErrorCode
  readonly retryable: boolean
  readonly message: string
  readonly cause?: Cause
}

interface Cause {
  readonly name: string
  readonly message: string
  readonly cause?: Cause
}

function reasonOf({ name, code, retryable, message, cause }: SdkError): Reason {
  return { name, code, retryable, message, ...(cause !== undefined && { cause: causeOf(cause, 1) }) }
}

const DEEPEST = 8

function causeOf(value: unknown, depth: number): Cause {
  if (!(value instanceof Error)) return { name: 'Error', message: String(value) }
  const { name, message, cause } = value
  return { name, message, ...(cause !== undefined && depth < DEEPEST && { cause: causeOf(cause, depth + 1) }) }
}

/** An error that was written down; it has the name, code and message of the original, not its class. */
class KeptError extends SdkError {
  override readonly name: string
  readonly code: SdkErrorCode
  readonly retryable: boolean

  constructor({ name, code, retryable, message, cause }: Reason) {
    super(message, cause && { cause: errorOf(cause) })
    this.name = name
    this.code = code
    this.retryable = retryable
  }
}

function errorOf({ name, message, cause }: Cause): Error {
  const error = new Error(message, cause && { cause: errorOf(cause) })
  error.name = name
  return error
}

function eventText(event: MeasurementEvent): string {
  return toText(Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)))
}

function payloadToJson(payload: Uint8Array): { readonly payload: string; readonly payloadBytes?: number } {
  const { buffer, byteOffset, length } = payload
  const kept = Buffer.from(buffer, byteOffset, Math.min(length, LONGEST_PAYLOAD)).toString('base64')
  return { payload: kept, ...(length > LONGEST_PAYLOAD && { payloadBytes: length }) }
}
