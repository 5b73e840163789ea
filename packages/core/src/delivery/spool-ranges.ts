type Range = readonly [from: number, to: number]

/**
 * Which positions of a spool are not written to the sink yet: what is behind (back-fill), and everything after `live`.
 *
 * @internal
 */
export class SpoolRanges {
  live: number
  #behind: Range[] = []

  constructor(live: number) {
    this.live = live
  }

  /** What was dropped meanwhile stays in it: reading from there is how its hole is declared. */
  static parse(text: string | undefined, first: number): SpoolRanges {
    if (text === undefined) return new SpoolRanges(first - 1)
    const { live, behind } = JSON.parse(text) as { readonly live: number; readonly behind: readonly Range[] }
    const ranges = new SpoolRanges(live)
    ranges.#behind = behind.slice()
    return ranges
  }

  /** What is behind, the oldest first. */
  get behind(): Range | undefined {
    return this.#behind[0]
  }

  /** Everything up to here is written. */
  get done(): number {
    return this.#behind[0] ? this.#behind[0][0] - 1 : this.live
  }

  /** Positions from `first` to `durable` that are not written. */
  unwritten(first: number, durable: number): number {
    const count = (from: number, to: number): number => Math.max(0, to - Math.max(from, first) + 1)
    return this.#behind.reduce((sum, [from, to]) => sum + count(from, to), count(this.live + 1, durable))
  }

  /** Everything up to here that is not written falls behind; live goes on after it. */
  fallBehind(to: number): void {
    if (to <= this.live) return
    const last = this.#behind.at(-1)
    if (last && last[1] === this.live) this.#behind[this.#behind.length - 1] = [last[0], to]
    else this.#behind.push([this.live + 1, to])
    this.live = to
  }

  /** Of the oldest range behind, everything up to here is written. */
  caughtUp(to: number): void {
    const [first, ...rest] = this.#behind
    if (!first) return
    this.#behind = to >= first[1] ? rest : [[to + 1, first[1]] as const].concat(rest)
  }

  toText(): string {
    return JSON.stringify({ live: this.live, behind: this.#behind })
  }
}
