import { type DetectorSpec, ModelError } from '@messwerk/core/model'
import { evaluate, whyUnknown } from './forest/evaluate.ts'
import { forestSpec } from './forest/forest-spec.ts'
import { widthsOf } from './forest/input-widths.ts'
import type { Power } from './forest/meaning.ts'
import { rebuild } from './forest/rebuild.ts'
import type { OnnxModel } from './graph.ts'
import { namedChannels } from './named-channels.ts'
import { checkOpset } from './opset.ts'
import { readModel } from './read-model.ts'
import type { ExternalFiles } from './source.ts'

/**
 * Options of {@link readForest}.
 *
 * @example
 * ```ts
 * import type { ReadForestOptions } from '@messwerk/detectors/models'
 *
 * const options: ReadForestOptions = { channels: ['pressure', 'current'] }
 * options.channels // => ['pressure', 'current']
 * ```
 */
export interface ReadForestOptions {
  /**
   * Channels in the order in which the model takes them.
   *
   * @defaultValue those that the file names, as files of `toOnnx` do; else all of role measurement or feature, in the order of the stream
   */
  readonly channels?: readonly string[] | undefined
  /** Files beside the model, by the name that the model calls them by. */
  readonly files?: ExternalFiles | undefined
}

/**
 * A forest out of an ONNX file, with what came along.
 *
 * @example
 * ```ts
 * import type { ForestSpec } from '@messwerk/detectors/models'
 *
 * const isOutlier = (spec: ForestSpec, score: number) => spec.limit !== undefined && score > spec.limit
 * typeof isOutlier // => 'function'
 * ```
 */
export interface ForestSpec extends DetectorSpec {
  /** Score above which scikit-learn's `predict` says -1, where the model tells: -`offset_`. */
  readonly limit?: number
}

/**
 * An isolation forest out of an ONNX file, as trees of here: no runtime is needed, and scores come with contributions.
 *
 * Reads what skl2onnx makes of scikit-learn's `IsolationForest`, also with `max_features`, behind StandardScaler, RobustScaler or
 * MinMaxScaler (and pipelines of these), and what `toOnnx` writes. The graph is not run but understood: a model that does anything else is
 * refused, never read half.
 *
 * - Input: the bytes of the file.
 * - Output: detectors that are `ready` at once, of kind `isolation-forest`. The score is the paper's, -`score_samples`, whatever the graph
 *   gives out; within float32 of onnxruntime's: every row comes to the same leaves, also on a threshold, as scalers go into the
 *   thresholds exactly.
 * - Cost: reading 100 trees of 256 rows takes some 50 ms; a scan as with `isolationForest`.
 *
 * @throws ModelError 'unsupported' naming the node that is not understood, 'malformed', 'too-large', 'missing-file'; 'channel' when
 * `channels` are not as many as the model takes. `create` throws ShapeMismatchError when there are not as many channels
 *
 * @example
 * ```ts
 * import { isolationForest, samples } from '@messwerk/detectors'
 * import { readForest, toOnnx } from '@messwerk/detectors/models'
 *
 * const force = Array.from({ length: 200 }, (_, i) => Math.sin(i))
 * const grown = isolationForest({ trees: 20 }).create([{ name: 'force', unit: 'N' }])
 * grown.fit(samples({ force }))
 * const read = readForest(toOnnx(grown)).create([{ name: 'force', unit: 'N' }])
 * read.score(samples({ force: [0.5, 3] })) // => grown.score(samples({ force: [0.5, 3] }))
 * ```
 */
export function readForest(model: Uint8Array | OnnxModel, options: ReadForestOptions = {}): ForestSpec {
  return forestIn(model, options).spec
}

/** A forest, and what each output of its graph gives: `factor` x score + `addend`. @internal */
export interface ForestIn {
  readonly spec: ForestSpec
  readonly outputs: ReadonlyMap<string, Power>
}

/** As `readForest`. @internal */
export function forestIn(model: Uint8Array | OnnxModel, options: ReadForestOptions): ForestIn {
  const { files } = options
  const parsed = model instanceof Uint8Array ? readModel(model, { name: 'readForest: the model', files }) : model
  const { graph } = parsed
  checkOpset(parsed, 'readForest')
  const widths = widthsOf(graph, 'readForest', options.channels)
  const width = widths.reduce((sum, each) => sum + each, 0)
  const channels = options.channels ?? namedChannels(parsed, width)
  const { values, trees } = evaluate(graph, widths, 'readForest: the model')
  const outputs = new Map<string, Power>()
  for (const { name } of graph.outputs) {
    const value = values.get(name)
    if (value?.kind === 'power') outputs.set(name, value)
  }
  const powers = [...outputs.values()]
  if (powers.length === 0) throw unsupported(whyUnknown(values, graph))
  const limit = limitOf(powers)
  const forest = rebuild(trees, powers[0]!.exponent, width, 'readForest: the model')
  const spec: ForestSpec = forestSpec(forest, channels)
  return { spec: limit === undefined ? spec : Object.assign(spec, { limit }), outputs }
}

function unsupported(why: string): ModelError {
  return new ModelError('unsupported', `readForest: ${why}; run the model with onnxDetector`)
}

/** All outputs must be the score, `score_samples` or `decision_function` of one forest. */
function limitOf(powers: readonly Power[]): number | undefined {
  let limit: number | undefined
  for (const { exponent, factor, addend } of powers) {
    const isScore = (factor === 1 || factor === -1) && addend === 0
    if (!isScore && factor !== -1) throw unsupported(`an output is ${factor} x score + ${addend}`)
    if (exponent !== powers[0]!.exponent) throw unsupported('its outputs are scores of several forests')
    if (!isScore) limit = addend
  }
  return limit
}
