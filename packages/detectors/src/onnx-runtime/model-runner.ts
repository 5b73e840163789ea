import { ModelError, type Samples } from '@messwerk/core/model'
import type { LoadedModel } from './loaded-model.ts'
import { type ModelInput, modelInputs } from './model-inputs.ts'
import { type ModelOutput, modelOutput, outputValues } from './model-outputs.ts'
import type { OnnxPlan } from './onnx-detector-options.ts'
import { reconstructionScores, reconstructionShares } from './reconstruction.ts'
import { packRow, ScaledScans } from './scaled-scans.ts'
import type { Workspace } from './workspace.ts'

/**
 * Scores the scans of one stream with a loaded model.
 *
 * @internal
 */
export class ModelRunner {
  readonly #model: LoadedModel
  readonly #plan: OnnxPlan
  readonly #scans: ScaledScans
  readonly #inputs: readonly ModelInput[]
  readonly #output: ModelOutput
  readonly #fetches: readonly string[]
  readonly #workspace: Workspace
  /** Scans that the rows of a run are of. */
  readonly #scanOf: Int32Array

  /**
   * @param names - the channels in use, in the order of the model
   * @param used - their columns in the samples
   * @throws ModelError when the model takes or gives something else
   */
  constructor(model: LoadedModel, plan: OnnxPlan, names: readonly string[], used: Int32Array) {
    const { inputs, rows } = modelInputs(model.session, plan, names)
    this.#model = model
    this.#plan = plan
    this.#inputs = inputs
    this.#output = modelOutput(model.session, plan, inputs[0]!.size)
    this.#fetches = [this.#output.name]
    this.#workspace = model.workspaceFor({ inputs, rows }, plan.batch)
    this.#scanOf = new Int32Array(this.#workspace.most)
    this.#scans = new ScaledScans(model, plan.scaler, names, used)
  }

  /** Runs the model once, on a few rows of zeros. */
  async warmUp(): Promise<void> {
    await this.#model.inTurn(async () => {
      if (this.#model.isWarm) return
      this.#workspace.buffers(1)
      await this.#run(1)
      this.#model.isWarm = true
    })
  }

  async scores(samples: Samples, signal: AbortSignal | undefined): Promise<Float64Array> {
    return await this.#model.inTurn(async () => {
      const scores = new Float64Array(samples.length).fill(Number.NaN)
      signal?.throwIfAborted()
      this.#scans.open(samples)
      const most = this.#workspace.most
      const buffers = this.#workspace.buffers(Math.min(most, samples.length))
      let rows = 0
      // Scans without a hole, up to this one.
      let whole = 0
      for (let i = 0; i < samples.length; i += 1) {
        whole = this.#scans.isFinite(i) ? whole + 1 : 0
        if (whole < this.#plan.scans) continue
        this.#pack(buffers, rows, i)
        rows += 1
        if (rows < most) continue
        await this.#scoreRows(rows, scores)
        signal?.throwIfAborted()
        rows = 0
      }
      if (rows > 0) await this.#scoreRows(rows, scores)
      return scores
    })
  }

  /** Shares in the reconstruction of one scan, one a channel in use; nothing where it has no score. */
  async shares(samples: Samples, scan: number, signal: AbortSignal | undefined): Promise<Float64Array | undefined> {
    return await this.#model.inTurn(async () => {
      signal?.throwIfAborted()
      this.#scans.open(samples)
      for (let i = scan - this.#plan.scans + 1; i <= scan; i += 1)
        if (i < 0 || !this.#scans.isFinite(i)) return undefined
      const [buffer] = this.#workspace.buffers(1)
      this.#pack([buffer!], 0, scan)
      const { columns } = this.#inputs[0]!
      const parts = new Float64Array(columns.length)
      reconstructionShares(await this.#run(1), buffer!, this.#plan, parts)
      const shares = new Float64Array(columns.length)
      for (let j = 0; j < columns.length; j += 1) shares[columns[j]!] = parts[j]!
      return shares
    })
  }

  #pack(buffers: readonly (Float32Array | Float64Array)[], row: number, scan: number): void {
    for (let k = 0; k < this.#inputs.length; k += 1)
      packRow(this.#scans, this.#inputs[k]!, this.#plan, scan, buffers[k]!, row)
    this.#scanOf[row] = scan
  }

  async #scoreRows(rows: number, scores: Float64Array): Promise<void> {
    const values = await this.#run(rows)
    const { value, size } = this.#output
    if (value === undefined) {
      const [input] = this.#workspace.buffers(rows)
      reconstructionScores(values, input!, size, this.#scanOf.subarray(0, rows), scores)
      return
    }
    for (let r = 0; r < rows; r += 1) {
      const score = Math.max(0, value.offset + value.sign * values[r]!)
      scores[this.#scanOf[r]!] = Math.min(score, Number.MAX_VALUE)
    }
  }

  async #run(rows: number): Promise<ArrayLike<number>> {
    const { session } = this.#model
    const { label } = this.#plan
    const tensors = this.#workspace.tensors(rows)
    let outputs: Awaited<ReturnType<typeof session.run>>
    try {
      outputs = await session.run(tensors, this.#fetches)
    } catch (cause) {
      const given = Object.entries(tensors).map(([name, { type, dims }]) => `'${name}' of ${type} [${dims.join(', ')}]`)
      throw new ModelError('unsupported', `onnxDetector: ${label} failed on ${given.join(', ')}`, { cause })
    }
    return outputValues(label, this.#output, outputs[this.#output.name], this.#workspace.rows)
  }
}
