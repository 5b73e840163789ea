import { ModelError } from '@messwerk/core/model'
import type { OnnxGraph, OnnxValueInfo } from '../graph.ts'
import { MOST_COLUMNS } from './front.ts'

/**
 * How many channels each input of the graph takes.
 *
 * @throws ModelError where an input is no matrix of float32, and when the channels are not as many
 *
 * @internal
 */
export function widthsOf(graph: OnnxGraph, who: string, channels: readonly string[] | undefined): readonly number[] {
  const unsupported = (why: string): never => {
    throw new ModelError('unsupported', `${who}: ${why}; run the model with onnxDetector`)
  }
  const isOnly = graph.inputs.length === 1
  const widths = graph.inputs.map((input) => widthOf(input, isOnly ? channels?.length : undefined, unsupported))
  const width = widths.reduce((sum, each) => sum + each, 0)
  if (width < 1 || width > MOST_COLUMNS)
    throw new ModelError('too-large', `${who}: the model takes ${width} channels; run it with onnxDetector`)
  if (channels !== undefined && channels.length !== width)
    throw new ModelError(
      'channel',
      `${who}: channels must be the ${width} that the model takes, got ${channels.length}`
    )
  return widths
}

function widthOf(
  { name, element, dims }: OnnxValueInfo,
  channels: number | undefined,
  unsupported: (why: string) => never
): number {
  if (element !== 'float') return unsupported(`input '${name}' is not of element float`)
  if (dims !== undefined && dims.length !== 2)
    return unsupported(`input '${name}' has ${dims.length} dimensions, not 2`)
  const width = dims?.[1]
  if (typeof width === 'number' && width > 0) return Math.min(width, MOST_COLUMNS + 1)
  return channels ?? unsupported(`input '${name}' does not say how many channels it takes: name them as channels`)
}
