/** How many ids are remembered: half of the packet ids that MQTT has. */
const KEPT = 32_768

/**
 * Ids of the session messages taken last, by which a redelivery is known. An id ages out when so many others have come,
 * not when it is committed: whether the peer received the acknowledgement is not known.
 *
 * @internal
 */
export class SeenIds {
  readonly #ring: Float64Array
  readonly #known = new Set<number>()
  #next = 0
  #size = 0

  constructor(kept = KEPT) {
    this.#ring = new Float64Array(kept)
  }

  has(id: number): boolean {
    return this.#known.has(id)
  }

  add(id: number): void {
    if (this.#known.has(id)) return
    const ring = this.#ring
    if (this.#size === ring.length) this.#known.delete(ring[this.#next] as number)
    else this.#size += 1
    ring[this.#next] = id
    this.#known.add(id)
    this.#next = (this.#next + 1) % ring.length
  }

  /** The ids, oldest first. */
  snapshot(): Float64Array {
    const ids = new Float64Array(this.#size)
    const { length } = this.#ring
    const first = (this.#next - this.#size + length) % length
    for (let i = 0; i < this.#size; i += 1) ids[i] = this.#ring[(first + i) % length] as number
    return ids
  }

  restore(ids: Float64Array): void {
    for (const id of ids) this.add(id)
  }
}
