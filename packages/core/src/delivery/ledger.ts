/**
 * The account of one batch: settled when its turn is over and every required sink has what came of it.
 *
 * It is one counter, not a handle on every block.
 *
 * @internal
 */
export class Delivery {
  readonly position: number
  readonly bytes: number
  /** When it was taken, on the scheduler's clock that only goes forward, ms. */
  readonly since: number
  #open = 1
  readonly #settled: (delivery: Delivery) => void

  constructor(position: number, bytes: number, since: number, settled: (delivery: Delivery) => void) {
    this.position = position
    this.bytes = bytes
    this.since = since
    this.#settled = settled
  }

  get isSettled(): boolean {
    return this.#open === 0
  }

  /** One more part of the pipeline has something of this batch that is not durable yet. */
  hold(): void {
    this.#open += 1
  }

  /** One part is done. */
  release(): void {
    this.#open -= 1
    if (this.#open === 0) this.#settled(this)
  }
}

/** Deliveries of one split in order: they settle in any order, only the contiguous settled prefix counts. @internal */
export class Ledger {
  /** Position of the last delivery of the settled prefix. */
  settledTo: number | undefined
  /** Deliveries tracked so far, and those in the settled prefix. */
  tracked = 0
  settled = 0
  #queue: Delivery[] = []
  #head = 0
  #fenced = false
  readonly #onSettled: (bytes: number, advanced: boolean) => void

  /** @param onSettled - called with the bytes of each settled delivery, and whether the prefix advanced */
  constructor(onSettled: (bytes: number, advanced: boolean) => void) {
    this.#onSettled = onSettled
  }

  get unsettled(): number {
    return this.#queue.length - this.#head
  }

  /** When the oldest delivery that is not in the settled prefix was taken. */
  get oldestSince(): number | undefined {
    return this.#queue[this.#head]?.since
  }

  track(position: number, bytes: number, since = 0): Delivery {
    const delivery = new Delivery(position, bytes, since, this.#settle)
    this.#queue.push(delivery)
    this.tracked += 1
    return delivery
  }

  /** Nothing of this split counts any more: it belongs to someone else. */
  fence(): void {
    this.#fenced = true
  }

  get isFenced(): boolean {
    return this.#fenced
  }

  readonly #settle = (delivery: Delivery): void => {
    let advanced = false
    while (this.#queue[this.#head]?.isSettled) {
      const { position } = this.#queue[this.#head] as Delivery
      this.#head += 1
      this.settled += 1
      if (this.#fenced) continue
      this.settledTo = position
      advanced = true
    }
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
    } else if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    this.#onSettled(delivery.bytes, advanced)
  }
}
