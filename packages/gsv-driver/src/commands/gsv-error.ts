import { SdkError } from '@messwerk/core/model'
import { statusOf } from './status.ts'

/**
 * A device refused a command. Every status code other than 0x00 and 0x01 becomes one, known or not.
 *
 * @example
 * ```ts
 * import { GsvError } from '@messwerk/gsv-driver/commands'
 *
 * const error = new GsvError('WriteDataRate', 0x64)
 * error.status // => 0x64
 * error.statusName // => 'ERR_FDATA_TOO_HIGH'
 * error.hint // => 'use a lower rate, or int16 instead of float32'
 * error.retryable // => false
 * new GsvError('WriteDataRate', 0xee).statusName // => 'unknown'
 * ```
 */
export class GsvError extends SdkError {
  override readonly name = 'GsvError'
  readonly code = 'DEVICE_REFUSED'
  /** Whether the same request can succeed later. */
  readonly retryable: boolean
  /** Name of the command. */
  readonly command: string
  /** Status code of the response, 0 to 255. */
  readonly status: number
  /** Name of the status in the specification, or `unknown`. */
  readonly statusName: string
  /** What to do. */
  readonly hint: string

  constructor(command: string, status: number, options?: ErrorOptions) {
    const { name, meaning, hint, retryable } = statusOf(status)
    const code = `0x${status.toString(16).padStart(2, '0')}`
    super(`The device refused ${command} with ${code} (${name}): ${meaning}; ${hint}`, options)
    this.command = command
    this.status = status
    this.statusName = name
    this.hint = hint
    this.retryable = retryable
  }
}
