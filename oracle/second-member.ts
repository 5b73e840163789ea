import { setTimeout as sleep } from 'node:timers/promises'
import type { SubjectProcess } from './subject-process.ts'

const EVERY_MS = 5000
const PATIENCE_MS = 60_000

/**
 * Another process with the same pipeline and a store of its own. It joins and leaves the group in turn, every five seconds, so that the
 * partitions go from one process to the other; at the end it leaves.
 */
export class SecondMember {
  readonly process: SubjectProcess
  /** Joins and leaves that have come about. */
  moves = 0
  /** When it did not come or go. */
  failure: string | undefined
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(process: SubjectProcess) {
    this.process = process
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when it has left. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.process.close()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.process.start()
      await this.#until(() => this.process.state !== 'starting', 'was not ready')
      if (this.process.state === 'ready') this.moves += 1
      await this.#pause()
      await this.#leave()
      if (!this.#stop.signal.aborted) await this.#pause()
    }
  }

  async #leave(): Promise<void> {
    if (this.process.state === 'none') return // it has failed, which is noted
    this.process.stop()
    await this.#until(() => this.process.state === 'done' || this.process.state === 'none', 'did not stop')
    if (this.process.state === 'done') this.moves += 1
    await this.process.close()
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (!holds() && performance.now() < deadline) await this.process.changed(500)
    if (!holds()) this.failure ??= `the second process ${what} within ${PATIENCE_MS / 1000} s`
  }

  async #pause(): Promise<void> {
    await sleep(EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => {})
  }
}
