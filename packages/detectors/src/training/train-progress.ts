/**
 * How far a training is, told once an epoch.
 *
 * @example
 * ```ts
 * import type { TrainProgress } from '@messwerk/detectors/models'
 *
 * const line = ({ epoch, epochs, loss }: TrainProgress): string => `${epoch} of ${epochs}: ${loss.toFixed(3)}`
 * line({ epoch: 3, epochs: 100, loss: 0.2518 }) // => '3 of 100: 0.252'
 * ```
 */
export interface TrainProgress {
  /** From 1. */
  readonly epoch: number
  /** How many there are at most; `patience` may end it sooner. */
  readonly epochs: number
  /** Mean loss of the batches of this epoch, each before its step. */
  readonly loss: number
  /** Mean loss of the scans that were held back, behind the epoch; absent where none are. */
  readonly heldBack?: number
}
