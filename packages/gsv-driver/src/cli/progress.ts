import { type Block, type Gap, joinGaps } from '@messwerk/core/model'
import type { Limit } from './limited.ts'
import type { Surroundings } from './surroundings.ts'

const TERMINAL_MS = 200
const LINES_MS = 10_000

/** How far a recording is: in place in a terminal, else a line every 10 s. @internal */
export class Progress {
  readonly #around: Surroundings
  readonly #limit: Limit
  #scans = 0
  #rate = 0
  #missing: Gap | undefined
  #gaps = 0
  #shown = performance.now()

  constructor(around: Surroundings, limit: Limit) {
    this.#around = around
    this.#limit = limit
  }

  add(block: Block | undefined, gap: Gap | undefined): void {
    this.#scans += block?.length ?? 0
    this.#rate = block?.stream.rate ?? this.#rate
    if (gap) {
      this.#gaps += 1
      this.#missing = joinGaps(this.#missing, gap)
    }
    const { progress, err } = this.#around
    const now = performance.now()
    if (now - this.#shown < (progress ? TERMINAL_MS : LINES_MS)) return
    this.#shown = now
    if (progress) progress(`\r${this.#text()}\x1b[K`)
    else err(this.#text())
  }

  end(path: string): void {
    this.#around.progress?.('\r\x1b[K')
    this.#around.err(this.#scans > 0 ? `wrote ${this.#text()} to ${path}` : 'no scans came, nothing was written')
  }

  #text(): string {
    const missing = this.#missing?.scans ?? 0
    const done = this.#done(missing === 'unknown' ? 0 : missing)
    const share = done === undefined ? '' : ` (${Math.min(100, Math.round(100 * done))} %)`
    const gaps = this.#gaps === 1 ? '1 gap' : `${this.#gaps} gaps`
    const holes = this.#gaps > 0 ? `, ${gaps}, ${missing === 'unknown' ? 'unknown' : missing} missing` : ', no gaps'
    return `${this.#scans} scans${share}${holes}`
  }

  /** The part of what is wanted; undefined where there is no end. */
  #done(missing: number): number | undefined {
    const { scans, seconds } = this.#limit
    if (scans === undefined && seconds === undefined) return undefined
    const ofScans = scans === undefined ? 0 : this.#scans / scans
    const ofTime = seconds === undefined ? 0 : (this.#scans + missing) / (seconds * this.#rate)
    return Math.max(ofScans, Number.isFinite(ofTime) ? ofTime : 0)
  }
}
