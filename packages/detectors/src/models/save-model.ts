import type { Limits, Samples } from '@messwerk/core/model'
import { bundleModel, scoresOf, WEIGHTS } from '../bundle/bundle-model.ts'
import type { GraphWays } from '../bundle/graph-model.ts'
import type {
  Manifest,
  ManifestChannel,
  ManifestTraining,
  ManifestWindow,
  Proof,
  ScoreKind
} from '../bundle/manifest.ts'
import { nativeText } from '../bundle/native-models.ts'
import { proofRows } from '../bundle/proof-rows.ts'
import { readManifest } from '../bundle/read-manifest.ts'
import { atStart, type Learned, savedParts } from '../bundle/saved-parts.ts'
import { sha256 } from '../bundle/sha-256.ts'
import { writeZip } from '../bundle/zip.ts'
import type { FittedScaler } from '../scalers/fitted-scaler.ts'
import type { ScalerJson } from '../scalers/scaler-json.ts'

const PROOF = 'proof.json'
const MANIFEST = 'manifest.json'
/** A graph computes in float32; here the bits are the same, but for what another machine makes of exp and log. */
const TOLERANCE = { native: 1e-9, onnx: 1e-5 }

/**
 * Options of {@link saveModel}.
 *
 * @example
 * ```ts
 * import type { SaveModelOptions } from '@messwerk/detectors/models'
 *
 * const rest: Partial<SaveModelOptions> = { threshold: { raise: 6, clear: 4 }, licence: 'CC-BY-4.0', metrics: { f1: 0.93 } }
 * rest.licence // => 'CC-BY-4.0'
 * ```
 */
export interface SaveModelOptions {
  readonly name: string
  /** A whole number from 1, higher = later. @defaultValue 1 */
  readonly version?: number | undefined
  /** In the order of the model, with their units (UCUM); `''` = any. */
  readonly channels: readonly ManifestChannel[]
  /** Scans as they are measured, before any scaler: up to 64 with their scores become the proof. More where a score needs a window. */
  readonly sampleRows: Samples
  /** When it was made: ISO 8601 with a time zone, or a Date. */
  readonly created: string | Date
  /** What the values went through before the model learned them. @defaultValue that of a `scaled` detector, else none */
  readonly scaler?: FittedScaler | undefined
  readonly threshold?: Limits | undefined
  /** Of the data that it learned. */
  readonly training?: ManifestTraining | undefined
  readonly metrics?: Readonly<Record<string, number>> | undefined
  readonly licence?: string | undefined
  /** Of an ONNX graph, where it is needed: what its output means. */
  readonly score?: Exclude<ScoreKind, 'native'> | undefined
  /** Of an ONNX graph that looks at several scans. */
  readonly window?: ManifestWindow | undefined
  /** Of an ONNX graph with several inputs: their names, in the order of the channels. */
  readonly input?: readonly string[] | undefined
  /** Of an ONNX graph: the files in which it keeps weights, by the names that it has for them. */
  readonly external?: Readonly<Record<string, Uint8Array>> | undefined
  /** Of an ONNX graph: what computes its scores for the proof. */
  readonly ways?: GraphWays | undefined
}

/**
 * Writes a learned model as one file (`.mwz`) that states what it needs and proves on loading that it scores as here.
 *
 * - `model`: a detector that has learned, of any function of this package; or its spec and snapshot; or a loaded
 * model of kind `native`; or the
 *   bytes of an ONNX graph, with `score`.
 * - Equal input gives equal bytes: the hash of the file names the model.
 *
 * @returns the bytes of the file; `writeFile('pump.mwz', await saveModel(..))` keeps them
 * @throws TypeError when the detector is none of this package; RangeError when it has not learned or no row has a score; ModelError with
 * reason `schema` when an option breaks a rule of the manifest
 *
 * @example
 * ```ts
 * import { nearestNeighbour, samples } from '@messwerk/detectors'
 * import { loadModel, saveModel, scaled, standardScaler } from '@messwerk/detectors/models'
 *
 * const channels = [{ name: 'pressure', unit: 'Pa' }, { name: 'valve', unit: '1' }]
 * const normal = samples({ pressure: [101300, 101310, 101305, 101302], valve: [0.1, 0.2, 0.15, 0.1] })
 * const detector = scaled(standardScaler().fit(normal), nearestNeighbour({ k: 1 })).create(channels)
 * detector.fit(normal)
 * const bytes = await saveModel(detector, {
 *   name: 'pump', channels, sampleRows: normal, created: '2026-01-31T12:00:00Z', threshold: { raise: 3 }
 * })
 * const { scaler, manifest } = await loadModel(bytes)
 * scaler?.kind // => 'standard'
 * manifest?.threshold // => { raise: 3 }
 * ```
 */
export async function saveModel(
  model: Learned | Uint8Array,
  options: SaveModelOptions
): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions(model, options)
  const { kind, weights, scaler } = partsOf(model, options)
  const files = new Map([[WEIGHTS[kind] as string, weights]])
  for (const [name, bytes] of Object.entries(options.external ?? {})) files.set(name, bytes)
  const head = checkedHead(headOf(kind, scaler, options))
  const proof = await proofOf(head, files, options)
  files.set(PROOF, textBytes(proof))
  const entries = await Promise.all(
    Array.from(files, async ([name, bytes]) => [name, { bytes: bytes.length, sha256: await sha256(bytes) }] as const)
  )
  const manifest = Object.assign({}, head, { files: Object.fromEntries(entries), proof: PROOF })
  return writeZip(new Map([[MANIFEST, textBytes(manifest, 2)], ...files]))
}

type Head = Omit<Manifest, 'files' | 'proof'>

interface Parts {
  readonly kind: 'native' | 'onnx'
  readonly weights: Uint8Array
  readonly scaler: ScalerJson | undefined
}

function partsOf(model: Learned | Uint8Array, { channels, scaler }: SaveModelOptions): Parts {
  if (model instanceof Uint8Array) return { kind: 'onnx', weights: model, scaler: scaler?.toJSON() }
  const saved = savedParts(model, channels)
  if (saved.scaler !== undefined && scaler !== undefined)
    throw new RangeError('saveModel: scaler must be left out where the detector is scaled already')
  const weights = new TextEncoder().encode(nativeText(atStart(saved)))
  return { kind: 'native', weights, scaler: saved.scaler ?? scaler?.toJSON() }
}

/** Checked before the work begins; nothing is known of the files yet. */
function checkedHead(head: Head): Head {
  const files = { [PROOF]: { bytes: 0, sha256: '0'.repeat(64) } }
  const whole = Object.assign({}, head, { files, proof: PROOF })
  const { files: _, proof, ...checked } = readManifest(JSON.parse(JSON.stringify(whole)), 'saveModel: ')
  return checked
}

function headOf(kind: Parts['kind'], scaler: ScalerJson | undefined, options: SaveModelOptions): Head {
  const { name, version = 1, threshold, training, metrics, licence, score, window, input } = options
  const created = options.created instanceof Date ? options.created.toISOString() : options.created
  const channels = options.channels.map((channel) => ({ name: channel.name, unit: channel.unit }))
  return Object.assign(
    { schema: 1 as const, kind, name, version, created, channels },
    window && { window },
    input && { input },
    scaler && { scaler },
    threshold && { threshold },
    kind === 'onnx' && score && { score },
    training && { training },
    metrics && { metrics },
    licence !== undefined && { licence }
  )
}

async function proofOf(
  head: Head,
  files: ReadonlyMap<string, Uint8Array>,
  { sampleRows, ways = {} }: SaveModelOptions
): Promise<Proof> {
  const make = await bundleModel(head, files, ways, 'saveModel: the model')
  const loaded = make({ name: head.name, version: head.version, hash: 'sha256:' }, { proven: false })
  return await proofRows(sampleRows, head.channels, (samples) => scoresOf(loaded, head.channels, samples), {
    tolerance: TOLERANCE[head.kind],
    scans: head.window?.scans ?? 1
  })
}

function textBytes(json: unknown, indent?: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(json, undefined, indent)}\n`)
}

function checkOptions(model: unknown, options: SaveModelOptions): void {
  if (typeof model !== 'object' || model === null)
    throw new TypeError(`saveModel: the model must be a detector, or the bytes of an ONNX graph, got ${String(model)}`)
  if (!Array.isArray(options.channels) || options.channels.length === 0)
    throw new TypeError("saveModel: channels must be a list such as [{ name: 'pressure', unit: 'bar' }]")
  if (typeof Object(options.sampleRows).length !== 'number')
    throw new TypeError(`saveModel: sampleRows must be samples, got ${String(options.sampleRows)}`)
  const own: readonly string[] = [MANIFEST, PROOF, WEIGHTS.onnx]
  const taken = Object.keys(options.external ?? {}).find((name) => own.includes(name))
  if (taken !== undefined)
    throw new RangeError(`saveModel: external must not name a file '${taken}', which is another file of the model`)
  if (model instanceof Uint8Array && options.score === undefined)
    throw new TypeError('saveModel: score must say what the output of the graph means, got nothing')
}
