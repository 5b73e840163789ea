import { ModelError } from '@messwerk/core/model'
import { externalFiles } from './external-files.ts'
import { loadRuntime } from './load-runtime.ts'
import type { ModelInput, ModelInputs } from './model-inputs.ts'
import type { OnnxPlan } from './onnx-detector-options.ts'
import type { OnnxRuntime, OnnxSession } from './onnx-runtime.ts'
import { readModelFile } from './read-model-file.ts'
import { Workspace } from './workspace.ts'

/**
 * A session of a runtime, with what its runs use again: one after the other, whoever asks.
 *
 * @internal
 */
export class LoadedModel {
  readonly session: OnnxSession
  /** Whether it has run once. */
  isWarm = false
  readonly #lib: OnnxRuntime
  readonly #workspaces = new Map<string, Workspace>()
  #last: Promise<unknown> = Promise.resolve()
  #scratch = new Float64Array(0)

  constructor(lib: OnnxRuntime, session: OnnxSession) {
    this.#lib = lib
    this.session = session
  }

  /** Runs a task when all before it are over. */
  async inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task)
    this.#last = turn.catch(() => {})
    return await turn
  }

  /** Tensors for rows of these sizes; streams share them, as no two runs are under way at once. */
  workspaceFor({ inputs, rows }: ModelInputs, batch: number): Workspace {
    const key = inputs.map((input: ModelInput) => input.size).join()
    const found = this.#workspaces.get(key) ?? new Workspace(this.#lib, inputs, rows, batch)
    this.#workspaces.set(key, found)
    return found
  }

  /** Memory for `length` numbers, until the end of the turn. */
  scratch(length: number): Float64Array {
    if (this.#scratch.length < length) this.#scratch = new Float64Array(length)
    return this.#scratch.subarray(0, length)
  }

  async release(): Promise<void> {
    await this.inTurn(() => this.session.release())
  }
}

/**
 * @throws ModelError when the model cannot be read or no runtime takes it
 * @throws MissingDependencyError when there is no runtime
 *
 * @internal
 */
export async function loadedModel(plan: OnnxPlan, signal: AbortSignal): Promise<LoadedModel> {
  const { label, source, maxBytes, threads = 1 } = plan
  const isGiven = source instanceof Uint8Array
  const model = isGiven ? source : await readModelFile(source, maxBytes, signal)
  const beside = isGiven ? undefined : source
  const externalData = await externalFiles(model, label, { given: plan.external, beside, limit: maxBytes, signal })
  const { lib, name } = await loadRuntime(plan)
  signal.throwIfAborted()
  const executionProviders = [name === 'onnxruntime-node' ? 'cpu' : 'wasm']
  const options = { executionProviders, intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 }
  try {
    const sessionOptions = externalData.length > 0 ? Object.assign(options, { externalData }) : options
    const session = await oneByOne(lib, () => lib.InferenceSession.create(model, sessionOptions))
    return new LoadedModel(lib, session)
  } catch (cause) {
    const isDamaged = cause instanceof Error && /protobuf|ModelProto|No graph/i.test(cause.message)
    throw new ModelError(
      isDamaged ? 'malformed' : 'unsupported',
      isDamaged ? `onnxDetector: ${label} is not a readable ONNX file` : `onnxDetector: ${name} cannot load ${label}`,
      { cause }
    )
  }
}

const creating = new WeakMap<OnnxRuntime, Promise<unknown>>()

/** Two sessions that are made at once in the runtime for the web lose their external files to each other. */
async function oneByOne<T>(lib: OnnxRuntime, create: () => Promise<T>): Promise<T> {
  const created = (creating.get(lib) ?? Promise.resolve()).then(create)
  creating.set(
    lib,
    created.catch(() => {})
  )
  return await created
}
