import type { Snapshot } from '@messwerk/core/model'
import { importPackage } from '../onnx-runtime/import-package.ts'
import type { TrainProgress } from './train-progress.ts'
import type { FromTraining, TrainingTask } from './training-task.ts'

type Worker = import('node:worker_threads').Worker
type WorkerOptions = import('node:worker_threads').WorkerOptions

/**
 * Beside the entries of the package. Bundlers such as Vite know a literal address that is given to a `Worker` by that name, and would look
 * for the file while they build for a browser, which never starts it: so it has neither.
 */
const PACKED = './training/training.thread.js'
const SOURCE = './training.thread.ts'

/** There is no thread to be had: the program was bundled without its file, or may not start any. @internal */
export class NoThread extends Error {}

/** In a thread of its own. @throws NoThread before anything was done, else what went wrong or the reason of the signal @internal */
export async function trainInThread(
  task: TrainingTask,
  onProgress: (progress: TrainProgress) => void,
  signal: AbortSignal | undefined
): Promise<Snapshot | undefined> {
  const worker = await started({ workerData: task, name: 'train' })
  let end: () => void = () => {}
  try {
    return await new Promise<Snapshot | undefined>((resolve, reject) => {
      end = () => reject(signal!.reason)
      signal?.addEventListener('abort', end, { once: true })
      if (signal?.aborted) end()
      listen(worker, resolve, reject, onProgress)
    })
  } finally {
    signal?.removeEventListener('abort', end)
    await worker.terminate()
  }
}

function listen(
  worker: Worker,
  resolve: (snapshot: Snapshot | undefined) => void,
  reject: (error: unknown) => void,
  onProgress: (progress: TrainProgress) => void
): void {
  let hasBegun = false
  const gone = (cause: unknown): void => reject(hasBegun ? cause : new NoThread('train: no thread', { cause }))
  worker.on('error', gone)
  worker.on('exit', (code) => gone(new Error(`train: the thread has ended (${code})`)))
  worker.on('message', (message: FromTraining) => {
    hasBegun = true
    if (message.kind === 'trained') resolve(message.snapshot)
    if (message.kind !== 'progress') return
    try {
      onProgress(message.progress)
    } catch (error) {
      reject(error)
    }
  })
}

/** Starts `training.thread`: in the package, or in a checkout, whose TypeScript needs a loader in each thread. */
async function started(data: WorkerOptions): Promise<Worker> {
  const [{ Worker: Thread }, { execArgv: all }] = await Promise.all([
    importPackage<typeof import('node:worker_threads')>('node:worker_threads'),
    importPackage<typeof import('node:process')>('node:process')
  ])
  // of a program that came by --eval; no thread that is a file starts with it
  const execArgv = all.filter((option) => !option.startsWith('--input-type='))
  // given, they are checked more strictly than inherited: --expose-gc would be refused
  const options = Object.assign({}, execArgv.length < all.length && { execArgv }, data)
  try {
    if (!import.meta.url.endsWith('.ts')) return new Thread(new URL(PACKED, import.meta.url), options)
    return new Thread(await fromSource(), Object.assign({ eval: true }, options))
  } catch (cause) {
    throw new NoThread('train: no thread', { cause })
  }
}

async function fromSource(): Promise<string> {
  const [{ createRequire }, { pathToFileURL }] = await Promise.all([
    importPackage<typeof import('node:module')>('node:module'),
    importPackage<typeof import('node:url')>('node:url')
  ])
  const { href } = new URL(SOURCE, import.meta.url)
  // found from here: the thread's own place is the working directory
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))
  const loader = new URL('./dist/esm/api/index.mjs', tsx)
  return `import('${loader}').then(({ register }) => (register(), import('${href}')))`
}
