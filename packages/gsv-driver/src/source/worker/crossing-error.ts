import {
  DeviceError,
  InUseError,
  MissingDependencyError,
  NotConnectedError,
  ProtocolError,
  ShapeMismatchError,
  TimeoutError
} from '@messwerk/core/model'
import { GsvError } from '../../commands/index.ts'

/** An error as it crosses between two threads: a copy of it alone would lose its class, and what it has besides a message. @internal */
export interface CrossingError {
  readonly kind: string
  readonly message: string
  readonly stack: string | undefined
  /** Its own properties that can be copied: code, retryable, url … */
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause: CrossingError | undefined
}

const CLASSES: readonly { readonly name: string; readonly prototype: Error }[] = [
  GsvError,
  DeviceError,
  InUseError,
  MissingDependencyError,
  NotConnectedError,
  ProtocolError,
  ShapeMismatchError,
  TimeoutError,
  TypeError,
  RangeError
]

/** Makes what was thrown ready to cross. @internal */
export function packError(thrown: unknown): CrossingError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const { message, stack, cause } = error
  const fields = Object.fromEntries(Object.entries(error).filter(([, value]) => isPlain(value)))
  return {
    kind: CLASSES.find(({ prototype }) => Object.getPrototypeOf(error) === prototype)?.name ?? 'Error',
    message,
    stack,
    fields,
    cause: cause === undefined ? undefined : packError(cause)
  }
}

/** The error on the other side: of its class, with its code and all it says. @internal */
export function unpackError({ kind, message, stack, fields, cause }: CrossingError): Error {
  const error = new Error(message, cause && { cause: unpackError(cause) })
  const known = CLASSES.find(({ name }) => name === kind)
  if (known) Object.setPrototypeOf(error, known.prototype)
  Object.assign(error, fields)
  if (stack !== undefined) error.stack = stack
  return error
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'function' && typeof value !== 'symbol' && (typeof value !== 'object' || value === null)
}
