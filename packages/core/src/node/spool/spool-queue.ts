import type { Batch } from '../../model/source.ts'

/** A batch that was appended, until it is durable. @internal */
export interface Waiting {
  readonly batch: Batch
  readonly at: number
  readonly bytes: number
  readonly resolve: (position: number | undefined) => void
  readonly reject: (error: unknown) => void
  position: number
}

/** First in, first out, without moving what is behind. @internal */
export class SpoolQueue {
  bytes = 0
  #items: Waiting[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  get first(): Waiting | undefined {
    return this.#items[this.#head]
  }

  push(item: Waiting): void {
    this.#items.push(item)
    this.bytes += item.bytes
  }

  shift(): Waiting | undefined {
    const item = this.#items[this.#head]
    if (!item) return undefined
    this.bytes -= item.bytes
    this.#head += 1
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
