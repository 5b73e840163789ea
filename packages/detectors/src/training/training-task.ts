import type { Channel, Samples, Snapshot } from '@messwerk/core/model'
import type { AutoencoderOptions } from '../autoencoder/autoencoder.ts'
import type { TrainProgress } from './train-progress.ts'

/** What is to be trained, as it crosses into a thread. @internal */
export interface TrainingTask {
  readonly options: AutoencoderOptions
  /** The one channel that the spec was narrowed to. */
  readonly only: string | undefined
  readonly channels: readonly Channel[]
  readonly samples: Samples
}

/** What a thread tells. @internal */
export type FromTraining =
  | { readonly kind: 'begun' }
  | { readonly kind: 'progress'; readonly progress: TrainProgress }
  | { readonly kind: 'trained'; readonly snapshot: Snapshot | undefined }
