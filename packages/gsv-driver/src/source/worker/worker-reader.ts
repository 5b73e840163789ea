import type { Batch, ReadOptions } from '@messwerk/core/model'
import type { AnySourceOptions, ReadSettings } from '../read-gsv.ts'
import { packBatch } from './crossing.ts'
import { HandedOver } from './handed-over.ts'
import { ReadingThread } from './reading-thread.ts'

/** How long the thread of a lost link waits to be read again, ms: longer than any back-off. */
const KEPT_MS = 600_000

/**
 * The same as `readGsv`, with the link and all decoding in a thread of its own; one batch at a time crosses, when it is
 * asked for.
 *
 * When a reading ends, its thread does too; but after an error it rests, since what it knows of the device's
 * clock tells the next reading how many scans it missed.
 *
 * @internal
 */
export class WorkerReader {
  readonly #options: AnySourceOptions
  readonly #settings: Omit<ReadSettings, 'scheduler'>
  readonly #handedOver = new HandedOver()
  #resting: ReadingThread | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: AnySourceOptions, { scheduler: _, ...settings }: ReadSettings) {
    this.#options = options
    this.#settings = settings
  }

  async *read(how: ReadOptions): AsyncGenerator<Batch> {
    const { signal } = how
    if (signal.aborted) return
    const thread = this.#begin(how)
    const stop = (): void => thread.stop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      for (;;) {
        const batch = await thread.next()
        if (!batch) return
        this.#handedOver.note(batch)
        yield batch
      }
    } finally {
      signal.removeEventListener('abort', stop)
      if (thread.isReusable) this.#rest(thread)
      else await thread.close()
    }
  }

  #begin(how: ReadOptions): ReadingThread {
    clearTimeout(this.#timer)
    const thread = this.#resting?.isGone === false ? this.#resting : this.#start()
    this.#resting = undefined
    thread.begin(how)
    return thread
  }

  #start(): ReadingThread {
    const before = this.#handedOver.batches.map(packBatch)
    const data = { options: this.#options, settings: this.#settings, before }
    return new ReadingThread(data, this.#options.url as string)
  }

  #rest(thread: ReadingThread): void {
    thread.rest()
    this.#resting = thread
    this.#timer = setTimeout(() => void thread.close(), KEPT_MS).unref()
  }
}
