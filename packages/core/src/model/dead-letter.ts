import { type Block, blockBytes } from './block.ts'
import type { SdkError } from './errors.ts'
import type { MeasurementEvent } from './event.ts'

/**
 * Something that could not be processed or stored, with the reason and where it came from. It holds one of `block`,
 * `event` and `payload`.
 *
 * @example
 * ```ts
 * import { blockOf, OperatorError } from '@messwerk/core/model'
 * import type { DeadLetter } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1] })
 * const error = new OperatorError('rms', 's')
 * const letter: DeadLetter = { error, from: 'rms', split: 's', position: 12, at: 1_700_000_000_000, block }
 * letter.from // => 'rms'
 * ```
 */
export interface DeadLetter {
  /** The reason. */
  readonly error: SdkError
  /** The operator that threw, the sink that refused, or where an undecodable payload came from. */
  readonly from: string
  /** Where in the source. */
  readonly split: string
  readonly position: number
  /** When it was given up, ms since the Unix epoch. */
  readonly at: number
  /** The block as it came to the operator or the sink. */
  readonly block?: Block | undefined
  readonly event?: MeasurementEvent | undefined
  readonly payload?: Uint8Array | undefined
}

/** @internal */
export function deadLetterBytes({ block, payload }: DeadLetter): number {
  return 1000 + (block ? blockBytes(block) : 0) + (payload?.byteLength ?? 0)
}
