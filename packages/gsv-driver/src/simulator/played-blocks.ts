import type { Block } from '@messwerk/core/model'

/** Reads blocks scan by scan: their channels in order, the last scan for ever once they end. @internal */
export class PlayedBlocks {
  readonly #blocks: Iterator<Block>
  #block: Block | undefined
  #at = 0

  constructor(blocks: Iterable<Block>) {
    this.#blocks = blocks[Symbol.iterator]()
    this.#block = this.#next()
  }

  fill(values: Float64Array, count: number): void {
    values.fill(0)
    const block = this.#block
    if (!block) return
    const { length } = block
    const most = Math.min(count, block.stream.channels.length)
    for (let c = 0; c < most; c += 1) {
      const value = block.values[c * length + this.#at] as number
      values[c] = Number.isNaN(value) ? 0 : value
    }
    if (this.#at + 1 < length) this.#at += 1
    else {
      const next = this.#next()
      if (!next) return
      this.#block = next
      this.#at = 0
    }
  }

  #next(): Block | undefined {
    const { value, done } = this.#blocks.next()
    return done ? undefined : value
  }
}
