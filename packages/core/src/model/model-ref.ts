/**
 * Which model a score is of.
 *
 * @example
 * ```ts
 * import type { ModelRef } from '@messwerk/core/model'
 *
 * const model: ModelRef = { name: 'pump', version: 3, hash: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' }
 * model.version // => 3
 * ```
 */
export interface ModelRef {
  readonly name: string
  /** Whole number from 1; higher = later. */
  readonly version: number
  /** `sha256:` and the digest of the model's file, in hexadecimal. */
  readonly hash: string
}
