import type { ModelInput } from './model-inputs.ts'
import type { OnnxRuntime, RuntimeTensor } from './onnx-runtime.ts'

/**
 * Rows come in multiples of this, unless a batch has fewer. Runtimes take a single row, and what does not fill a register, in another way
 * than the rest, with other last bits.
 */
const WHOLE = 16
const FLOAT32_MAX = 3.4028234663852886e38

/**
 * The input tensors of a model: memory that grows with the rows of a run, up to a batch, and is used again.
 *
 * @internal
 */
export class Workspace {
  /** Rows of one run, at most. */
  readonly most: number
  readonly #lib: OnnxRuntime
  readonly #inputs: readonly ModelInput[]
  /** Rows that every run has, where the model was exported so. */
  readonly #fixed: number | undefined
  #capacity = 0
  #buffers: (Float32Array | Float64Array)[] = []
  #tensors: Readonly<Record<string, RuntimeTensor>> = {}
  /** Rows of the tensors made last, those that pad it too. */
  rows = 0

  constructor(lib: OnnxRuntime, inputs: readonly ModelInput[], fixed: number | undefined, batch: number) {
    this.#lib = lib
    this.#inputs = inputs
    this.#fixed = fixed
    this.most = fixed ?? batch
  }

  /** The buffer of each input, for `rows` rows at least. */
  buffers(rows: number): readonly (Float32Array | Float64Array)[] {
    if (this.#capacity >= rows) return this.#buffers
    this.#capacity = this.#padded(Math.min(this.most, 2 * rows))
    const values = (size: number): number => this.#capacity * size
    this.#buffers = this.#inputs.map(({ type, size }) =>
      type === 'float64' ? new Float64Array(values(size)) : new Float32Array(values(size))
    )
    this.rows = 0
    return this.#buffers
  }

  /** The first `rows` rows of the buffers as tensors, by input. */
  tensors(rows: number): Readonly<Record<string, RuntimeTensor>> {
    const padded = this.#padded(rows)
    if (padded === this.rows) return this.#tensors
    const tensors: Record<string, RuntimeTensor> = {}
    this.#inputs.forEach(({ name, shape, size }, k) => {
      const buffer = this.#buffers[k]!.subarray(0, padded * size)
      const dims = [padded, ...shape]
      tensors[name] =
        buffer instanceof Float32Array
          ? new this.#lib.Tensor('float32', buffer, dims)
          : new this.#lib.Tensor('float64', buffer as Float64Array, dims)
    })
    this.rows = padded
    this.#tensors = tensors
    return tensors
  }

  #padded(rows: number): number {
    const whole = Math.min(WHOLE, this.most)
    return this.#fixed ?? Math.ceil(rows / whole) * whole
  }
}

/**
 * What a float32 holds of a number: beyond its largest that one, not infinity.
 *
 * @internal
 */
export function withinFloat32(value: number): number {
  return Math.max(-FLOAT32_MAX, Math.min(FLOAT32_MAX, value))
}
