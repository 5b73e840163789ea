import { type DetectorSpec, ModelError } from '@messwerk/core/model'
import type { DenseLayer } from '../network/dense-layer.ts'
import { type Chain, ChainTooLarge, settled } from './dense/chain.ts'
import { type NetworkWindow, networkSpec } from './dense/network-spec.ts'
import { readLayers } from './dense/read-layers.ts'
import { Refusal } from './dense/refusal.ts'
import type { OnnxGraph, OnnxModel, OnnxValueInfo } from './graph.ts'
import { namedChannels } from './named-channels.ts'
import { checkOpset } from './opset.ts'
import { readModel } from './read-model.ts'
import type { ExternalFiles } from './source.ts'

const MOST_INPUTS = 8192

/**
 * Options of {@link readDense}.
 *
 * @example
 * ```ts
 * import type { ReadDenseOptions } from '@messwerk/detectors/models'
 *
 * const options: ReadDenseOptions = { channels: ['pressure', 'current'], window: { scans: 20, layout: 'NTC' } }
 * options.window?.scans // => 20
 * ```
 */
export interface ReadDenseOptions {
  /**
   * Channels in the order in which the model takes them.
   *
   * @defaultValue those that the file names; else all of role measurement or feature, in the order of the stream
   */
  readonly channels?: readonly string[] | undefined
  /**
   * For a model that looks at several scans at once: how many, and the order of the axes, N windows, T scans, C channels. An input of two
   * axes takes the window flat, in that order. The score of a scan is that of the window that ends with it.
   *
   * @defaultValue one scan
   */
  readonly window?: { readonly scans: number; readonly layout: 'NTC' | 'NCT' } | undefined
  /** Which output is the reconstruction. @defaultValue the only one */
  readonly output?: string | undefined
  /** Files beside the model, by the name that the model calls them by. */
  readonly files?: ExternalFiles | undefined
}

/**
 * An autoencoder of dense layers out of an ONNX file, as a network of here: no runtime is needed, a row takes microseconds, and scores come
 * with contributions.
 *
 * Reads what PyTorch (both exporters), Keras and skl2onnx make of dense layers with ReLU, leaky ReLU, ELU, tanh or sigmoid, with batch
 * normalisation and scalers in the graph. Convolutions, recurrent layers and branches are refused.
 *
 * - Input: the bytes of the file. Its input is [N, channels], or a window of them.
 * - Output: detectors that are `ready` at once. The score is the mean of the squared differences between what goes in (as float32) and what
 *   comes out, >= 0, as `onnxDetector` with `score: 'reconstruction'` gives it, within float32; shares are those of the channels in the sum.
 *   With a window the first scans, and those behind a gap or a value that is not finite, score NaN.
 * - Learning: none; `fit` and `update` leave it as it is. Snapshots hold where it stands, not the network: restore them by the spec of
 *   the same file.
 * - Cost: one multiplication a weight.
 *
 * @throws ModelError 'unsupported' naming the node that is not read, 'malformed', 'too-large', 'missing-file', 'channel' when `channels` are
 * not as many as it takes; RangeError for a layout or an output that there is not. `create` throws ShapeMismatchError when there are not as many channels
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { readDense } from '@messwerk/detectors/models'
 *
 * const load = async (path: string) => readDense(await readFile(path), { window: { scans: 20, layout: 'NTC' } })
 * typeof load // => 'function'
 * ```
 */
export function readDense(model: Uint8Array | OnnxModel, options: ReadDenseOptions = {}): DetectorSpec {
  const { channels: asked, window, files } = options
  const parsed = model instanceof Uint8Array ? readModel(model, { name: 'readDense: the model', files }) : model
  const { graph } = parsed
  checkOpset(parsed, 'readDense')
  const [input, second] = graph.inputs
  if (input === undefined || second !== undefined) throw unsupported(`the model has ${graph.inputs.length} inputs`)
  const dims = dimsOf(input, asked?.length, window)
  const size = dims.reduce((product, dim) => product * dim, 1)
  checkWindow(dims, size, window)
  if (!(size <= MOST_INPUTS)) throw new ModelError('too-large', `readDense: the model takes ${size} values a row`)
  const width = size / (window?.scans ?? 1)
  if (asked !== undefined && asked.length !== width)
    throw new ModelError(
      'channel',
      `readDense: channels must be the ${width} that the model takes, got ${asked.length}`
    )
  const channels = asked ?? namedChannels(parsed, width)
  return networkSpec(layersOf(graph, input.name, dims, options.output), window, channels)
}

function layersOf(
  graph: OnnxGraph,
  input: string,
  dims: readonly number[],
  asked: string | undefined
): readonly DenseLayer[] {
  const chain = chainOf(graph, input, dims, asked)
  if (chain.size !== chain.inputs)
    throw unsupported(`the model gives ${chain.size} values for ${chain.inputs}: it is no reconstruction`)
  for (const { weights, bias } of chain.layers)
    if (!(weights.every(Number.isFinite) && bias.every(Number.isFinite))) throw unsupported('a weight is not finite')
  return chain.layers
}

function chainOf(graph: OnnxGraph, input: string, dims: readonly number[], asked: string | undefined): Chain {
  const names = graph.outputs.map(({ name }) => name)
  const output = asked ?? names[0] ?? ''
  if (asked !== undefined && !names.includes(asked))
    throw new RangeError(`readDense: output must be one of ${names.join(', ')}, got '${asked}'`)
  if (asked === undefined && names.length !== 1)
    throw new ModelError('unsupported', `readDense: output must name one of ${names.join(', ')}, got undefined`)
  try {
    const found = readLayers(graph, input, dims).get(output)
    if (found === undefined) throw new Refusal(`output '${output}' does not come of the input`)
    const { layers, tail } = found.chain
    return layers.length > 0 && tail === undefined ? found.chain : settled(found.chain)
  } catch (error) {
    if (error instanceof Refusal) throw unsupported(error.message)
    if (error instanceof ChainTooLarge)
      throw new ModelError('too-large', `readDense: the model ${error.message}; run it with onnxDetector`)
    throw error
  }
}

function unsupported(why: string): ModelError {
  return new ModelError('unsupported', `readDense: ${why}; run the model with onnxDetector`)
}

/** Of one row; what the model leaves open is what the options say. */
function dimsOf(
  { name, element, dims }: OnnxValueInfo,
  channels: number | undefined,
  window: NetworkWindow | undefined
): readonly number[] {
  if (element !== 'float') throw unsupported(`input '${name}' is not of element float`)
  const [, ...own] = dims ?? ['', '']
  if (own.length < 1 || own.length > 2) throw unsupported(`input '${name}' has ${own.length + 1} dimensions`)
  const scanAxis = window?.layout === 'NCT' ? 1 : 0
  const asked = (axis: number): number | undefined => {
    if (own.length === 1) return channels === undefined ? undefined : channels * (window?.scans ?? 1)
    return axis === scanAxis ? window?.scans : channels
  }
  return own.map((dim, axis) => {
    const size = typeof dim === 'number' && dim > 0 ? dim : asked(axis)
    if (size === undefined)
      throw unsupported(`input '${name}' does not say how many channels it takes: name them as channels`)
    return size
  })
}

function checkWindow(dims: readonly number[], size: number, window: NetworkWindow | undefined): void {
  if (window === undefined) {
    if (dims.length === 1) return
    throw new ModelError(
      'unsupported',
      `readDense: window must say how the ${dims.join(' x ')} values of a row lie, got undefined`
    )
  }
  const { scans, layout } = window
  if (layout !== 'NTC' && layout !== 'NCT')
    throw new RangeError(`readDense: window.layout must be 'NTC' or 'NCT', got '${layout}'`)
  const own = dims.length === 1 ? scans : dims[layout === 'NTC' ? 0 : 1]!
  if (Number.isSafeInteger(scans) && scans >= 1 && scans === own && size % scans === 0) return
  throw new ModelError(
    'unsupported',
    `readDense: window.scans must fit the ${dims.join(' x ')} values of a row, got ${scans} (${layout})`
  )
}
