import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { pipeline } from '@messwerk/core'
import type { ReadOptions, Source } from '@messwerk/core/model'
import { gsvSource } from '@messwerk/gsv-driver'
import { judgeWire, type WireVerdict } from './judge-wire.ts'
import { ScanRecord } from './scan-record.ts'
import { SimulatorProcess } from './simulator-process.ts'

export interface WireTrialOptions {
  /** Hz. */
  readonly rate: number
  readonly seconds: number
  /** Whether the driver is told which channel carries the number of the scan. */
  readonly counted: boolean
  /** Share of the bytes of measured frames that get another value. */
  readonly corrupt: number
  /** How often the cable is pulled out, and for how long. */
  readonly unplugs: number
  readonly unplugMs: number
  /** Stalls of so long, one behind each unplug; 0 for none. */
  readonly stallMs: number
  /** How much faster than it says the device's clock is, ppm. */
  readonly crystal: number
  readonly seed: number
  readonly log: ((line: string) => void) | undefined
}

/** What the process holds at one moment. */
export interface Holding {
  /** Into the trial. */
  readonly seconds: number
  /** Heap and array buffers after a collection. */
  readonly megabytes: number
  readonly timers: number
  readonly sockets: number
  /** On the signal that a reading is given. */
  readonly listeners: number
}

export interface WireTrialResult extends WireVerdict {
  /** From a cable that is plugged in to the first block, ms. */
  readonly backMs: readonly number[]
  readonly holdings: readonly Holding[]
}

/** 8 channels float32 with CRC from a simulator in another process, over a bad line whose cable is pulled out. */
export async function wireTrial(options: WireTrialOptions): Promise<WireTrialResult> {
  const { rate, seconds, seed, crystal } = options
  const numbers = ['--rate', rate, '--seed', seed, '--crystal', crystal, '--counter-channel', 8].map(String)
  const simulator = await SimulatorProcess.start(numbers)
  try {
    const record = new ScanRecord(Math.ceil(rate * (seconds + 60)), (100 + rate / 8) * (seconds + 60))
    const { backMs, holdings } = await new Trial(options, simulator, record).run()
    const log = await simulator.log()
    return { ...judgeWire({ rate, seed, log, record }), backMs, holdings }
  } finally {
    await simulator.close()
  }
}

class Trial {
  readonly #o: WireTrialOptions
  readonly #simulator: SimulatorProcess
  readonly #record: ScanRecord
  readonly #backMs: number[] = []
  readonly #holdings: Holding[] = []
  readonly #began = performance.now()
  #signal: AbortSignal | undefined

  constructor(options: WireTrialOptions, simulator: SimulatorProcess, record: ScanRecord) {
    this.#o = options
    this.#simulator = simulator
    this.#record = record
  }

  async run(): Promise<Pick<WireTrialResult, 'backMs' | 'holdings'>> {
    const { seconds, unplugs, counted, corrupt, seed } = this.#o
    const channels = Object.fromEntries(Array.from({ length: 8 }, (_, c) => [c + 1, `c${c + 1}`]))
    const { url } = this.#simulator
    const source = gsvSource({ url, channels, crc: true, id: 'trial', ...(counted ? { counterChannel: 8 } : {}) })
    const run = pipeline('trial').from(this.#watched(source)).to(this.#record)
    const running = run.start({ retry: { most: '500ms' } })
    await this.#data(0)
    await this.#simulator.order('disturb', { corrupt, seed })
    const rest = (1000 * seconds - unplugs * (this.#o.unplugMs + this.#o.stallMs)) / (2 * unplugs + 1)
    await this.#quiet(rest)
    for (let i = 0; i < unplugs; i += 1) {
      await this.#unplug()
      await this.#quiet(rest)
      if (this.#o.stallMs > 0) await this.#stall()
      await this.#quiet(rest)
    }
    await this.#simulator.order('disturb')
    await sleep(1000)
    await running.stop()
    await this.#hold()
    return { backMs: this.#backMs, holdings: this.#holdings }
  }

  /** Keeps the signal of the reading that runs, to count who listens. */
  #watched(source: Source): Source {
    const read = (how: ReadOptions): ReturnType<Source['read']> => {
      this.#signal = how.signal
      return source.read(how)
    }
    return { ...source, read }
  }

  /** Lets it run, and looks what the process holds before it goes on. */
  async #quiet(ms: number): Promise<void> {
    await sleep(ms)
    await this.#hold()
  }

  async #unplug(): Promise<void> {
    const { unplugMs } = this.#o
    this.#say(`unplugged for ${unplugMs} ms`)
    await this.#simulator.order('unplug')
    await sleep(unplugMs)
    const { delivered } = this.#record
    const plugged = performance.now()
    await this.#simulator.order('plug')
    await this.#data(delivered)
    this.#backMs.push(Math.round(performance.now() - plugged))
    this.#say(`data after ${this.#backMs.at(-1)} ms`)
  }

  async #stall(): Promise<void> {
    const { stallMs } = this.#o
    this.#say(`stalled for ${stallMs} ms`)
    await this.#simulator.order('stall', { ms: stallMs })
    await sleep(stallMs)
  }

  /** Waits until more was delivered. */
  async #data(delivered: number): Promise<void> {
    const until = performance.now() + 30_000
    while (this.#record.delivered <= delivered) {
      if (performance.now() > until) throw new Error('no data for 30 s')
      await sleep(5)
    }
  }

  async #hold(): Promise<void> {
    collect()
    // buffers are freed by what the first collection finds
    await sleep(0)
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    const active = process.getActiveResourcesInfo()
    const of = (kind: string): number => active.filter((name) => name === kind).length
    const holding = {
      seconds: Math.round((performance.now() - this.#began) / 100) / 10,
      megabytes: Math.round((heapUsed + arrayBuffers) / 1e4) / 100,
      timers: of('Timeout'),
      sockets: of('TCPSocketWrap'),
      listeners: this.#signal ? getEventListeners(this.#signal, 'abort').length : 0
    }
    this.#holdings.push(holding)
    this.#say(JSON.stringify(holding))
  }

  #say(line: string): void {
    this.#o.log?.(line)
  }
}

let gc: (() => void) | undefined

function collect(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc')
    gc = runInNewContext('gc') as () => void
  }
  gc()
}
