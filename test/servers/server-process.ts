import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

/** A server that a test has started, ended by its pid and nothing else. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #log: string

  /** @param log - file that gets what it prints */
  constructor(file: string, args: readonly string[], log: string) {
    const out = openSync(log, 'a')
    // a group of its own: ending the test runner's group must not end the server in the middle of a test
    this.#child = spawn(file, args, { stdio: ['ignore', out, out], detached: true })
    closeSync(out)
    this.#log = log
    this.#child.unref()
    process.once('exit', this.#onExit)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves when the port answers. */
  async listens(port: number, timeoutMs = 10_000): Promise<void> {
    await this.#until(() => answers(port), timeoutMs, `port ${port}`)
  }

  /** Resolves when it has printed this. */
  async prints(text: string, timeoutMs: number): Promise<void> {
    await this.#until(async () => readFileSync(this.#log, 'utf8').includes(text), timeoutMs, `'${text}'`)
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    process.removeListener('exit', this.#onExit)
    if (this.#hasEnded) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.ref() // its end is waited for
    this.#child.kill(signal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined
  }

  readonly #onExit = (): void => {
    if (!this.#hasEnded) this.#child.kill('SIGKILL')
  }

  async #until(isReady: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!(await isReady())) {
      if (this.#hasEnded || Date.now() > deadline) {
        await this.end('SIGKILL')
        throw new Error(`the server did not get to ${what}: ${readFileSync(this.#log, 'utf8').slice(-2000)}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
