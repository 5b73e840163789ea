// One class for each failure, with its docs, in one place: the whole tree can be read, and is walked by one test.

/**
 * Every `code` of an error of this SDK.
 *
 * @example
 * ```ts
 * import type { SdkErrorCode } from '@messwerk/core/model'
 *
 * const code: SdkErrorCode = 'NOT_CONNECTED'
 * code // => 'NOT_CONNECTED'
 * ```
 */
export type SdkErrorCode =
  | 'NOT_CONNECTED'
  | 'AUTH_REFUSED'
  | 'TIMED_OUT'
  | 'MISSING_DEPENDENCY'
  | 'PROTOCOL_VIOLATION'
  | 'DEVICE_REFUSED'
  | 'DECODE_FAILED'
  | 'SHAPE_MISMATCH'
  | 'SNAPSHOT_INCOMPATIBLE'
  | 'OVERFLOW'
  | 'BATCH_FAILED'
  | 'IN_USE'
  | 'STORAGE_FAILED'
  | 'OPERATOR_FAILED'
  | 'PIPELINE_FAILED'
  | 'FENCED'
  | 'MODEL'

/**
 * Root of every error that crosses a package boundary. Misuse by the caller is a `TypeError` or `RangeError` instead.
 *
 * @example
 * ```ts
 * import { NotConnectedError, SdkError } from '@messwerk/core/model'
 *
 * new NotConnectedError('tcp://10.0.0.5:4711') instanceof SdkError // => true
 * ```
 */
export abstract class SdkError extends Error {
  abstract override readonly name: string
  abstract readonly code: SdkErrorCode
  /** Whether repeating the same call unchanged can succeed. */
  abstract readonly retryable: boolean
}

/**
 * Whether a value is an error of this SDK; also true for errors of a second installed copy, where `instanceof` is not.
 *
 * @example
 * ```ts
 * import { isSdkError, OverflowError } from '@messwerk/core/model'
 *
 * isSdkError(new OverflowError('buffer of pump-1', 12)) // => true
 * isSdkError(new Error('other')) // => false
 * ```
 */
export function isSdkError(value: unknown): value is SdkError {
  return value instanceof Error && 'code' in value && 'retryable' in value
}

/**
 * No connection to a peer, or the connection was lost.
 *
 * @example
 * ```ts
 * import { NotConnectedError } from '@messwerk/core/model'
 *
 * new NotConnectedError('tcp://10.0.0.5:4711', 'connection refused; is the amplifier switched on?').retryable // => true
 * ```
 */
export class NotConnectedError extends SdkError {
  override readonly name = 'NotConnectedError'
  readonly code = 'NOT_CONNECTED'
  readonly retryable = true
  readonly url: string

  constructor(url: string, why?: string, options?: ErrorOptions) {
    super(`No connection to ${url}${why ? `: ${why}` : ''}`, options)
    this.url = url
  }
}

/**
 * A peer refused the credentials.
 *
 * @example
 * ```ts
 * import { AuthError } from '@messwerk/core/model'
 *
 * new AuthError('mqtts://broker').code // => 'AUTH_REFUSED'
 * ```
 */
export class AuthError extends SdkError {
  override readonly name = 'AuthError'
  readonly code = 'AUTH_REFUSED'
  readonly retryable = false
  readonly url: string

  constructor(url: string, why?: string, options?: ErrorOptions) {
    super(`${url} refused the credentials${why ? `: ${why}` : ''}`, options)
    this.url = url
  }
}

/**
 * An answer did not come in time.
 *
 * @example
 * ```ts
 * import { TimeoutError } from '@messwerk/core/model'
 *
 * new TimeoutError('answer to ReadDataRate', 1000).message // => 'answer to ReadDataRate did not come within 1000 ms'
 * ```
 */
export class TimeoutError extends SdkError {
  override readonly name = 'TimeoutError'
  readonly code = 'TIMED_OUT'
  readonly retryable = true
  readonly what: string
  readonly timeoutMs: number

  constructor(what: string, timeoutMs: number, options?: ErrorOptions) {
    super(`${what} did not come within ${timeoutMs} ms`, options)
    this.what = what
    this.timeoutMs = timeoutMs
  }
}

/**
 * An optional peer dependency is not installed.
 *
 * @example
 * ```ts
 * import { MissingDependencyError } from '@messwerk/core/model'
 *
 * new MissingDependencyError('serialport', 'serial ports').dependency // => 'serialport'
 * ```
 */
export class MissingDependencyError extends SdkError {
  override readonly name = 'MissingDependencyError'
  readonly code = 'MISSING_DEPENDENCY'
  readonly retryable = false
  readonly dependency: string

  constructor(dependency: string, neededFor: string, options?: ErrorOptions) {
    super(`${neededFor} need the package '${dependency}'; install it with: npm install ${dependency}`, options)
    this.dependency = dependency
  }
}

/**
 * A peer broke its protocol.
 *
 * @example
 * ```ts
 * import { ProtocolError } from '@messwerk/core/model'
 *
 * new ProtocolError('response of 3 data bytes where 4 were expected').retryable // => false
 * ```
 */
export class ProtocolError extends SdkError {
  override readonly name = 'ProtocolError'
  readonly code = 'PROTOCOL_VIOLATION'
  readonly retryable = false
}

/**
 * A device answered a command with an error code.
 *
 * @example
 * ```ts
 * import { DeviceError } from '@messwerk/core/model'
 *
 * new DeviceError('WriteDataRate', 0x54, 'parameter too big').deviceCode // => 0x54
 * ```
 */
export class DeviceError extends SdkError {
  override readonly name = 'DeviceError'
  readonly code = 'DEVICE_REFUSED'
  readonly retryable = false
  readonly command: string
  readonly deviceCode: number

  constructor(command: string, deviceCode: number, meaning: string, options?: ErrorOptions) {
    super(`The device refused ${command} with 0x${deviceCode.toString(16).padStart(2, '0')}: ${meaning}`, options)
    this.command = command
    this.deviceCode = deviceCode
  }
}

/**
 * A payload, line or file could not be decoded.
 *
 * @example
 * ```ts
 * import { DecodeError } from '@messwerk/core/model'
 *
 * new DecodeError('recording.csv, line 12', "'abc' is not a number in column 'force'").where // => 'recording.csv, line 12'
 * ```
 */
export class DecodeError extends SdkError {
  override readonly name = 'DecodeError'
  readonly code = 'DECODE_FAILED'
  readonly retryable = false
  readonly where: string

  constructor(where: string, why: string, options?: ErrorOptions) {
    super(`${where}: ${why}`, options)
    this.where = where
  }
}

/**
 * Data has another number of channels than was agreed.
 *
 * @example
 * ```ts
 * import { ShapeMismatchError } from '@messwerk/core/model'
 *
 * new ShapeMismatchError('robustZ', 6, 3).message // => 'robustZ: expected 6 channels, got 3'
 * ```
 */
export class ShapeMismatchError extends SdkError {
  override readonly name = 'ShapeMismatchError'
  readonly code = 'SHAPE_MISMATCH'
  readonly retryable = false
  readonly expected: number
  readonly actual: number

  constructor(what: string, expected: number, actual: number, options?: ErrorOptions) {
    super(`${what}: expected ${expected} channels, got ${actual}`, options)
    this.expected = expected
    this.actual = actual
  }
}

/**
 * A snapshot is of another kind, version or shape than what is to be restored.
 *
 * @example
 * ```ts
 * import { SnapshotIncompatibleError } from '@messwerk/core/model'
 *
 * new SnapshotIncompatibleError('z-score', 'version 2 is newer than 1').code // => 'SNAPSHOT_INCOMPATIBLE'
 * ```
 */
export class SnapshotIncompatibleError extends SdkError {
  override readonly name = 'SnapshotIncompatibleError'
  readonly code = 'SNAPSHOT_INCOMPATIBLE'
  readonly retryable = false

  constructor(what: string, why: string, options?: ErrorOptions) {
    super(`Cannot restore ${what}: ${why}`, options)
  }
}

/**
 * A bounded buffer was full.
 *
 * @example
 * ```ts
 * import { OverflowError } from '@messwerk/core/model'
 *
 * new OverflowError('buffer in front of sink duckdb', 3).dropped // => 3
 * ```
 */
export class OverflowError extends SdkError {
  override readonly name = 'OverflowError'
  readonly code = 'OVERFLOW'
  readonly retryable = false
  readonly dropped: number

  constructor(what: string, dropped: number, options?: ErrorOptions) {
    super(`${what} is full; ${dropped} items did not fit`, options)
    this.dropped = dropped
  }
}

/**
 * Some items of a write failed; the others are durable.
 *
 * @example
 * ```ts
 * import { BatchError } from '@messwerk/core/model'
 *
 * new BatchError('duckdb', new Map([[3, new Error('constraint')]])).failed.size // => 1
 * ```
 */
export class BatchError extends SdkError {
  override readonly name = 'BatchError'
  readonly code = 'BATCH_FAILED'
  readonly retryable = true
  /** Reason by index of the item. */
  readonly failed: ReadonlyMap<number, Error>

  constructor(sink: string, failed: ReadonlyMap<number, Error>, options?: ErrorOptions) {
    super(`Sink ${sink}: ${failed.size} items failed, the first: ${failed.values().next().value?.message}`, options)
    this.failed = failed
  }
}

/**
 * A file, port or database is held by another process, or by another part of this one. `retryable` is false where it
 * stays held until the caller itself lets go of it.
 *
 * @example
 * ```ts
 * import { InUseError } from '@messwerk/core/model'
 *
 * new InUseError('plant.duckdb', 'in use by process 4711').retryable // => true
 * ```
 */
export class InUseError extends SdkError {
  override readonly name = 'InUseError'
  readonly code = 'IN_USE'
  readonly retryable: boolean
  readonly resource: string

  /** @param options - `retryable` is true by default */
  constructor(resource: string, why: string, options?: ErrorOptions & { readonly retryable?: boolean }) {
    super(`${resource}: ${why}`, options)
    this.resource = resource
    this.retryable = options?.retryable ?? true
  }
}

/**
 * A store could not write or read: disk full, no permission, damaged file.
 *
 * @example
 * ```ts
 * import { StorageError } from '@messwerk/core/model'
 *
 * new StorageError('plant.duckdb', 'the disk is full', true).retryable // => true
 * ```
 */
export class StorageError extends SdkError {
  override readonly name = 'StorageError'
  readonly code = 'STORAGE_FAILED'
  readonly retryable: boolean
  readonly resource: string

  constructor(resource: string, why: string, retryable: boolean, options?: ErrorOptions) {
    super(`${resource}: ${why}`, options)
    this.resource = resource
    this.retryable = retryable
  }
}

/**
 * An operator threw on a block. The cause is its error.
 *
 * @example
 * ```ts
 * import { OperatorError } from '@messwerk/core/model'
 *
 * new OperatorError('rms', 'press-3', { cause: new Error('boom') }).operator // => 'rms'
 * ```
 */
export class OperatorError extends SdkError {
  override readonly name = 'OperatorError'
  readonly code = 'OPERATOR_FAILED'
  readonly retryable = false
  readonly operator: string
  readonly stream: string

  constructor(operator: string, stream: string, options?: ErrorOptions) {
    const cause = options?.cause instanceof Error ? options.cause.message : String(options?.cause)
    super(`Operator ${operator} failed on a block of stream '${stream}': ${cause}`, options)
    this.operator = operator
    this.stream = stream
  }
}

/**
 * A pipeline stopped because a rule of its contract was broken or cannot be kept.
 *
 * @example
 * ```ts
 * import { PipelineError } from '@messwerk/core/model'
 *
 * new PipelineError('press-3', 'a block was rejected and there is no deadLetters sink').retryable // => false
 * ```
 */
export class PipelineError extends SdkError {
  override readonly name = 'PipelineError'
  readonly code = 'PIPELINE_FAILED'
  readonly retryable = false
  readonly pipeline: string

  constructor(pipeline: string, why: string, options?: ErrorOptions) {
    super(`Pipeline ${pipeline}: ${why}`, options)
    this.pipeline = pipeline
  }
}

/**
 * Another process has taken over what this one held: a checkpoint store. Nothing more may be written there.
 *
 * @example
 * ```ts
 * import { FencedError } from '@messwerk/core/model'
 *
 * new FencedError('state/checkpoints', 'generation 7 has taken over from generation 6').retryable // => false
 * ```
 */
export class FencedError extends SdkError {
  override readonly name = 'FencedError'
  readonly code = 'FENCED'
  readonly retryable = false
  readonly resource: string

  constructor(resource: string, why: string, options?: ErrorOptions) {
    super(`${resource}: ${why}`, options)
    this.resource = resource
  }
}

/**
 * Why a model was refused.
 *
 * - `missing-file`: it, or a part of it, is not there. `too-large`: beyond a limit of the loader. `malformed`: damaged, or not what it
 *   says it is. `hash`: not the file that was meant. `schema`: its manifest breaks a rule, or is of a newer schema.
 * - `unsupported`: sound, but nothing here can run it. `proof`: it runs, with other scores than where it was made.
 * - `channel`: it takes other channels than those that it is to have.
 *
 * @example
 * ```ts
 * import type { ModelErrorReason } from '@messwerk/core/model'
 *
 * const reason: ModelErrorReason = 'hash'
 * reason // => 'hash'
 * ```
 */
export type ModelErrorReason =
  | 'missing-file'
  | 'too-large'
  | 'malformed'
  | 'hash'
  | 'schema'
  | 'unsupported'
  | 'proof'
  | 'channel'

/**
 * A model file was refused: what is told apart by `reason`.
 *
 * @example
 * ```ts
 * import { ModelError } from '@messwerk/core/model'
 *
 * const error = new ModelError('schema', 'loadModel: pump.mwz: schema 2 is newer than 1; update @messwerk/detectors')
 * error.reason // => 'schema'
 * ```
 */
export class ModelError extends SdkError {
  override readonly name = 'ModelError'
  readonly code = 'MODEL'
  readonly retryable = false
  readonly reason: ModelErrorReason

  /** @param message - who refused, which file, what is wrong and what to do */
  constructor(reason: ModelErrorReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
