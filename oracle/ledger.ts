/** Which records were sent, and for which of them the pipeline under test is obliged. It lives outside that process. */
export class Ledger {
  sent = 0
  acknowledged = 0
  readonly #acknowledged: Uint8Array

  constructor(records: number) {
    this.#acknowledged = new Uint8Array(records)
  }

  /** Called before a record goes out. */
  send(): void {
    this.sent += 1
  }

  /** Called when the broker (the file, the device) has it. */
  acknowledge(id: number): void {
    if (this.#acknowledged[id] === 0) this.acknowledged += 1
    this.#acknowledged[id] = 1
  }

  acknowledgeAll(): void {
    this.sent = this.acknowledged = this.#acknowledged.length
    this.#acknowledged.fill(1)
  }

  isOwed(id: number): boolean {
    return this.#acknowledged[id] === 1
  }
}
