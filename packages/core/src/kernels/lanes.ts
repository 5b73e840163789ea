import type { Stream } from '../model/stream.ts'

interface Seen {
  lastUsed: number
}

/**
 * What is kept for each stream of each split, found by one look-up a block. When there are more than `limit`, the tenth
 * that was idle longest is evicted.
 *
 * @internal
 */
export class Lanes<T extends Seen> {
  readonly #make: (split: string, stream: Stream) => T
  readonly #evicted: (lane: T) => void
  readonly #left: (lane: T) => void
  readonly #limit: number
  readonly #splits = new Map<string, Map<string, T>>()
  #size = 0
  #uses = 0
  #lastSplit: string | undefined
  #lastId: string | undefined
  #last: T | undefined

  /** @param left - told of each that is kept no longer, evicted or dropped */
  constructor(
    make: (split: string, stream: Stream) => T,
    limit: number,
    evicted: (lane: T) => void,
    left: (lane: T) => void = () => {}
  ) {
    this.#make = make
    this.#limit = limit
    this.#evicted = evicted
    this.#left = left
  }

  get size(): number {
    return this.#size
  }

  get(split: string, stream: Stream): T {
    const { id } = stream
    if (id !== this.#lastId || split !== this.#lastSplit) this.#find(split, stream, id)
    const lane = this.#last as T
    lane.lastUsed = ++this.#uses
    return lane
  }

  #find(split: string, stream: Stream, id: string): void {
    let lanes = this.#splits.get(split)
    if (!lanes) {
      lanes = new Map()
      this.#splits.set(split, lanes)
    }
    let lane = lanes.get(id)
    if (lane === undefined) {
      if (this.#size >= this.#limit) this.#evict()
      lane = this.#make(split, stream)
      lanes.set(id, lane)
      this.#size += 1
    }
    this.#lastSplit = split
    this.#lastId = id
    this.#last = lane
  }

  *of(split: string): Generator<T> {
    yield* this.#splits.get(split)?.values() ?? []
  }

  *all(): Generator<T> {
    for (const lanes of this.#splits.values()) yield* lanes.values()
  }

  /** Forgets a split, for example because another process reads it now. */
  drop(split: string): void {
    for (const lane of this.of(split)) this.#left(lane)
    this.#size -= this.#splits.get(split)?.size ?? 0
    this.#splits.delete(split)
    if (this.#lastSplit === split) this.#lastSplit = this.#lastId = this.#last = undefined
  }

  #evict(): void {
    const ages = [...this.all()].map((lane) => lane.lastUsed).sort((a, b) => a - b)
    const oldest = ages[Math.floor(ages.length / 10)] as number
    for (const lanes of this.#splits.values()) {
      for (const [id, lane] of lanes) {
        if (lane.lastUsed > oldest) continue
        lanes.delete(id)
        this.#size -= 1
        this.#evicted(lane)
        this.#left(lane)
      }
    }
    this.#lastSplit = this.#lastId = this.#last = undefined
  }
}
