import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A mosquitto of this trial: persistent, on a free port, with or without limits on what it queues. */
export class Broker {
  port = 0
  readonly #folder: string
  readonly #limits: 'off' | 'default'
  #process: ChildProcess | undefined

  constructor(folder: string, limits: 'off' | 'default') {
    this.#folder = folder
    this.#limits = limits
  }

  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort()
    const path = join(this.#folder, 'mosquitto.conf')
    mkdirSync(join(this.#folder, 'broker'), { recursive: true })
    writeFileSync(path, this.#settings())
    this.#process = spawn('mosquitto', ['-c', path], { stdio: ['ignore', 'ignore', 'inherit'] })
    this.#process.on('error', () => {})
    await this.#untilOpen()
  }

  /** Ends it as a service manager does: it saves sessions and messages, and they are there again at the next start. */
  async stop(): Promise<void> {
    const broker = this.#process
    this.#process = undefined
    if (!broker || broker.exitCode !== null) return
    const gone = new Promise((resolve) => broker.once('exit', resolve))
    broker.kill('SIGTERM')
    await gone
  }

  #settings(): string {
    const unlimited = ['max_queued_messages 0', 'max_queued_bytes 0', 'max_inflight_messages 65535']
    return [
      `listener ${this.port} 127.0.0.1`,
      'allow_anonymous true',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      'persistence true',
      `persistence_location ${join(this.#folder, 'broker')}/`,
      'log_type error',
      'log_dest none',
      ...(this.#limits === 'off' ? unlimited : []),
      ''
    ].join('\n')
  }

  async #untilOpen(): Promise<void> {
    for (let i = 0; i < 100; i += 1) {
      if (await answers(this.port)) return
      if (this.#process?.exitCode !== null && this.#process?.exitCode !== undefined) break
      await sleep(50)
    }
    throw new Error('mosquitto did not start; is it installed?')
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
