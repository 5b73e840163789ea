import type { ReadOptions, SourceReport } from '@messwerk/core/model'
import type { AnySourceOptions, ReadSettings } from '../read-gsv.ts'
import type { CrossingBatch } from './crossing.ts'
import type { CrossingError } from './crossing-error.ts'

/** What a reading thread is made of. @internal */
export interface ThreadData {
  readonly options: AnySourceOptions
  readonly settings: Omit<ReadSettings, 'scheduler'>
  /** The last that was handed over by threads before. */
  readonly before: readonly CrossingBatch[]
}

/**
 * Begins a reading; asks for its next batch; tells it to stop and hand over what is left; tells it that nothing more is
 * wanted.
 *
 * @internal
 */
export type ToThread = Pick<ReadOptions, 'from' | 'memos'> | 'next' | 'stop' | 'leave'

/** Answers one `next` or `leave` each, but for reports. @internal */
export type FromThread =
  | { readonly kind: 'batch'; readonly batch: CrossingBatch }
  | { readonly kind: 'report'; readonly report: SourceReport }
  | { readonly kind: 'failed'; readonly error: CrossingError }
  | { readonly kind: 'ended' }
