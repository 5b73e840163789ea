import { limits, ModelError, type ModelRef, type Samples } from '@messwerk/core/model'
import { scalerFromJson } from '../scalers/scaler-from-json.ts'
import { type GraphWays, graphModel, type WayTaken } from './graph-model.ts'
import { loadedSpec, type Model, type ModelFacts } from './loaded-spec.ts'
import type { Manifest } from './manifest.ts'
import { readNative } from './native-models.ts'
import { textOf } from './open-bundle.ts'

/** The weights by the kind of the model. @internal */
export const WEIGHTS = { native: 'model.json', onnx: 'model.onnx' } as const

/**
 * A model out of the parts of its file.
 *
 * @param label - in front of messages: `loadModel: pump.mwz`
 * @throws ModelError, MissingDependencyError
 * @internal
 */
export async function bundleModel(
  manifest: Omit<Manifest, 'files' | 'proof'>,
  files: ReadonlyMap<string, Uint8Array>,
  ways: GraphWays,
  label: string
): Promise<(model: ModelRef, more: Pick<ModelFacts, 'proven'> & { manifest?: Manifest }) => Model> {
  const { kind, channels } = manifest
  const name = WEIGHTS[kind]
  const weights = files.get(name)
  if (weights === undefined) throw new ModelError('missing-file', `${label} holds no ${name}, the weights of its model`)
  const taken =
    kind === 'native' ? nativeModel(weights, `${label}: ${name}`) : await graphOf(manifest, files, ways, label)
  const facts = Object.assign(
    { way: taken.way, wayReason: taken.wayReason },
    manifest.scaler && { scaler: scalerFromJson(manifest.scaler) },
    manifest.threshold && { threshold: limits(manifest.threshold) }
  )
  return (model, more) => loadedSpec(taken.inner, channels, Object.assign({ model }, facts, more))
}

function nativeModel(weights: Uint8Array, where: string): WayTaken {
  const { spec, recipe, snapshot } = readNative(textIn(weights, where), where)
  const inner = {
    kind: spec.kind,
    random: spec.random,
    recipe,
    create() {
      const detector = spec.restore(structuredClone(snapshot))
      // a stream is not what follows on the scans it was trained on
      detector.gap?.()
      return detector
    },
    restore: spec.restore
  }
  return { inner, way: 'native', wayReason: 'a detector of this package' }
}

function textIn(bytes: Uint8Array, where: string): string {
  try {
    return textOf(bytes)
  } catch (cause) {
    throw new ModelError('malformed', `${where} is no text`, { cause })
  }
}

async function graphOf(
  { channels, score, window, input }: Pick<Manifest, 'channels' | 'score' | 'window' | 'input'>,
  files: ReadonlyMap<string, Uint8Array>,
  ways: GraphWays,
  label: string
): Promise<WayTaken> {
  if (score === undefined || score === 'native')
    throw new ModelError(
      'schema',
      `${label}: manifest.json: score must say what the output of the graph means, got nothing`
    )
  const external = Object.fromEntries(Array.from(files).filter(([name]) => name !== WEIGHTS.onnx))
  const bytes = files.get(WEIGHTS.onnx)!
  const names = channels.map(({ name }) => name)
  return await graphModel({ bytes, external, channels: names, score, window, input }, ways, label)
}

/** Its scores of samples of its channels, as from a stream. @internal */
export async function scoresOf(
  model: Model,
  channels: Manifest['channels'],
  samples: Samples,
  signal?: AbortSignal
): Promise<Float64Array> {
  return await withScores(model, channels, (score) => score(samples), signal)
}

/** One detector for all that is asked of it. @internal */
export async function withScores<T>(
  model: Model,
  channels: Manifest['channels'],
  ask: (score: (samples: Samples) => Promise<Float64Array>) => Promise<T>,
  signal?: AbortSignal
): Promise<T> {
  if (!('async' in model)) {
    const detector = model.create(channels)
    return await ask(async (samples) => detector.score(samples))
  }
  const detector = model.create(channels)
  try {
    await detector.open?.(signal)
    return await ask((samples) => detector.score(samples, signal))
  } finally {
    await detector.close?.()
  }
}
