import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'

/** One of the two programs: started, killed, started again. What it prints goes to a file. */
export class ReaderProcess {
  /** Its MQTT client id. */
  readonly clientId: string
  readonly #log: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined
  #isToEnd = false

  /** @param args - the program and its arguments */
  constructor(clientId: string, log: string, args: readonly [string, ...string[]]) {
    this.clientId = clientId
    this.#log = log
    this.#args = args
    process.once('exit', () => this.#child?.kill('SIGKILL'))
  }

  start(): void {
    const log = openSync(this.#log, 'a')
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ...this.#args], {
      stdio: ['ignore', log, log]
    })
    closeSync(log)
    this.#isToEnd = false
    this.#child = child
  }

  /** @throws {Error} when it has ended by itself */
  check(): void {
    const { exitCode, signalCode } = this.#child ?? {}
    if (this.#isToEnd || (exitCode === null && signalCode === null)) return
    throw new Error(
      `${this.#args[0]} ended with ${exitCode ?? signalCode}; what it said is in examples/quickstart/${this.#log}`
    )
  }

  /** Sends a signal; resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.check()
    if (!child || this.#isToEnd) return
    this.#isToEnd = true
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
}
