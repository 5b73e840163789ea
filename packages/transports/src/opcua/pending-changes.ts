import type { Clock } from '@messwerk/core/model'

const CLOCKS: readonly Clock[] = ['source', 'server', 'arrival']
const FEW = 32

/**
 * Changes of one stream that are not rows yet, as columns: nothing is made for each of them.
 *
 * @internal
 */
export class PendingChanges {
  count = 0
  /** ns from the base of the stream. */
  times = new Float64Array(FEW)
  /** ms since the Unix epoch, and ns beyond them. */
  wholes = new Float64Array(FEW)
  fines = new Float64Array(FEW)
  nodes = new Int32Array(FEW)
  statuses = new Uint32Array(FEW)
  /** Values of nodes that hold one number. */
  numbers = new Float64Array(FEW)
  /** Values of the others. */
  inner: unknown[] = []
  #clocks = new Uint8Array(FEW)
  #isSorted = true

  clock(at: number): Clock {
    return CLOCKS[this.#clocks[at] as number] as Clock
  }

  /** @param value - a number, or what holds several */
  add(node: number, time: number, whole: number, fine: number, clock: Clock, status: number, value: unknown): void {
    const at = this.count
    if (at === this.times.length) this.#resize(2 * at)
    if (at > 0 && time < (this.times[at - 1] as number)) this.#isSorted = false
    this.times[at] = time
    this.wholes[at] = whole
    this.fines[at] = fine
    this.nodes[at] = node
    this.statuses[at] = status
    this.#clocks[at] = clock === 'source' ? 0 : clock === 'server' ? 1 : 2
    if (typeof value === 'number') this.numbers[at] = value
    else this.inner[at] = value
    this.count = at + 1
  }

  /** Indexes in the order of time; undefined where they are in order already. */
  order(): Uint32Array | undefined {
    if (this.#isSorted) return undefined
    const { times } = this
    const order = Uint32Array.from({ length: this.count }, (_, i) => i)
    return order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b)
  }

  /** Times count from another base. @param base - ms since the Unix epoch */
  rebase(base: number): void {
    for (let i = 0; i < this.count; i += 1) {
      this.times[i] = ((this.wholes[i] as number) - base) * 1e6 + (this.fines[i] as number)
    }
  }

  clear(): void {
    const { count } = this
    this.count = 0
    this.#isSorted = true
    if (this.inner.length > 0) this.inner = []
    if (this.times.length > FEW && this.times.length > 8 * count) this.#resize(FEW) // one burst is not kept for good
  }

  #resize(size: number): void {
    const kept = Math.min(size, this.times.length)
    this.times = copied(new Float64Array(size), this.times, kept)
    this.wholes = copied(new Float64Array(size), this.wholes, kept)
    this.fines = copied(new Float64Array(size), this.fines, kept)
    this.nodes = copied(new Int32Array(size), this.nodes, kept)
    this.statuses = copied(new Uint32Array(size), this.statuses, kept)
    this.numbers = copied(new Float64Array(size), this.numbers, kept)
    this.#clocks = copied(new Uint8Array(size), this.#clocks, kept)
  }
}

function copied<T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(to: T, from: T, count: number): T {
  to.set(from.subarray(0, count))
  return to
}
