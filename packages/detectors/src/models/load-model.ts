import { isSdkError, type Limits, limits, ModelError } from '@messwerk/core/model'
import { bundleModel, withScores } from '../bundle/bundle-model.ts'
import { checkProof } from '../bundle/check-proof.ts'
import { type GraphParts, type GraphWays, graphModel } from '../bundle/graph-model.ts'
import { type LoadLimits, loadLimits } from '../bundle/load-limits.ts'
import { loadedSpec, type Model } from '../bundle/loaded-spec.ts'
import type { ManifestChannel } from '../bundle/manifest.ts'
import { openBundle } from '../bundle/open-bundle.ts'
import type { ProofRows } from '../bundle/read-proof.ts'
import { sha256 } from '../bundle/sha-256.ts'
import { labelOf, readSource } from '../onnx-runtime/read-source.ts'
import type { FittedScaler } from '../scalers/fitted-scaler.ts'

/**
 * Options of {@link loadModel}.
 *
 * @example
 * ```ts
 * import type { LoadModelOptions } from '@messwerk/detectors/models'
 *
 * const options: LoadModelOptions = { limits: { bytes: '4MiB' }, runtime: 'onnxruntime-web' }
 * options.runtime // => 'onnxruntime-web'
 * ```
 */
export interface LoadModelOptions extends GraphWays {
  /** What it may cost. */
  readonly limits?: LoadLimits | undefined
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined
  /** `sha256:` and the digest that the file must have. @defaultValue any */
  readonly expect?: string | undefined
  /** For a bare ONNX file: what a manifest would say of it. */
  readonly graph?: GraphOptions | undefined
}

/**
 * What `loadModel` has to know of a bare ONNX file.
 *
 * @example
 * ```ts
 * import type { GraphOptions } from '@messwerk/detectors/models'
 *
 * const graph: GraphOptions = { channels: [{ name: 'pressure', unit: 'bar' }], score: 'sklearn-score-samples' }
 * graph.channels.length // => 1
 * ```
 */
export interface GraphOptions extends Partial<Pick<GraphParts, 'external' | 'window' | 'input'>> {
  /** In the order of its inputs; a unit of `''` = any. */
  readonly channels: readonly ManifestChannel[]
  /** What its output means. */
  readonly score: GraphParts['score']
  readonly scaler?: FittedScaler | undefined
  readonly threshold?: Limits | undefined
  /** @defaultValue 'model' */
  readonly name?: string | undefined
  /** @defaultValue 1 */
  readonly version?: number | undefined
}

/**
 * Loads a model file (`.mwz`): the one entrance, whatever made the model.
 *
 * What it returns is a spec of detectors that are ready at once: `detect(await loadModel('pump.mwz'))` scores with the threshold that came
 * with it. Before that it has checked the file (sizes, digests, manifest) and itself: the rows in the file must score as where it was made.
 *
 * - From: a path or `file:` address (Node), an `http(s):` address (at most five redirects, never from https to http), bytes. In a browser
 *   texts are addresses, relative to the page.
 * - Way: a detector of this package, or an ONNX graph: read natively where it is understood, else run by onnxruntime (node, then web),
 *   which must be installed; `way` and `wayReason` say which and why.
 * - Channels: `create` takes them by name, in any order, and refuses other units: they are never converted silently.
 * - Trust: nothing in the file is executed and nothing is written. `expect` makes sure that it is the very file.
 * - A bare `.onnx` file loads with `graph`; it proves nothing: `proven` is false.
 *
 * @throws ModelError, whose `reason` says what is wrong; MissingDependencyError without a runtime that is needed; NotConnectedError,
 * AuthError, TimeoutError; the reason that `signal` was aborted with; TypeError and RangeError for wrong options
 *
 * @example
 * ```ts
 * import { robustZ, samples } from '@messwerk/detectors'
 * import { loadModel, saveModel } from '@messwerk/detectors/models'
 *
 * const channels = [{ name: 'pressure', unit: 'bar' }]
 * const normal = samples({ pressure: [4, 5, 6, 5, 4, 6, 5, 7] })
 * const detector = robustZ().create(channels)
 * detector.fit(normal)
 * const file = await saveModel(detector, { name: 'pump', channels, sampleRows: normal, created: '2026-01-31T12:00:00Z' })
 *
 * const model = await loadModel(file)
 * model.way // => 'native'
 * model.model.name // => 'pump'
 * ```
 */
export async function loadModel(source: string | URL | Uint8Array, options: LoadModelOptions = {}): Promise<Model> {
  checkOptions(source, options)
  const bounds = loadLimits(options.limits)
  const { signal, expect } = options
  signal?.throwIfAborted()
  const bytes = await readSource(source, bounds, { factory: 'loadModel', option: 'limits.bytes' }, signal)
  const label = `loadModel: ${labelOf(source)}`
  const hash = `sha256:${await sha256(bytes)}`
  if (expect !== undefined && hash !== expect.toLowerCase())
    throw new ModelError('hash', `${label} is another file: its hash is ${hash}, expected ${expect}`)
  // the first bytes of every archive
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return await bareGraph(bytes, hash, options, label)
  const { manifest, proof, files } = await openBundle(bytes, bounds, label)
  const parts = new Map(Array.from(files).filter(([name]) => name !== manifest.proof))
  const make = await bundleModel(manifest, parts, options, label)
  const { name, version, channels } = manifest
  const model = make({ name, version, hash }, { proven: true, manifest })
  signal?.throwIfAborted()
  await prove(model, channels, proof, label, signal)
  return model
}

/** What a model throws at its own rows is a fault of the file. */
async function prove(
  model: Model,
  channels: readonly ManifestChannel[],
  proof: ProofRows,
  label: string,
  signal: AbortSignal | undefined
): Promise<void> {
  const names = channels.map((channel) => channel.name)
  try {
    await withScores(model, channels, (score) => checkProof(label, proof, names, score), signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (isSdkError(error) && error.code !== 'SHAPE_MISMATCH') throw error
    const why = error instanceof Error ? error.message.slice(0, 300) : String(error)
    throw new ModelError('malformed', `${label}: its model cannot score the rows of its proof: ${why}`, {
      cause: error
    })
  }
}

async function bareGraph(bytes: Uint8Array, hash: string, options: LoadModelOptions, label: string): Promise<Model> {
  const { graph } = options
  if (graph === undefined)
    throw new ModelError('malformed', `${label} is no model file (.mwz); an ONNX file needs graph: { channels, score }`)
  const { name = 'model', version = 1, scaler, threshold, channels, external = {}, window, input, score } = graph
  const names = channels.map((channel) => channel.name)
  const taken = await graphModel({ bytes, external, channels: names, score, window, input }, options, label)
  const facts = Object.assign(
    { model: { name, version, hash }, way: taken.way, wayReason: `${taken.wayReason}; it has no proof`, proven: false },
    scaler && { scaler },
    threshold && { threshold: limits(threshold) }
  )
  return loadedSpec(taken.inner, channels, facts)
}

function checkOptions(source: unknown, { expect, graph }: LoadModelOptions): void {
  const isSource =
    (typeof source === 'string' && source !== '') || source instanceof URL || source instanceof Uint8Array
  if (!isSource)
    throw new TypeError(`loadModel: source must be a path, an address or a Uint8Array, got ${String(source)}`)
  if (expect !== undefined && !/^sha256:[0-9a-f]{64}$/i.test(expect))
    throw new RangeError(`loadModel: expect must be 'sha256:' and 64 hexadecimal digits, got '${String(expect)}'`)
  if (graph === undefined) return
  if (!Array.isArray(graph.channels) || graph.channels.length === 0)
    throw new TypeError("loadModel: graph.channels must be a list such as [{ name: 'pressure', unit: 'bar' }]")
  if (graph.score === undefined)
    throw new TypeError('loadModel: graph.score must say what the output means, got nothing')
  const names = graph.channels.map(({ name }) => name)
  const scaled = graph.scaler?.toJSON().channels ?? names
  if (scaled.length !== names.length || scaled.some((name, c) => name !== names[c]))
    throw new RangeError(
      `loadModel: graph.scaler must be of the channels ${names.join(', ')}, in their order, got one of ${scaled.join(', ')}`
    )
  if (graph.version !== undefined && !(Number.isSafeInteger(graph.version) && graph.version >= 1))
    throw new RangeError(`loadModel: graph.version must be a whole number from 1, got ${graph.version}`)
}
