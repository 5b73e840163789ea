import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { blocksIn } from './block-file.ts'
import type { ConsumerSettings } from './consumer.ts'
import { judgeWire } from './judge-wire.ts'
import { ScanRecord } from './scan-record.ts'
import { SimulatorProcess } from './simulator-process.ts'
import type { WireTrialOptions, WireTrialResult } from './wire-trial.ts'

const PROGRAM = join(import.meta.dirname, 'consumer.ts')

export interface KillTrialOptions extends WireTrialOptions {
  /** How often the process that reads is killed, and started again at once. */
  readonly kills: number
}

export interface KillTrialResult extends WireTrialResult {
  /** From a kill to the first block of the next process, ms. */
  readonly restartMs: readonly number[]
}

/** The same line, read through a spool by a process that is killed. */
export async function killTrial(options: KillTrialOptions): Promise<KillTrialResult> {
  const { rate, seconds, seed, crystal } = options
  const numbers = ['--rate', rate, '--seed', seed, '--crystal', crystal, '--counter-channel', 8].map(String)
  const simulator = await SimulatorProcess.start(numbers)
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-kills-'))
  const trial = new KillTrial(options, simulator, folder)
  try {
    const times = await trial.run()
    const log = await simulator.log()
    const record = new ScanRecord(Math.ceil(rate * (seconds + 120)), (100 + rate / 8) * (seconds + 120))
    for (const block of blocksIn(trial.blocks, rate)) await record.write([block])
    return { ...judgeWire({ rate, seed, log, record }), ...times, holdings: [] }
  } finally {
    await trial.kill()
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

class KillTrial {
  /** The file of the blocks. */
  readonly blocks: string
  readonly #o: KillTrialOptions
  readonly #simulator: SimulatorProcess
  readonly #folder: string
  #consumer: ChildProcess | undefined

  constructor(options: KillTrialOptions, simulator: SimulatorProcess, folder: string) {
    this.#o = options
    this.#simulator = simulator
    this.#folder = folder
    this.blocks = join(folder, 'blocks')
  }

  async run(): Promise<Pick<KillTrialResult, 'backMs' | 'restartMs'>> {
    const { seconds, kills, unplugs, unplugMs, corrupt, seed } = this.#o
    const backMs: number[] = []
    const restartMs: number[] = []
    this.#start()
    await this.#data(0)
    await this.#simulator.order('disturb', { corrupt, seed })
    const rest = (1000 * seconds - unplugs * unplugMs) / (kills + unplugs + 1)
    await sleep(rest)
    for (let i = 0; i < Math.max(kills, unplugs); i += 1) {
      if (i < unplugs) {
        await this.#unplug(backMs)
        await sleep(rest)
      }
      if (i < kills) {
        await this.#restart(restartMs)
        await sleep(rest)
      }
    }
    await this.#simulator.order('disturb')
    await sleep(1000)
    await this.kill()
    return { backMs, restartMs }
  }

  async kill(): Promise<void> {
    const consumer = this.#consumer
    if (!consumer || consumer.exitCode !== null || consumer.signalCode !== null) return
    const ended = new Promise<void>((resolve) => void consumer.once('exit', () => resolve()))
    consumer.kill('SIGKILL')
    await ended
  }

  #start(): void {
    const { counted } = this.#o
    const spool = join(this.#folder, 'spool')
    const settings: ConsumerSettings = { url: this.#simulator.url, counted, spool, blocks: this.blocks }
    const args = ['--import', 'tsx', PROGRAM, JSON.stringify(settings)]
    this.#consumer = spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit'] })
  }

  async #restart(restartMs: number[]): Promise<void> {
    const killed = performance.now()
    await this.kill()
    const had = this.#bytes
    this.#start()
    await this.#data(had)
    restartMs.push(Math.round(performance.now() - killed))
    this.#o.log?.(`killed; data after ${restartMs.at(-1)} ms`)
  }

  async #unplug(backMs: number[]): Promise<void> {
    await this.#simulator.order('unplug')
    await sleep(this.#o.unplugMs)
    const had = this.#bytes
    const plugged = performance.now()
    await this.#simulator.order('plug')
    await this.#data(had)
    backMs.push(Math.round(performance.now() - plugged))
    this.#o.log?.(`unplugged; data after ${backMs.at(-1)} ms`)
  }

  get #bytes(): number {
    return existsSync(this.blocks) ? statSync(this.blocks).size : 0
  }

  /** Waits until more was noted. */
  async #data(had: number): Promise<void> {
    const until = performance.now() + 60_000
    while (this.#bytes <= had) {
      if (performance.now() > until || this.#consumer?.exitCode != null) throw new Error('no data')
      await sleep(5)
    }
  }
}
