import nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { type Batch, NotConnectedError, type ReadOptions, type SourceReport } from '@messwerk/core/model'
import { unpackBatch } from './crossing.ts'
import { unpackError } from './crossing-error.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'

/**
 * Beside the entries of the package. Bundlers such as Vite know a literal address that is given to a `Worker` by that name, and would look
 * for the file while they build for a browser, which never starts it: so it has neither.
 */
const PACKED = './source/worker/reading.thread.js'
const SOURCE = './reading.thread.ts'
const Thread = Worker

interface Waiting {
  readonly resolve: (batch: Batch | undefined) => void
  readonly reject: (error: Error) => void
}

/**
 * A thread that reads, as the thread that asks sees it: one reading at a time.
 *
 * @internal
 */
export class ReadingThread {
  /** Whether the thread itself is gone. */
  isGone = false
  readonly #worker: Worker
  readonly #url: string
  #report: ((report: SourceReport) => void) | undefined
  #waiting: Waiting | undefined
  /** How the reading ended; undefined within when it ended well. */
  #over: { readonly error: Error | undefined } | undefined

  /** @param url - of the device, for errors */
  constructor(data: ThreadData, url: string) {
    this.#url = url
    this.#worker = started({ workerData: data, name: 'gsvSource' })
    this.#worker.on('message', (message: FromThread) => this.#take(message))
    this.#worker.on('error', (error: Error) => this.#gone(error))
    this.#worker.on('exit', (code) => {
      this.#gone(new NotConnectedError(this.#url, `the thread that reads it has ended (${code})`))
    })
  }

  /** Whether a reading ended with an error and the thread can begin another. */
  get isReusable(): boolean {
    return !this.isGone && this.#over?.error !== undefined
  }

  /** Begins a reading. */
  begin({ from, memos, report }: Pick<ReadOptions, 'from' | 'memos' | 'report'>): void {
    this.#over = undefined
    this.#report = report
    this.#worker.ref()
    this.#tell({ from, memos })
  }

  /** The next batch; undefined at the end. @throws what ended the reading */
  next(): Promise<Batch | undefined> {
    return this.#ask('next')
  }

  /** The reading is to end: what was received is still handed over. */
  stop(): void {
    if (!this.#over) this.#tell('stop')
  }

  /** Keeps no process alive until it begins again. */
  rest(): void {
    this.#worker.unref()
  }

  /** Nothing more is wanted: the device is left as at the end of a reading, and the thread is gone. */
  async close(): Promise<void> {
    if (!this.#over) await this.#ask('leave').catch(() => {})
    await this.#worker.terminate()
  }

  #ask(order: 'next' | 'leave'): Promise<Batch | undefined> {
    if (this.#over) return this.#over.error ? Promise.reject(this.#over.error) : Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#tell(order)
    })
  }

  #tell(order: ToThread): void {
    this.#worker.postMessage(order)
  }

  #take(message: FromThread): void {
    if (message.kind === 'report') return this.#report?.(message.report)
    if (message.kind === 'failed') return this.#end(unpackError(message.error))
    if (message.kind === 'ended') return this.#end(undefined)
    const { resolve } = this.#waiting ?? {}
    this.#waiting = undefined
    resolve?.(unpackBatch(message.batch))
  }

  #gone(error: Error): void {
    this.isGone = true
    this.#end(error)
  }

  #end(error: Error | undefined): void {
    if (this.#over) return
    this.#over = { error }
    if (error) this.#waiting?.reject(error)
    else this.#waiting?.resolve(undefined)
    this.#waiting = undefined
  }
}

/** Starts `reading.thread`: beside the package's entry, or in a checkout, whose TypeScript needs a loader in each thread. */
function started(data: WorkerOptions): Worker {
  // of a program that came by --eval; no thread that is a file starts with it
  const execArgv = process.execArgv.filter((option) => !option.startsWith('--input-type='))
  // given, they are checked more strictly than inherited: --expose-gc would be refused
  const options = execArgv.length < process.execArgv.length ? { ...data, execArgv } : data
  if (!import.meta.url.endsWith('.ts')) return new Thread(new URL(PACKED, import.meta.url), options)
  const { href } = new URL(SOURCE, import.meta.url)
  // found from here: the thread's own place is the working directory
  const tsx = pathToFileURL(nodeModule.createRequire(import.meta.url).resolve('tsx/package.json'))
  const loader = new URL('./dist/esm/api/index.mjs', tsx)
  const loaded = `import('${loader}').then(({ register }) => (register(), import('${href}')))`
  return new Thread(loaded, { ...options, eval: true })
}
