import { type AsyncDetectorSpec, type DetectorSpec, ModelError } from '@messwerk/core/model'
import type { Power } from '../onnx/forest/meaning.ts'
import type { OnnxModel } from '../onnx/graph.ts'
import { namedChannels } from '../onnx/named-channels.ts'
import { readDense } from '../onnx/read-dense.ts'
import { forestIn } from '../onnx/read-forest.ts'
import { readModel } from '../onnx/read-model.ts'
import { loadRuntime } from '../onnx-runtime/load-runtime.ts'
import { onnxDetector } from '../onnx-runtime/onnx-detector.ts'
import type { OnnxDetectorOptions } from '../onnx-runtime/onnx-detector-options.ts'
import type { Inner, ModelWay } from './loaded-spec.ts'
import type { ManifestWindow, ScoreKind } from './manifest.ts'

/** Of numbers up to 1. */
const FLOAT32_STEP = 1.2e-7

/** A graph, and what it needs to be understood. @internal */
export interface GraphParts {
  readonly bytes: Uint8Array
  /** Files with weights beside it, by the names that it has for them. */
  readonly external: Readonly<Record<string, Uint8Array>>
  readonly channels: readonly string[]
  readonly score: Exclude<ScoreKind, 'native'>
  readonly window?: ManifestWindow | undefined
  readonly input?: readonly string[] | undefined
}

/** How to run a graph. @internal */
export interface GraphWays extends Pick<OnnxDetectorOptions, 'lib' | 'runtime' | 'threads' | 'batch'> {
  /** `false`: in a runtime, also where it could be read. */
  readonly native?: boolean | undefined
}

/** @internal */
export interface WayTaken {
  readonly inner: Inner
  readonly way: ModelWay
  readonly wayReason: string
}

/**
 * Reads a graph into code of this package where it can, else hands it to a runtime.
 *
 * @param label - in front of messages: `loadModel: pump.mwz`
 * @throws ModelError, MissingDependencyError
 * @internal
 */
export async function graphModel(parts: GraphParts, ways: GraphWays, label: string): Promise<WayTaken> {
  const read = ways.native === false ? notRead(parts, label) : readNatively(parts, label)
  if (typeof read !== 'string') return { inner: read.inner, way: 'native', wayReason: read.what }
  const { lib, runtime, threads } = ways
  const chosen = await loadRuntime(Object.assign({}, lib && { lib }, runtime && { runtime }, threads && { threads }))
  const { bytes, external, channels, score, window, input } = parts
  const inputs = input && inputsOf(input, channels)
  const { batch } = ways
  const options: OnnxDetectorOptions = Object.assign(
    { model: bytes, name: label, channels, score, external, lib: chosen.lib },
    window && { window },
    inputs && { inputs },
    threads && { threads },
    batch && { batch }
  )
  return { inner: onnxDetector(options) as AsyncDetectorSpec, way: chosen.name, wayReason: read }
}

function inputsOf(input: readonly string[], channels: readonly string[]): Readonly<Record<string, readonly string[]>> {
  if (input.length === 1) return { [input[0]!]: channels }
  return Object.fromEntries(input.map((name, c) => [name, [channels[c]!]]))
}

/** Only its channels are compared. */
function notRead({ bytes, external, channels }: GraphParts, label: string): string {
  try {
    checkStated(readModel(bytes, { name: label, files: external }), channels, label)
  } catch (error) {
    // what cannot be read here states nothing
    if (error instanceof ModelError && error.reason === 'channel') throw error
  }
  return 'native: false was asked for'
}

/** What `toOnnx` says of the order of its input. @throws ModelError */
function checkStated(model: OnnxModel, channels: readonly string[], label: string): void {
  const stated = namedChannels(model, channels.length)
  if (stated === undefined || areEqual(stated, channels)) return
  const must = `channels must be those that the graph states, in their order: ${stated.join(', ')}`
  throw new ModelError('channel', `${label}: ${must}, got ${channels.join(', ')}`)
}

function areEqual(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name, i) => name === others[i])
}

/** The native detector, or why there is none. */
function readNatively(parts: GraphParts, label: string): { inner: Inner; what: string } | string {
  try {
    const model = readModel(parts.bytes, { name: label, files: parts.external })
    checkStated(model, parts.channels, label)
    const { inputs } = model.graph
    const names = inputs.map(({ name }) => name)
    if (parts.input?.some((name, i) => name !== names[i]))
      return 'its inputs have another order than those of the graph'
    // a runtime takes the inputs by name
    if (parts.input === undefined && inputs.length > 1 && !areEqual(names, parts.channels))
      return `its inputs are ${names.join(', ')}, not the channels in their order: name them as input`
    const [spec, what] = parts.score === 'reconstruction' ? denseOf(model, parts) : forestOf(model, parts)
    return { inner: nativeInner(spec), what }
  } catch (error) {
    // A file that is no graph is no graph for a runtime either.
    if (error instanceof RangeError) throw new ModelError('channel', `${label}: ${error.message}`, { cause: error })
    if (!(error instanceof ModelError) || !['unsupported', 'too-large'].includes(error.reason)) throw error
    return error.message.replace(/[;:] run [^;]*onnxDetector$/, '')
  }
}

function forestOf(model: OnnxModel, { channels, score, window }: GraphParts): readonly [DetectorSpec, string] {
  const refuse = (why: string): never => {
    throw new ModelError('unsupported', why)
  }
  if (window !== undefined) refuse('it looks at a window, and gives no reconstruction')
  if (typeof score === 'object' && !model.graph.nodes.some(({ op }) => op.startsWith('TreeEnsemble')))
    refuse('its score is an output of its own')
  const { spec, outputs } = forestIn(model, { channels })
  const { limit = 0.5 } = spec
  if (score === 'sklearn-decision' && limit !== 0.5)
    refuse(`its score is decision_function with an offset of ${-limit}: export score_samples to have it read`)
  if (typeof score === 'object' && !isScore(score, outputs.get(score.output)))
    refuse(`its score is made of the output '${score.output}', which is not the score of a forest`)
  return [spec, 'an isolation forest that is read from the graph']
}

/** Whether what is made of an output is the score of the forest itself. */
function isScore({ higherIs, offset = 0 }: Exclude<ScoreKind, string>, power: Power | undefined): boolean {
  if (power === undefined) return false
  const sign = higherIs === 'normal' ? -1 : 1
  return sign * power.factor === 1 && Math.abs(offset + sign * power.addend) < FLOAT32_STEP
}

function denseOf(model: OnnxModel, { channels, window }: GraphParts): readonly [DetectorSpec, string] {
  return [readDense(model, { channels, window }), 'a network of dense layers that is read from the graph']
}

function nativeInner(spec: DetectorSpec): Inner {
  return {
    kind: spec.kind,
    random: spec.random,
    create: (channels) => spec.create(channels),
    restore: (snapshot) => spec.restore(snapshot)
  }
}
