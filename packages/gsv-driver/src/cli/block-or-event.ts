import type { Block, MeasurementEvent } from '@messwerk/core/model'

/** Events name their stream, blocks hold it. @internal */
export function isBlock(item: Block | MeasurementEvent): item is Block {
  return typeof item.stream === 'object'
}
