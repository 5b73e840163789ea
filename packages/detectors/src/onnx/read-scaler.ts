import { ModelError } from '@messwerk/core/model'
import type { FittedScaler } from '../scalers/fitted-scaler.ts'
import { scalerFromJson } from '../scalers/scaler-from-json.ts'
import type { ScalerJson } from '../scalers/scaler-json.ts'
import { evaluate, whyUnknown } from './forest/evaluate.ts'
import { widthsOf } from './forest/input-widths.ts'
import type { Column } from './forest/meaning.ts'
import type { Step } from './forest/steps.ts'
import type { OnnxModel } from './graph.ts'
import { namedChannels } from './named-channels.ts'
import { checkOpset } from './opset.ts'
import { readModel } from './read-model.ts'
import type { ExternalFiles } from './source.ts'

/**
 * Options of {@link readScaler}.
 *
 * @example
 * ```ts
 * import type { ReadScalerOptions } from '@messwerk/detectors/models'
 *
 * const options: ReadScalerOptions = { channels: ['pressure', 'current'] }
 * options.channels?.length // => 2
 * ```
 */
export interface ReadScalerOptions {
  /** Channels in the order in which the scaler takes them. @defaultValue those that the file names, as files of `toOnnx` do */
  readonly channels?: readonly string[] | undefined
  /** Files beside the model, by the name that the model calls them by. */
  readonly files?: ExternalFiles | undefined
}

/**
 * A scaler out of an ONNX file: what skl2onnx makes of StandardScaler, RobustScaler and MinMaxScaler (also with `clip`), what `toOnnx` writes,
 * and any other sums, differences, products and quotients with one number a channel.
 *
 * - Input: the bytes of the file.
 * - Output: a scaler of kind `standard` where a center is taken away first, as with StandardScaler and RobustScaler, whose graphs are the
 *   same; else `min-max`. It counts in double: equal to onnxruntime within float32.
 *
 * @throws ModelError 'unsupported' naming the node that is not read, 'malformed', 'too-large', 'missing-file'; 'channel' when `channels` are
 * not as many as the scaler takes, or nobody names them
 *
 * @example
 * ```ts
 * import { samples } from '@messwerk/detectors'
 * import { readScaler, standardScaler, toOnnx } from '@messwerk/detectors/models'
 *
 * const bytes = toOnnx(standardScaler().fit(samples({ pressure: [3, 7] })))
 * readScaler(bytes).transform(Float64Array.of(9), 1) // => Float64Array.of(2)
 * ```
 */
export function readScaler(model: Uint8Array | OnnxModel, options: ReadScalerOptions = {}): FittedScaler {
  const { files } = options
  const parsed = model instanceof Uint8Array ? readModel(model, { name: 'readScaler: the model', files }) : model
  const { graph } = parsed
  checkOpset(parsed, 'readScaler')
  const widths = widthsOf(graph, 'readScaler', options.channels)
  const width = widths.reduce((sum, each) => sum + each, 0)
  const channels = options.channels ?? namedChannels(parsed, width)
  if (channels === undefined)
    throw new ModelError('channel', `readScaler: channels must name the ${width} that the model takes, got undefined`)
  const { values } = evaluate(graph, widths, 'readScaler: the model')
  const [output, second] = graph.outputs
  const result = output && values.get(output.name)
  if (result?.kind !== 'columns' || second !== undefined) throw unsupported(whyUnknown(values, graph))
  const { columns } = result
  if (columns.length !== width || columns.some(({ channel }, c) => channel !== c))
    throw unsupported('its output is not each channel of its input in order')
  return scalerFromJson(scalerJson(columns, channels))
}

function unsupported(why: string): ModelError {
  return new ModelError('unsupported', `readScaler: ${why}; run the model with onnxDetector`)
}

function scalerJson(columns: readonly Column[], channels: readonly string[]): ScalerJson {
  const all = columns.map(({ steps }) => steps.filter(({ op }) => op !== 'round').map(exact))
  const form = all[0]!.map(({ op }) => op).join()
  if (form === 'subtract,multiply' || form === 'subtract,divide' || form === 'subtract') {
    const mean = all.map(([center]) => center!.by)
    const scale = all.map(([, by]) => (by === undefined ? 1 : by.op === 'multiply' ? 1 / by.by : by.by))
    return { kind: 'standard', channels, mean, scale }
  }
  const lines = all.map(lineOf)
  const [{ clip }] = lines as [Line]
  const isSame = lines.every((line) => line.clip?.join() === clip?.join())
  if (!isSame || clip?.some((bound) => !Number.isFinite(bound)))
    throw unsupported('its bounds are not the same two for all channels')
  const json = {
    kind: 'min-max' as const,
    channels,
    min: lines.map(({ min }) => min),
    scale: lines.map(({ scale }) => scale)
  }
  return clip ? Object.assign(json, { clip }) : json
}

/** The number that a step in float32 goes by. */
function exact({ op, by, isDouble }: Step): Step {
  return { op, by: isDouble ? by : Math.fround(by), isDouble }
}

interface Line {
  readonly scale: number
  readonly min: number
  readonly clip?: readonly [number, number]
}

/** `x * scale + min` within bounds; nothing may come behind them. */
function lineOf(steps: readonly Step[]): Line {
  let [scale, min, low, high] = [1, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const { op, by } of steps) {
    const isBound = op === 'at-least' || op === 'at-most'
    if (!isBound && (low > Number.NEGATIVE_INFINITY || high < Number.POSITIVE_INFINITY))
      throw unsupported('it goes on behind its bounds')
    const factor = op === 'multiply' ? by : op === 'divide' ? 1 / by : 1
    scale *= factor
    min = min * factor + (op === 'add' ? by : op === 'subtract' ? -by : 0)
    if (op === 'at-least') low = Math.max(low, by)
    if (op === 'at-most') high = Math.min(high, by)
  }
  const isBounded = low > Number.NEGATIVE_INFINITY || high < Number.POSITIVE_INFINITY
  return isBounded ? { scale, min, clip: [low, high] } : { scale, min }
}
