import { type ChildProcess, spawn } from 'node:child_process'
import type { FromSubject, SubjectSettings } from './protocol.ts'

/** How long a recovery took, and parts of it, ms. */
export interface Recovered {
  /** From the kill to the first new row. */
  readonly all: number
  /** From the start of the process until its code is loaded. */
  readonly load: number
  /** From there until sinks are open, the state is restored and the source runs, or a first row is stored. */
  readonly open: number
  /** From the first row that is stored, which may have been stored before, to the first new one. */
  readonly replay: number
}

/** Of one process, or of several that share the work. */
export class Progress {
  /** Time of the newest durable row by stream. */
  readonly newest = new Map<string, number>()
  /** When there was a newer one, `performance.now()`. */
  at = performance.now()
}

/** Times of `performance.now()`. */
interface Life {
  readonly spawnedAt: number
  loadedAt: number | undefined
  readyAt: number | undefined
  storedAt: number | undefined
  isSlow: boolean
}

function newLife(): Life {
  return { spawnedAt: performance.now(), loadedAt: undefined, readyAt: undefined, storedAt: undefined, isSlow: false }
}

/** The process under test, seen from outside: it is started, killed and started again. */
export class SubjectProcess {
  kills = 0
  largestUnsettled = 0
  /** Ends that nobody asked for, with what the process said. */
  readonly failures: string[] = []
  /** From kills to the first new row. */
  readonly recoveries: Recovered[] = []
  /** The same where something else went wrong meanwhile. */
  readonly disturbedRecoveries: Recovered[] = []
  /** Of rows, whether they are new or not. */
  lastWrite = performance.now()
  writes = 0
  readyAt = 0
  /** What it said last of its parts, with the time: the newest few. */
  readonly statuses: string[] = []
  /** What a process said that was not ready in time. */
  readonly slowStarts: string[][] = []
  metrics: unknown
  state: 'none' | 'starting' | 'ready' | 'done' = 'none'
  readonly #program: string
  readonly #settings: SubjectSettings
  readonly #disturbedSince: (then: number) => boolean
  readonly #seen: Progress
  #child: ChildProcess | undefined
  #killedAt: number | undefined
  #life: Life = newLife()
  #wake: () => void = () => {}
  #stderr = ''

  /**
   * @param disturbedSince - whether anything but a kill has gone wrong since a time of `performance.now()`
   * @param seen - shared by all processes of a trial
   */
  constructor(
    program: string,
    settings: SubjectSettings,
    disturbedSince: (then: number) => boolean,
    seen: Progress = new Progress()
  ) {
    this.#seen = seen
    this.#program = program
    this.#disturbedSince = disturbedSince
    this.#settings = settings
  }

  /** Time of the newest durable row by stream. */
  get newest(): ReadonlyMap<string, number> {
    return this.#seen.newest
  }

  get lastProgress(): number {
    return this.#seen.at
  }

  start(): void {
    this.state = 'starting'
    this.#stderr = ''
    this.#life = newLife()
    const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const
    const child = spawn(process.execPath, [this.#program, JSON.stringify(this.#settings)], { stdio: [...stdio] })
    this.#child = child
    child.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString()).slice(-4000)
    })
    child.on('message', (message: FromSubject) => this.#take(message, child === this.#child))
    child.on('error', () => {})
    child.on('exit', (code, signal) => this.#exited(child, code, signal))
  }

  /**
   * SIGKILL; resolves when the process is gone.
   *
   * @param moreComes - whether new rows are on their way, so that the time up to the first one says something
   */
  async kill(moreComes: boolean): Promise<void> {
    const child = this.#child
    if (!child || this.state === 'done') return
    this.kills += 1
    if (moreComes) this.#killedAt ??= performance.now()
    await this.#end(child)
  }

  /** Asks for a graceful stop. */
  stop(): void {
    const child = this.#child
    // it may be gone in this instant: its end is noticed elsewhere
    if (child?.connected && this.state !== 'done') child.send({ kind: 'stop' }, () => {})
  }

  /** Keeps what this process has said, once. */
  noteSlowStart(): void {
    if (this.#life.isSlow) return
    this.#life.isSlow = true
    this.slowStarts.push(this.statuses.slice(-12))
  }

  async close(): Promise<void> {
    if (this.#child) await this.#end(this.#child)
  }

  /** Waits for the next message or end, at most so long. */
  changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #end(child: ChildProcess): Promise<void> {
    this.#child = undefined
    this.state = this.state === 'done' ? 'done' : 'none'
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await gone
  }

  #take(message: FromSubject, isAlive: boolean): void {
    switch (message.kind) {
      case 'status':
        this.statuses.push(`${Math.round(performance.now())} ms: ${message.text}`)
        if (this.statuses.length > 40) this.statuses.shift()
        return
      case 'loaded':
        this.#life.loadedAt = performance.now()
        return
      case 'ready':
        this.state = 'ready'
        this.readyAt = performance.now()
        this.#life.readyAt = this.readyAt
        break
      case 'stored':
        this.largestUnsettled = Math.max(this.largestUnsettled, message.unsettled)
        this.#progress(message.newest, isAlive)
        return
      case 'done':
        this.largestUnsettled = Math.max(this.largestUnsettled, message.unsettled)
        this.metrics = message.metrics
        this.state = 'done'
        break
      case 'failed':
        this.failures.push(message.error)
    }
    this.#wake()
  }

  #progress(newest: Readonly<Record<string, number>>, isAlive: boolean): void {
    this.lastWrite = performance.now()
    this.writes += 1
    if (isAlive) this.#life.storedAt ??= this.lastWrite
    let isNew = false
    for (const [stream, ms] of Object.entries(newest)) {
      if (this.#seen.newest.get(stream)! >= ms) continue
      this.#seen.newest.set(stream, ms)
      isNew = true
    }
    if (!isNew) return
    this.#seen.at = performance.now()
    // what a killed process has reported before its end is no recovery
    if (this.#killedAt === undefined || !isAlive) return
    const list = this.#disturbedSince(this.#killedAt) ? this.disturbedRecoveries : this.recoveries
    const { spawnedAt, loadedAt = spawnedAt, storedAt = this.lastProgress, readyAt = storedAt } = this.#life
    list.push({
      all: this.lastProgress - this.#killedAt,
      load: loadedAt - spawnedAt,
      open: Math.min(readyAt, storedAt) - loadedAt,
      replay: this.lastProgress - storedAt
    })
    this.#killedAt = undefined
  }

  #exited(child: ChildProcess, code: number | null, signal: string | null): void {
    if (child !== this.#child) return
    this.#child = undefined
    if (this.state !== 'done') {
      if (code !== 2) this.failures.push(`ended with ${code ?? signal}: ${this.#stderr}`)
      this.state = 'none'
    }
    this.#wake()
  }
}
