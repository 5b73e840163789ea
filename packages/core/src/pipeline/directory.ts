import type { CheckpointStore } from '../model/checkpoint.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { MissingDependencyError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'

/** What a directory of a run gives, loaded when it is first needed: the rest of the core runs where there are no files. */
interface StateDirectory {
  readonly checkpoints: CheckpointStore
  readonly deadLetters: Sink<DeadLetter>
}

/** @internal */
export class Directory {
  readonly #path: string
  #loaded: Promise<StateDirectory> | undefined

  constructor(path: string) {
    this.#path = path
  }

  get checkpoints(): CheckpointStore {
    return { claim: async (pipeline) => (await this.#load()).checkpoints.claim(pipeline) }
  }

  get deadLetters(): Sink<DeadLetter> {
    const sink = async (): Promise<Sink<DeadLetter>> => (await this.#load()).deadLetters
    return {
      id: 'dead letters',
      open: async (signal) => (await sink()).open?.(signal),
      write: async (letters, signal) => (await sink()).write(letters, signal),
      close: async () => this.#loaded && (await sink()).close?.()
    }
  }

  #load(): Promise<StateDirectory> {
    this.#loaded ??= loadNode().then(({ stateDirectory }) => stateDirectory(this.#path))
    return this.#loaded
  }
}

/** A browser gets an empty module in its place: see `browser` in the package's manifest. */
async function loadNode(): Promise<typeof import('../node/index.ts')> {
  const node = await import('../node/index.ts')
  if ('stateDirectory' in node) return node
  throw new MissingDependencyError('node:fs', 'start({ directory })')
}
