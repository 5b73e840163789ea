import { type Scaler, type Size, sizeBytes } from '@messwerk/core/model'
import { checkChannelOptions } from '../detector/channel-plan.ts'
import type { OnnxRuntime, RuntimeName } from './onnx-runtime.ts'
import { checkScore, type OnnxScore, shown } from './onnx-score.ts'

/**
 * Options of {@link onnxDetector}.
 *
 * @example
 * ```ts
 * import type { OnnxDetectorOptions } from '@messwerk/detectors/models'
 *
 * const options: OnnxDetectorOptions = {
 *   path: 'pump.onnx',
 *   channels: ['pressure', 'current'],
 *   score: 'reconstruction',
 *   window: { scans: 20, layout: 'NTC' }
 * }
 * options.channels // => ['pressure', 'current']
 * ```
 */
export interface OnnxDetectorOptions<K extends string = string> {
  /** Where the model lies: a file, or an `http(s):` address (in a browser also relative to the page). */
  readonly path?: string | URL
  /** The model itself, instead of `path`. */
  readonly model?: Uint8Array
  /** What the model is called in messages. @defaultValue its path */
  readonly name?: string
  /**
   * Channels in the order of the columns (or of the inputs) that the model takes.
   *
   * @defaultValue those of the scaler, else all measured ones in the order of the stream
   */
  readonly channels?: readonly K[]
  /**
   * For a model with several inputs: the channel, or channels, that each takes.
   *
   * @defaultValue one input takes all; of several, each takes the channel of its name
   */
  readonly inputs?: Readonly<Record<string, K | readonly K[]>>
  /** What the output means. */
  readonly score: OnnxScore
  /**
   * For a model that looks at several scans at once: how many, and the order of the axes, N windows, T scans, C channels. An input of two
   * axes takes the window flat, in that order. The score of a scan is that of the window that ends with it.
   *
   * @defaultValue one scan
   */
  readonly window?: { readonly scans: number; readonly layout: 'NTC' | 'NCT' }
  /** Applied to the values before the model sees them. */
  readonly scaler?: Scaler
  /**
   * Files in which the model keeps weights, by the names that it has for them: bytes, or where they are.
   *
   * @defaultValue beside `path`
   */
  readonly external?: Readonly<Record<string, Uint8Array | string | URL>>
  /** Rows (or windows) of one run, at most; 1: each row alone. A run of onnxruntime-node holds the event loop. @defaultValue 256 */
  readonly batch?: number
  /** Threads of one run. More than one may change the last bits of a score. @defaultValue 1 */
  readonly threads?: number
  /** Whether the model runs once before the first score: the first run is slow, and shows whether shapes fit. @defaultValue true */
  readonly warmUp?: boolean
  /** Bytes that the model and its files may have together. @defaultValue '256MiB' */
  readonly maxBytes?: Size
  /** The runtime: the module `onnxruntime-node` or `onnxruntime-web`, or a function that loads it. @defaultValue `runtime` */
  readonly lib?: OnnxRuntime | (() => Promise<OnnxRuntime>)
  /** Which installed package to load. @defaultValue 'auto': onnxruntime-node, else onnxruntime-web; in a browser the latter */
  readonly runtime?: RuntimeName | 'auto'
}

/** The options, checked. @internal */
export interface OnnxPlan {
  readonly label: string
  readonly source: string | URL | Uint8Array
  readonly channels: readonly string[] | undefined
  readonly inputs: ReadonlyMap<string, readonly string[]> | undefined
  readonly score: OnnxScore
  readonly scans: number
  /** Absent: one scan. */
  readonly layout: 'NTC' | 'NCT' | undefined
  readonly scaler: Scaler | undefined
  readonly external: Readonly<Record<string, Uint8Array | string | URL>>
  readonly batch: number
  readonly threads: number | undefined
  readonly warmUp: boolean
  readonly maxBytes: number
  readonly lib: OnnxDetectorOptions['lib']
  readonly runtime: RuntimeName | 'auto'
}

/** @throws TypeError, RangeError @internal */
export function onnxPlan(options: OnnxDetectorOptions): OnnxPlan {
  const { path, model, window, scaler, external = {}, threads, lib, runtime = 'auto' } = options
  const source = sourceOf(path, model)
  checkScore(options.score)
  checkWindow(window)
  const batch = whole(options.batch ?? 256, 'batch')
  if (threads !== undefined) whole(threads, 'threads')
  if (!['auto', 'onnxruntime-node', 'onnxruntime-web'].includes(runtime))
    throw new RangeError(
      `onnxDetector: runtime must be 'auto', 'onnxruntime-node' or 'onnxruntime-web', got ${shown(runtime)}`
    )
  const inputs = inputsOf(options.inputs)
  const channels = channelsOf(options.channels, inputs, scaler)
  const label = options.name ?? (path === undefined ? `a model of ${model!.length} bytes` : String(path))
  const { score, warmUp = true } = options
  const maxBytes = sizeBytes(options.maxBytes ?? '256MiB', 'onnxDetector: maxBytes')
  const [scans, layout] = [window?.scans ?? 1, window?.layout]
  return {
    label,
    source,
    channels,
    inputs,
    score,
    scans,
    layout,
    scaler,
    external,
    batch,
    threads,
    warmUp,
    maxBytes,
    lib,
    runtime
  }
}

function sourceOf(path: unknown, model: unknown): string | URL | Uint8Array {
  if ((path === undefined) === (model === undefined))
    throw new TypeError('onnxDetector: give either path or model (bytes), one of them')
  if (model instanceof Uint8Array) return model
  if (model !== undefined) throw new TypeError(`onnxDetector: model must be a Uint8Array, got ${shown(model)}`)
  if (path instanceof URL || (typeof path === 'string' && path !== '')) return path
  throw new TypeError(`onnxDetector: path must be a path or an address, got ${shown(path)}`)
}

function checkWindow(window: OnnxDetectorOptions['window']): void {
  if (window === undefined) return
  whole(window.scans, 'window.scans')
  if (window.layout !== 'NTC' && window.layout !== 'NCT')
    throw new RangeError(`onnxDetector: window.layout must be 'NTC' or 'NCT', got ${shown(window.layout)}`)
}

function whole(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new RangeError(`onnxDetector: ${option} must be a whole number of at least 1, got ${shown(value)}`)
}

function inputsOf(inputs: OnnxDetectorOptions['inputs']): Map<string, readonly string[]> | undefined {
  if (inputs === undefined) return undefined
  const bound = new Map<string, readonly string[]>()
  for (const [name, of] of Object.entries(inputs)) bound.set(name, typeof of === 'string' ? [of] : of.slice())
  return bound
}

/** The channels in use; those that inputs and scaler name must be the same. */
function channelsOf(
  channels: readonly string[] | undefined,
  inputs: ReadonlyMap<string, readonly string[]> | undefined,
  scaler: Scaler | undefined
): readonly string[] | undefined {
  const bound = inputs && [...inputs.values()].flat()
  const named = channels ?? bound ?? scaler?.channels
  checkChannelOptions('onnxDetector', named, undefined)
  if (named !== undefined && bound !== undefined) checkSame(named, bound, 'inputs')
  if (named !== undefined && scaler !== undefined) checkSame(named, scaler.channels, 'scaler')
  return named?.slice()
}

function checkSame(channels: readonly string[], others: readonly string[], option: string): void {
  if (channels.toSorted().join() === others.toSorted().join()) return
  throw new RangeError(
    `onnxDetector: ${option} must have the channels ${channels.join(', ')}, each once, got ${others.join(', ')}`
  )
}
