/**
 * Turns a device that pushes into something that is pulled, with a bound in bytes.
 *
 * When it is full, `push` refuses: the driver counts what it had to drop and declares it as a gap on the next block it
 * gets in. A peer that can be slowed down is paused through `onFull` and resumed through `onRoom` instead.
 *
 * @example
 * ```ts
 * import { PushQueue } from '@messwerk/core/driver'
 *
 * const queue = new PushQueue<string>({ bytes: 10 })
 * queue.push('a', 8) // => true
 * queue.push('b', 8) // => false
 * queue.end()
 * const got: string[] = []
 * for await (const item of queue) got.push(item)
 * got // => ['a']
 * ```
 */
export class PushQueue<T> implements AsyncIterable<T> {
  /** Items that were refused because the queue was full. */
  refused = 0
  readonly #limit: number
  readonly #onFull: (() => void) | undefined
  readonly #onRoom: (() => void) | undefined
  #items: { readonly item: T; readonly bytes: number }[] = []
  #head = 0
  #bytes = 0
  #isFull = false
  #ended = false
  #error: { readonly cause: unknown } | undefined
  #wake: (() => void) | undefined

  /**
   * @param options.bytes - most that the queue holds
   * @param options.onFull - called once when it becomes half full: pause the peer
   * @param options.onRoom - called once when it is empty again: resume the peer
   */
  constructor(options: { readonly bytes: number; readonly onFull?: () => void; readonly onRoom?: () => void }) {
    if (!(options.bytes > 0)) throw new RangeError(`PushQueue: bytes must be above 0, got ${options.bytes}`)
    this.#limit = options.bytes
    this.#onFull = options.onFull
    this.#onRoom = options.onRoom
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes an item, or returns false when there is no room for it. One item always fits an empty queue. */
  push(item: T, bytes: number): boolean {
    if (this.#ended || this.#error) return false
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limit) {
      this.refused += 1
      return false
    }
    this.#items.push({ item, bytes })
    this.#bytes += bytes
    if (!this.#isFull && this.#bytes * 2 >= this.#limit) {
      this.#isFull = true
      this.#onFull?.()
    }
    this.#wake?.()
    return true
  }

  /** No more comes; the reader gets what is there and then the end. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** The reader gets what is there and then this error. */
  fail(error: unknown): void {
    this.#error ??= { cause: error }
    this.#wake?.()
  }

  /** The items in the order they were pushed; waits for more until `end` or `fail`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      while (this.#head < this.#items.length) yield this.#take()
      if (this.#error) throw this.#error.cause
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  #take(): T {
    const { item, bytes } = this.#items[this.#head] as { item: T; bytes: number }
    this.#head += 1
    this.#bytes -= bytes
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head >= 1024) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    if (this.#isFull && this.#bytes === 0) {
      this.#isFull = false
      this.#onRoom?.()
    }
    return item
  }
}
