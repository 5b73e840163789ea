import { join } from 'node:path'
import type { SdkError } from '../../model/errors.ts'
import { storageError } from '../storage-error.ts'
import { segmentName } from './segment-name.ts'
import type { SpoolFiles } from './spool-files.ts'

interface Doomed {
  readonly first: number
  /** Writes down what is to be known of it when it is gone. */
  readonly note: () => Promise<void>
}

/**
 * Removes segments, the oldest first, so that what a failure leaves is the end of what was to go. What could not be removed
 * is tried again with the next one, and by the next process.
 *
 * @internal
 */
export class SegmentRemover {
  error: SdkError | undefined
  readonly #files: SpoolFiles
  readonly #folder: string
  readonly #doomed: Doomed[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(files: SpoolFiles, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  add(first: number, note: () => Promise<void> = async () => {}): void {
    this.#doomed.push({ first, note })
    if (this.#doomed.length === 1) void this.run()
  }

  /** Resolves when everything is gone that can be removed. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#removeAll())
    return this.#running
  }

  async #removeAll(): Promise<void> {
    try {
      for (let next = this.#doomed[0]; next; next = this.#doomed[0]) {
        await this.#remove(next)
        this.#doomed.shift()
      }
      this.error = undefined
    } catch (error) {
      this.error = storageError(this.#folder, error)
    }
  }

  async #remove({ first, note }: Doomed): Promise<void> {
    const isNoted = await note().then(
      () => true,
      () => false // a disk that is full has room for a note when the segment is gone
    )
    await this.#files.remove(join(this.#folder, segmentName(first)))
    if (!isNoted) await note()
  }
}
