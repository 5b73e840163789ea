/** Records that are gone although they were durable, each hole counted once, whoever finds it. @internal */
export class LogHoles {
  records = 0
  readonly #known = new Set<number>()

  found(from: number, count: number): void {
    if (this.#known.has(from)) return
    this.#known.add(from)
    this.records += count
  }
}
