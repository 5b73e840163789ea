import type { Block } from '../model/block.ts'
import type { OperatorError } from '../model/errors.ts'

/**
 * A block that an operator could not process, with the reason.
 *
 * @example
 * ```ts
 * import { blockOf, OperatorError } from '@messwerk/core/model'
 * import type { DeadLetter } from '@messwerk/core'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1] })
 * const letter: DeadLetter = { error: new OperatorError('rms', 's'), block }
 * letter.error.operator // => 'rms'
 * ```
 */
export interface DeadLetter {
  readonly error: OperatorError
  /** The block as it came to the operator; its origin says where it was in the source. */
  readonly block: Block
}

/** @internal */
export function deadLetterBytes({ block }: DeadLetter): number {
  return 400 + block.values.byteLength
}
