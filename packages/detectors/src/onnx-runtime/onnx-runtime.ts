/**
 * What is used of a runtime for ONNX models: `import * as ort from 'onnxruntime-node'` or `'onnxruntime-web'` gives one.
 *
 * @example
 * ```ts
 * import * as ort from 'onnxruntime-node'
 * import type { OnnxRuntime } from '@messwerk/detectors/models'
 *
 * const lib: OnnxRuntime = ort
 * typeof lib.InferenceSession.create // => 'function'
 * ```
 */
export interface OnnxRuntime {
  readonly InferenceSession: {
    /** Makes a model ready to run. */
    create(model: Uint8Array, options?: Readonly<Record<string, unknown>>): Promise<OnnxSession>
  }
  readonly Tensor: {
    new (type: 'float32', data: Float32Array, dims: readonly number[]): RuntimeTensor
    new (type: 'float64', data: Float64Array, dims: readonly number[]): RuntimeTensor
  }
  readonly env: {
    readonly versions: { readonly node?: string; readonly web?: string }
    readonly wasm: { numThreads?: number }
  }
}

/** @internal */
export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Absent before onnxruntime 1.21. */
  readonly inputMetadata?: readonly RuntimeValue[]
  run(
    feeds: Readonly<Record<string, unknown>>,
    fetches: readonly string[]
  ): Promise<Readonly<Record<string, RuntimeTensor>>>
  release(): Promise<void>
}

/** @internal */
export interface RuntimeTensor {
  readonly type: string
  readonly data: unknown
  readonly dims: readonly number[]
}

/** What a runtime tells of an input. An open dimension is a text, or, in the one for the web, 2^32 - 1. @internal */
export interface RuntimeValue {
  readonly name: string
  readonly isTensor: boolean
  readonly type?: string
  readonly shape?: readonly (number | string)[]
}

/** Which package runs a model. @internal */
export type RuntimeName = 'onnxruntime-node' | 'onnxruntime-web'
