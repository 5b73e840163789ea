import { type Detector, type Limits, limits, type Snapshot } from '@messwerk/core/model'
import type { Model } from '../bundle/loaded-spec.ts'
import type { FittedScaler } from '../scalers/fitted-scaler.ts'
import { exportableOf } from './exportable.ts'
import { GraphBuilder } from './graph-builder.ts'
import { graphNames } from './graph-names.ts'
import { type GraphSource, graphSource } from './graph-source.ts'
import { type GraphShape, writeScalerGraph, writeScoreGraph } from './write-graph.ts'
import { writeModel } from './write-model.ts'

const IR_VERSION = 8
const ML_OPSET = 3
const [FIRST_OPSET, LAST_OPSET] = [13, 21]

/**
 * Options of {@link toOnnx}.
 *
 * @example
 * ```ts
 * import type { ToOnnxOptions } from '@messwerk/detectors/models'
 *
 * const options: ToOnnxOptions = { units: { pressure: 'bar' }, output: 'double' }
 * options.output // => 'double'
 * ```
 */
export interface ToOnnxOptions {
  /**
   * Names of what goes in and comes out; they must not begin with '/'.
   *
   * @defaultValue the names themselves: `input`, `score`, `score_samples`, `contributions`, `scaled`
   */
  readonly names?: Partial<Record<'input' | 'score' | 'score_samples' | 'contributions' | 'scaled', string>> | undefined
  /**
   * Element type of what comes out. With `double` the scores are those of here to nine digits and more, also beyond 3.4e38.
   *
   * @defaultValue `float`, as most programs expect
   */
  readonly output?: 'float' | 'double' | undefined
  /**
   * Version of the standard operators, from 13 to 21. Those of classical models (`ai.onnx.ml`) are of version 3, the file of IR version 8.
   *
   * @defaultValue 17
   */
  readonly opset?: number | undefined
  /**
   * What the values go through before the detector, as they did when it learned: it becomes part of the graph.
   *
   * @defaultValue that of a `scaled` detector or a loaded model (of a snapshot alone it is not known), else none
   */
  readonly scaler?: FittedScaler | undefined
  /** UCUM codes by channel, for the file's metadata. @defaultValue those of a loaded model */
  readonly units?: Readonly<Record<string, string>> | undefined
  /** When a score is an alarm, for the file's metadata. @defaultValue that of a loaded model */
  readonly threshold?: Limits | undefined
}

/**
 * Writes a learned detector, or a scaler, as an ONNX file, to be run by onnxruntime in any language.
 *
 * - Kinds: isolation forest, autoencoder (plain or with a window), T², SPE; standard, robust and min-max scalers, alone or before a
 *   detector; a model from a file that is one of these.
 * - Input: `input`, float32 [N, channels]: the channels that the detector uses, in their order; of an autoencoder with a window [N, scans,
 *   channels], the newest scan last.
 * - Output: `score` [N], as here: >= 0, higher is more anomalous, NaN where a value of the row is not finite in float32.
 *   `contributions` [N, channels], the shares, of autoencoder, T², and SPE with fewer than three directions off the plane (shares by
 *   pairs, and those of a forest, are not written). `score_samples` [N] of a forest: -score, as scikit-learn names it. Of a
 *   scaler: `scaled` [N, channels].
 * - Metadata: `messwerk.kind`; `messwerk.channels` and `messwerk.units`, JSON lists in the order of the input; `messwerk.window` in scans;
 *   `messwerk.threshold`, JSON.
 * - Exactness: of the same float32 values, scores are those of here within 1e-6 relative. Inside, trees compare float32 as here, all else
 *   is double: T² of badly conditioned channels is right, too. Scores beyond 3.4e38 are that number, unless `output` is `double`.
 * - The same detector and options give the same bytes.
 *
 * @returns the bytes of the file
 * @throws RangeError for another kind of detector or scaler, one that has not learned, and options out of range; TypeError for what is
 * no detector at all; SnapshotIncompatibleError for a damaged snapshot
 *
 * @example
 * ```ts
 * import { samples, t2 } from '@messwerk/detectors'
 * import { toOnnx } from '@messwerk/detectors/models'
 *
 * const detector = t2().create([{ name: 'speed', unit: '1/min' }, { name: 'flow', unit: 'l/min' }])
 * detector.fit(samples({ speed: [10, 20, 30, 40, 50, 60], flow: [1, 2.1, 2.9, 4.1, 4.9, 6] }))
 * const bytes = toOnnx(detector, { units: { speed: '1/min', flow: 'l/min' } })
 * bytes.length < 2000 // => true
 * ```
 *
 * Reference: ONNX operators, https://onnx.ai/onnx/operators
 */
export function toOnnx(
  model: Detector | Snapshot | FittedScaler | Model,
  options: ToOnnxOptions = {}
): Uint8Array<ArrayBuffer> {
  const { opset = 17, output = 'float' } = options
  checkOptions(opset, output)
  const names = graphNames(options.names ?? {})
  const graph = new GraphBuilder()
  const source = graphSource(model, options)
  const shape = source.snapshot
    ? writeScoreGraph(graph, exportableOf(source.snapshot), names, output, source.scaler)
    : writeScalerGraph(graph, source.scaler!, names, output)
  checkUnits(options.units, shape.channels)
  return writeModel({
    irVersion: IR_VERSION,
    producer: 'messwerk',
    producerVersion: '',
    opsets: graph.opsets(opset, ML_OPSET),
    graph: graph.graph(shape.kind),
    metadata: metadataOf(shape, source)
  })
}

function metadataOf({ kind, channels, window }: GraphShape, source: GraphSource): Map<string, string> {
  const { units = {}, threshold } = source
  const metadata = new Map([
    ['messwerk.kind', kind],
    ['messwerk.channels', JSON.stringify(channels)],
    ['messwerk.units', JSON.stringify(channels.map((name) => units[name] ?? ''))]
  ])
  if (window !== undefined) metadata.set('messwerk.window', `${window}`)
  if (threshold !== undefined) {
    limits(threshold)
    metadata.set('messwerk.threshold', JSON.stringify(threshold))
  }
  return metadata
}

function checkUnits(units: ToOnnxOptions['units'] = {}, channels: readonly string[]): void {
  for (const name of Object.keys(units))
    if (!channels.includes(name))
      throw new RangeError(`toOnnx: units name '${name}', which is not among the channels: ${channels.join(', ')}`)
}

function checkOptions(opset: number, output: string): void {
  if (!Number.isInteger(opset) || opset < FIRST_OPSET || opset > LAST_OPSET)
    throw new RangeError(`toOnnx: opset must be a whole number from ${FIRST_OPSET} to ${LAST_OPSET}, got ${opset}`)
  if (output !== 'float' && output !== 'double')
    throw new RangeError(`toOnnx: output must be 'float' or 'double', got '${String(output)}'`)
}
