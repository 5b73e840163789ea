import { MissingDependencyError } from '@messwerk/core/model'
import { importPackage } from './import-package.ts'
import type { OnnxRuntime, RuntimeName } from './onnx-runtime.ts'

/** @internal */
export interface RuntimeChoice {
  /** The module itself, or what loads it. */
  readonly lib?: OnnxRuntime | (() => Promise<OnnxRuntime>) | undefined
  readonly runtime?: RuntimeName | 'auto' | undefined
  /** Threads of one run. */
  readonly threads?: number | undefined
}

/** @internal */
export interface LoadedRuntime {
  readonly lib: OnnxRuntime
  readonly name: RuntimeName
}

/** How the packages are imported. @internal */
export type Importers = Readonly<Record<RuntimeName, () => Promise<unknown>>>

/** Whether there are files to read and packages to import. @internal */
export const isNode =
  typeof (globalThis as { process?: { versions?: { node?: unknown } } }).process?.versions?.node === 'string'

const installed: Importers = {
  'onnxruntime-node': () => importPackage('onnxruntime-node'),
  'onnxruntime-web': () => importPackage(isNode ? 'onnxruntime-web' : 'onnxruntime-web/wasm')
}

/**
 * The runtime that was given, or an installed one: onnxruntime-node before onnxruntime-web; in a browser the latter only.
 *
 * @throws MissingDependencyError when there is none
 *
 * @internal
 */
export async function loadRuntime(choice: RuntimeChoice = {}, importers = installed): Promise<LoadedRuntime> {
  const { lib, runtime = 'auto', threads } = choice
  if (lib !== undefined) return given(lib, threads)
  const names: readonly RuntimeName[] =
    runtime !== 'auto' ? [runtime] : isNode ? ['onnxruntime-node', 'onnxruntime-web'] : ['onnxruntime-web']
  let cause: unknown
  for (const name of names) {
    try {
      const found = runtimeOf(await importers[name]())
      if (found === undefined) throw new TypeError(`the package '${name}' has no InferenceSession`)
      if (name === 'onnxruntime-web') found.env.wasm.numThreads = threads ?? 1
      return { lib: found, name }
    } catch (error) {
      cause ??= error
    }
  }
  throw missing(names[0]!, cause)
}

async function given(lib: NonNullable<RuntimeChoice['lib']>, threads: number | undefined): Promise<LoadedRuntime> {
  const found = runtimeOf(typeof lib === 'function' ? await lib() : lib)
  if (found === undefined)
    throw new TypeError('onnxDetector: lib must be the module onnxruntime-node or onnxruntime-web, or a loader of it')
  const name = found.env?.versions?.node === undefined ? 'onnxruntime-web' : 'onnxruntime-node'
  // Whoever brings the module has set it up, unless a number was asked for here.
  if (name === 'onnxruntime-web' && threads !== undefined) found.env.wasm.numThreads = threads
  return { lib: found, name }
}

/** As a bundler or a loader of CommonJS may have wrapped it. */
function runtimeOf(module: unknown): OnnxRuntime | undefined {
  for (const candidate of [module, (module as { default?: unknown } | undefined)?.default]) {
    const { InferenceSession, Tensor } = (candidate ?? {}) as Partial<OnnxRuntime>
    if (typeof InferenceSession?.create === 'function' && typeof Tensor === 'function') return candidate as OnnxRuntime
  }
  return undefined
}

function missing(name: RuntimeName, cause: unknown): MissingDependencyError {
  const hint = isNode
    ? 'or onnxruntime-web, without native code; where the install script may not download, set ONNXRUNTIME_NODE_INSTALL=skip'
    : "behind a bundler also lib: () => import('onnxruntime-web/wasm')"
  return new MissingDependencyError(name, `ONNX models (${hint})`, { cause })
}
