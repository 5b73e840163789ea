import type { AsyncDetector, Samples } from '@messwerk/core/model'
import { type ChannelPlan, checkSamples, checkScan } from '../detector/channel-plan.ts'
import { ModelRunner } from './model-runner.ts'
import type { OnnxPlan } from './onnx-detector-options.ts'
import type { SharedModel } from './shared-model.ts'

interface Opened {
  readonly runner: ModelRunner
  readonly leave: () => Promise<void>
}

/**
 * The contract of an asynchronous detector around a shared model.
 *
 * @internal
 */
export class ModelDetector implements AsyncDetector {
  readonly lookBack: number
  readonly explain?: (samples: Samples, scan: number, signal?: AbortSignal) => Promise<Float64Array>
  readonly #plan: OnnxPlan
  readonly #channels: ChannelPlan
  readonly #shared: SharedModel
  #opening: Promise<Opened> | undefined
  #closing: Promise<void> | undefined

  constructor(plan: OnnxPlan, channels: ChannelPlan, shared: SharedModel) {
    this.#plan = plan
    this.#channels = channels
    this.#shared = shared
    this.lookBack = plan.scans - 1
    if (plan.score === 'reconstruction') this.explain = (samples, scan, signal) => this.#explain(samples, scan, signal)
  }

  async open(signal?: AbortSignal): Promise<void> {
    await this.#opened(signal)
  }

  async score(samples: Samples, signal?: AbortSignal): Promise<Float64Array> {
    checkSamples('onnxDetector', this.#channels.names, samples)
    const { runner } = await this.#opened(signal)
    return await runner.scores(samples, signal)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #explain(samples: Samples, scan: number, signal?: AbortSignal): Promise<Float64Array> {
    checkSamples('onnxDetector', this.#channels.names, samples)
    checkScan('onnxDetector', samples, scan)
    const { runner } = await this.#opened(signal)
    const shares = await runner.shares(samples, scan, signal)
    const out = new Float64Array(this.#channels.names.length)
    if (shares === undefined) return out.fill(Number.NaN)
    this.#channels.used.forEach((c, u) => {
      out[c] = shares[u]!
    })
    return out
  }

  async #opened(signal: AbortSignal | undefined): Promise<Opened> {
    if (this.#closing !== undefined) throw new TypeError('onnxDetector: a closed detector cannot be used again')
    this.#opening ??= this.#open(signal)
    return await this.#opening
  }

  async #open(signal: AbortSignal | undefined): Promise<Opened> {
    let leave: (() => Promise<void>) | undefined
    try {
      const entered = await this.#shared.enter(signal)
      leave = entered.leave
      const { names, used } = this.#channels
      const inUse = Array.from(used, (c) => names[c]!)
      const runner = new ModelRunner(entered.model, this.#plan, inUse, used)
      if (this.#plan.warmUp) await runner.warmUp()
      return { runner, leave }
    } catch (error) {
      this.#opening = undefined
      await leave?.()
      throw error
    }
  }

  async #close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined)
    await opened?.leave()
  }
}
