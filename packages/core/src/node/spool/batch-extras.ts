import * as errors from '../../model/errors.ts'
import type { MeasurementEvent } from '../../model/event.ts'
import { fromText } from '../../model/from-text.ts'
import type { Batch, Rejected } from '../../model/source.ts'
import { toText } from '../../model/text.ts'

const text = new TextEncoder()
const plain = new TextDecoder()

/** What is rare in a batch, as bytes: text, and the payloads behind it. @internal */
export interface Extras {
  readonly text: Uint8Array
  readonly payloads: readonly Uint8Array[]
}

/** @internal */
export function extrasOf({ events, rejected, memo }: Batch): Extras | undefined {
  if (events === undefined && rejected === undefined && memo === undefined) return undefined
  const heads = rejected?.map(headOf)
  const payloads = rejected?.map(({ payload }) => payload) ?? []
  return { text: text.encode(toText({ events, rejected: heads, memo })), payloads }
}

function headOf({ error, payload, ...place }: Rejected): Head {
  return { place, error: errorParts(error), bytes: payload.length }
}

interface Parts {
  readonly events?: readonly MeasurementEvent[]
  readonly rejected?: readonly Head[]
  readonly memo?: string
}

/** @internal */
export function readExtras(
  bytes: Uint8Array,
  at: number,
  textLength: number
): Pick<Batch, 'events' | 'rejected' | 'memo'> {
  const parts = fromText(plain.decode(bytes.subarray(at, at + textLength))) as Parts
  let next = at + textLength
  const rejected = parts.rejected?.map(({ place, error, bytes: length }): Rejected => {
    const payload = bytes.slice(next, next + length)
    next += length
    return Object.assign({ error: errorOf(error), payload }, place)
  })
  return { events: parts.events, rejected, memo: parts.memo }
}

interface Head {
  readonly place: Omit<Rejected, 'error' | 'payload'>
  readonly error: ErrorParts
  readonly bytes: number
}

interface ErrorParts {
  readonly type: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause?: string
}

type ErrorClass = { readonly prototype: errors.SdkError }
const CLASSES = errors as unknown as Readonly<Record<string, ErrorClass | undefined>>

function errorParts(error: errors.SdkError): ErrorParts {
  const fields = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  const { name, message, cause } = error
  const parts = { type: name, message, fields: Object.fromEntries(fields) }
  if (cause === undefined) return parts
  return Object.assign(parts, { cause: cause instanceof Error ? cause.message : String(cause) })
}

/** An error of the same class, text and fields; its constructor is not run, since it would make another text. */
function errorOf({ type, message, fields, cause }: ErrorParts): errors.SdkError {
  const options = cause === undefined ? undefined : { cause: new Error(cause) }
  const error = new Error(message, options)
  Object.setPrototypeOf(error, (CLASSES[type] ?? errors.DecodeError).prototype as object)
  return Object.assign(error, fields) as unknown as errors.SdkError
}
