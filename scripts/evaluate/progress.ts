import type { WriteStream } from 'node:tty'

const PAUSE_MS = 5000

/** Where a long run is: one line that changes on a terminal, a line every five seconds in a log. */
export class Progress {
  readonly #to: WriteStream
  #shown = Number.NEGATIVE_INFINITY

  constructor(to: WriteStream) {
    this.#to = to
  }

  show(text: string): void {
    const now = performance.now()
    if (this.#to.isTTY) this.#to.write(`\r\x1b[K${text}`)
    else if (now - this.#shown >= PAUSE_MS) {
      this.#shown = now
      this.#to.write(`${text}\n`)
    }
  }

  clear(): void {
    if (this.#to.isTTY) this.#to.write('\r\x1b[K')
  }
}
