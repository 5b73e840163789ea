/** A transmission that begins so much later than the one before is another one, ms: nobody connects and asks faster. */
const APART_MS = 15

/** When the amplifier had measured how much. */
export class DeviceLog {
  sent = 0
  lost = 0
  readonly #periodMs: number
  readonly #sent: number[] = []
  /** Time of scan 0 as each entry would have it, ms: each transmission begins with another, later one. */
  readonly #begins: number[] = []
  #fitted: Float64Array = new Float64Array(0)

  constructor(rate: number) {
    this.#periodMs = 1000 / rate
  }

  add({ sent, lost, at }: { readonly sent: number; readonly lost: number; readonly at: number }): void {
    this.lost = lost
    if (sent === this.sent) return
    this.sent = sent
    this.#sent.push(sent)
    this.#begins.push(at - sent * this.#periodMs)
  }

  /** When a scan was measured, ms since the Unix epoch, within about 1 ms: the earliest it can have been. */
  timeOf(scan: number): number {
    if (this.#fitted.length < this.#sent.length) this.#fitted = this.#fit()
    let from = 0
    let to = this.#sent.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#sent[middle]! > scan) to = middle
      else from = middle + 1
    }
    return (this.#fitted[from] ?? Number.NaN) + (scan + 1) * this.#periodMs
  }

  /** What is late in the log is later than it was measured: of each transmission its earliest entry counts. */
  #fit(): Float64Array {
    const fitted = Float64Array.from(this.#begins)
    for (let i = fitted.length - 2; i >= 0; i -= 1) fitted[i] = Math.min(fitted[i]!, fitted[i + 1]!)
    for (let i = 1; i < fitted.length; i += 1) {
      if (fitted[i]! - fitted[i - 1]! < APART_MS) fitted[i] = fitted[i - 1]!
    }
    return fitted
  }
}
