/** When the amplifier had measured how much. */
export class DeviceLog {
  sent = 0
  lost = 0
  readonly #sent: number[] = []
  readonly #at: number[] = []

  add({ sent, lost, at }: { readonly sent: number; readonly lost: number; readonly at: number }): void {
    this.lost = lost
    if (sent === this.sent) return
    this.sent = sent
    this.#sent.push(sent)
    this.#at.push(at)
  }

  /** When a scan was measured, ms, within some 10 ms. */
  timeOf(scan: number): number {
    let from = 0
    let to = this.#sent.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#sent[middle]! > scan) to = middle
      else from = middle + 1
    }
    return this.#at[from] ?? Number.NaN
  }
}
