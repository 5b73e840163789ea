import type { Batch, SdkError } from '@messwerk/core/model'

/** Batches that wait for the pipeline; then nothing more is asked for. */
const WINDOW = 4

/** What a connection has ready, and why no more comes. @internal */
export class ReadyBatches {
  #ready: Batch[] = []
  #error: SdkError | undefined
  #wake: (() => void) | undefined
  #free: (() => void) | undefined

  get error(): SdkError | undefined {
    return this.#error
  }

  /** Batches that may still be made. */
  get room(): number {
    return WINDOW - this.#ready.length
  }

  push(batch: Batch): void {
    this.#ready.push(batch)
    this.awake()
  }

  /** Ends it behind what is ready; the first reason counts. */
  fail(error: SdkError): void {
    this.#error ??= error
    this.awake()
  }

  readonly awake = (): void => {
    this.#wake?.()
    this.#free?.()
  }

  /** Resolves when there is room, or when somebody is to look up. */
  async free(): Promise<void> {
    if (this.room > 0 || this.#error) return
    await new Promise<void>((resolve) => {
      this.#free = resolve
    })
    this.#free = undefined
  }

  /** The next batch; undefined after an abort. @throws SdkError */
  async next(signal: AbortSignal): Promise<Batch | undefined> {
    for (;;) {
      const batch = this.#ready.shift()
      if (batch) {
        this.#free?.()
        return batch
      }
      if (signal.aborted) return undefined
      if (this.#error) throw this.#error
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}
