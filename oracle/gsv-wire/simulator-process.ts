import { type ChildProcess, spawn } from 'node:child_process'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SentScans } from '@messwerk/gsv-driver/simulator'

const PROGRAM = join(import.meta.dirname, '../../packages/gsv-driver/src/cli/messwerk-gsv-sim.ts')

/** The program `messwerk-gsv-sim` in a process of its own, and its control channel. */
export class SimulatorProcess {
  /** Where a driver finds the device. */
  readonly url: string
  readonly #child: ChildProcess
  readonly #control: Socket
  readonly #answers: AsyncIterator<string>

  private constructor(child: ChildProcess, url: string, control: Socket) {
    this.#child = child
    this.url = url
    this.#control = control
    this.#answers = createInterface({ input: control })[Symbol.asyncIterator]()
  }

  /** Starts it with these options, besides those of its addresses. */
  static async start(options: readonly string[]): Promise<SimulatorProcess> {
    const args = ['--import', 'tsx', PROGRAM, '--tcp', '127.0.0.1:0', '--control', '127.0.0.1:0', ...options]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    process.once('exit', () => child.kill('SIGKILL'))
    let url: string | undefined
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('tcp://')) url = line
      if (!line.startsWith('control tcp://') || !url) continue
      const { hostname, port } = new URL(line.slice('control '.length))
      const control = createConnection({ host: hostname, port: Number(port) })
      await new Promise<void>((resolve, reject) => void control.once('connect', resolve).once('error', reject))
      return new SimulatorProcess(child, url, control)
    }
    throw new Error('the simulator ended before it said where it is')
  }

  /** Carries out an order, and returns its answer. */
  async order(name: string, values: object = {}): Promise<Record<string, unknown>> {
    this.#control.write(`${JSON.stringify({ do: name, ...values })}\n`)
    const { value, done } = await this.#answers.next()
    const answer = done ? { ok: false, error: 'the simulator is gone' } : JSON.parse(value)
    if (answer.ok !== true) throw new Error(`${name}: ${answer.error}`)
    return answer
  }

  /** What became of every scan. */
  async log(): Promise<readonly SentScans[]> {
    return (await this.order('log')).log as readonly SentScans[]
  }

  async close(): Promise<void> {
    this.#control.destroy()
    if (this.#child.exitCode !== null) return
    const ended = new Promise<void>((resolve) => void this.#child.once('exit', () => resolve()))
    this.#child.kill('SIGTERM')
    await ended
  }
}
