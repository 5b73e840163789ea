import type { Gap } from '../model/gap.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { GapStatus } from './status.ts'

// a stream that loses something with every block would else be told of with every block
const PERIOD_MS = 1000

/** Declared holes of each source, for the status: told of at once, then once a second at most. @internal */
export class GapNews {
  readonly #scheduler: Scheduler
  readonly #tell: () => void
  readonly #sources = new Map<string, GapStatus>()
  #isQuiet = false
  #isNews = false
  #cancel: (() => void) | undefined

  constructor(scheduler: Scheduler, tell: () => void) {
    this.#scheduler = scheduler
    this.#tell = tell
  }

  note(source: string, stream: string, { scans, cause }: Gap): void {
    const before = this.#sources.get(source)
    const missingScans = (before?.missingScans ?? 0) + (scans === 'unknown' ? 0 : scans)
    const last = { stream, scans, cause, at: this.#scheduler.now() }
    this.#sources.set(source, { count: (before?.count ?? 0) + 1, missingScans, last })
    if (this.#isQuiet) this.#isNews = true
    else this.#say()
  }

  all(): Readonly<Record<string, GapStatus>> {
    return Object.fromEntries(this.#sources)
  }

  close(): void {
    this.#isQuiet = true
    this.#cancel?.()
  }

  #say(): void {
    this.#isQuiet = true
    this.#isNews = false
    this.#tell()
    this.#cancel = this.#scheduler.after(PERIOD_MS, () => {
      this.#isQuiet = false
      if (this.#isNews) this.#say()
    })
  }
}
