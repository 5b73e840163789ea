import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, lstatSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Scheduler, systemTime } from '@messwerk/core/driver'
import { InUseError, NotConnectedError } from '@messwerk/core/model'

const PROGRAM = 'socat'
const POLL_MS = 10
/** Longest wait for the port to be there, ms. */
const OPEN_MS = 10_000
/** Ends so soon after the start are failures, ms; after so many in a row it is given up. */
const SOON_MS = 200
const MOST_FAILURES = 5

/**
 * Serves what listens on a TCP port on a pseudo terminal, by socat. It connects when a host opens the port, and ends when
 * the host closes it; then the next one is started.
 *
 * @internal
 */
export class PseudoTerminal {
  readonly #path: string
  readonly #target: string
  readonly #scheduler: Scheduler
  #child: ChildProcess | undefined
  #isWanted = false
  #failures = 0
  #said = ''

  /** @param url - `tcp://host:port` to connect to */
  constructor(path: string, url: string, scheduler: Scheduler = systemTime) {
    this.#path = path
    this.#target = url.replace('tcp://', '')
    this.#scheduler = scheduler
  }

  /** @throws NotConnectedError when there is no socat, or it cannot make the port; InUseError when the path is taken */
  async open(): Promise<string> {
    const url = `serial:${this.#path}`
    if (!findSocat()) {
      const hint =
        'a pseudo terminal needs the program socat, which is not in PATH: install it (Debian: apt-get install'
      throw new NotConnectedError(url, `${hint} socat), or serve over TCP`)
    }
    if (existsSync(this.#path) && !lstatSync(this.#path).isSymbolicLink())
      throw new InUseError(url, 'there is a file of this name; choose another path')
    await this.plug()
    return url
  }

  /** Makes the port, and makes it anew each time a host has closed it. */
  async plug(): Promise<void> {
    this.#isWanted = true
    this.#failures = 0
    this.#start()
    for (let waited = 0; !existsSync(this.#path); waited += POLL_MS) {
      if (!this.#isWanted || waited > OPEN_MS) {
        await this.unplug()
        throw new NotConnectedError(
          `serial:${this.#path}`,
          `socat could not make the port: ${this.#said || 'it took too long'}`
        )
      }
      await new Promise<void>((resolve) => void this.#scheduler.after(POLL_MS, resolve))
    }
  }

  /** The port is gone. */
  async unplug(): Promise<void> {
    this.#isWanted = false
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
    child.kill()
    await ended
  }

  async close(): Promise<void> {
    await this.unplug()
  }

  #start(): void {
    const from = `PTY,link=${this.#path},raw,echo=0,wait-slave,pty-interval=0.02`
    const child = spawn(PROGRAM, ['-t', '0', from, `TCP:${this.#target},nodelay`], {
      stdio: ['ignore', 'ignore', 'pipe']
    })
    const begun = performance.now()
    this.#child = child
    child.stderr?.on('data', (text) => {
      this.#said = String(text).trim().slice(-500)
    })
    child.on('error', (error) => {
      this.#said = error.message
      this.#isWanted = false
    })
    child.on('exit', () => {
      this.#failures = performance.now() - begun < SOON_MS ? this.#failures + 1 : 0
      if (this.#failures > MOST_FAILURES) this.#isWanted = false
      if (this.#isWanted && this.#child === child) this.#start()
    })
  }
}

function findSocat(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, PROGRAM)))
}
