import type { LoadedModel } from './loaded-model.ts'

interface Loading {
  readonly model: Promise<LoadedModel>
  readonly stop: AbortController
  users: number
}

/**
 * One session for all streams of a spec: loaded for the first, released with the last.
 *
 * @internal
 */
export class SharedModel {
  readonly #load: (signal: AbortSignal) => Promise<LoadedModel>
  #loading: Loading | undefined

  constructor(load: (signal: AbortSignal) => Promise<LoadedModel>) {
    this.#load = load
  }

  /** Gives the model and what leaves it again. */
  async enter(signal?: AbortSignal): Promise<{ model: LoadedModel; leave: () => Promise<void> }> {
    signal?.throwIfAborted()
    const loading = this.#join()
    let hasLeft = false
    const leave = async (): Promise<void> => {
      if (hasLeft) return
      hasLeft = true
      await this.#leave(loading)
    }
    try {
      return { model: await unlessAborted(loading.model, signal), leave }
    } catch (error) {
      // A load that hangs must not hold back who has given up.
      void leave().catch(() => {})
      throw error
    }
  }

  #join(): Loading {
    if (this.#loading === undefined) {
      const stop = new AbortController()
      this.#loading = { model: this.#load(stop.signal), stop, users: 0 }
    }
    this.#loading.users += 1
    return this.#loading
  }

  async #leave(loading: Loading): Promise<void> {
    loading.users -= 1
    if (loading.users > 0) return
    // Who comes next loads anew, also where this load has failed.
    if (this.#loading === loading) this.#loading = undefined
    loading.stop.abort()
    const model = await loading.model.catch(() => undefined)
    await model?.release()
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop!)
  }
}
