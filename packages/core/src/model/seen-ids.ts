/** How many ids are remembered: as many as MQTT has packet ids, so no redelivery is older. */
const KEPT = 65_536
const FIRST = 256

/**
 * Ids of the session messages taken last, by which a redelivery is known. An id ages out when so many others have come,
 * not when it is committed: whether the peer received the acknowledgement is not known.
 *
 * @internal
 */
export class SeenIds {
  readonly #kept: number
  /** Grows up to `kept`: most sources have few ids, or none. */
  #ring: Float64Array
  readonly #known = new Set<number>()
  #next = 0
  #size = 0

  constructor(kept = KEPT) {
    this.#kept = kept
    this.#ring = new Float64Array(Math.min(kept, FIRST))
  }

  has(id: number): boolean {
    return this.#known.has(id)
  }

  add(id: number): void {
    if (this.#known.has(id)) return
    if (this.#size === this.#ring.length && this.#size < this.#kept) this.#grow()
    const ring = this.#ring
    if (this.#size === ring.length) this.#known.delete(ring[this.#next] as number)
    else this.#size += 1
    ring[this.#next] = id
    this.#known.add(id)
    this.#next = (this.#next + 1) % ring.length
  }

  /** Until it has its full length, the oldest is at 0. */
  #grow(): void {
    const ring = new Float64Array(Math.min(this.#kept, 4 * this.#size))
    ring.set(this.#ring)
    this.#ring = ring
    this.#next = this.#size
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
