import type { Block } from '../model/block.ts'
import type { Kernel } from '../model/kernel.ts'
import { extendStream, replaceChannels, type Stream } from '../model/stream.ts'
import { DetectChannels } from './detect-channels.ts'
import { checkNames } from './detect-floor.ts'
import { DetectKernel } from './detect-kernel.ts'
import { withGood, withModel } from './detect-page.ts'
import { type DetectPlan, onlyOf } from './detect-plan.ts'
import { checkState } from './detect-state.ts'

interface Part {
  /** Name of its score. */
  readonly score: string
  /** The channel alone. */
  readonly stream: Stream
  /** Position of the channel in the whole stream. */
  readonly at: number
  readonly kernel: DetectKernel
}

interface EachState {
  readonly version: 1
  /** Names of the scores. */
  readonly channels: readonly string[]
  readonly kernels: readonly unknown[]
}

/**
 * One detector for each channel: kernels side by side, each of which sees a stream of its channel alone. Only which scans are good to
 * learn from at first is found in all channels together, so that all come out of the learning at the same scan.
 *
 * @internal
 */
export class DetectEach implements Kernel {
  readonly output: Stream
  readonly #parts: readonly Part[]
  readonly #scores: readonly string[]
  #block: Block | undefined

  constructor(plan: DetectPlan, stream: Stream) {
    const all = new DetectChannels(stream, plan.spec.channels)
    checkNames(plan.minChange, all.names)
    plan.spec.create(all.channels) // what it does not take of all of them, it says here
    const good = { isGood: (_: Block, scan: number): boolean => all.isGood(this.#block!, scan) }
    this.#parts = all.channels.map((channel) => {
      const alone = replaceChannels(stream, [channel], stream.rate)
      const own = planOfOne(plan, channel.name)
      return {
        score: own.as,
        stream: alone,
        at: stream.index(channel.name),
        kernel: new DetectKernel(own, alone, good)
      }
    })
    this.#scores = this.#parts.map(({ score }) => score)
    const added = this.#parts.flatMap(({ kernel }) => kernel.output.channels.slice(1))
    const extended = extendStream(stream, added, 'detect')
    const { model } = plan
    this.output = this.#scores.reduce((out, as) => (model ? withModel(out, as, model.name) : out), extended)
  }

  process(block: Block): Block {
    const { length, time, quality, gap, origin } = block
    const values = new Float64Array(this.output.channels.length * length)
    values.set(block.values)
    let next = block.values.length
    this.#block = block
    for (const { stream, at, kernel } of this.#parts) {
      const column = block.values.subarray(at * length, (at + 1) * length)
      const out = kernel.process({ stream, length, values: column, time, quality: undefined, gap, origin })
      values.set(out.values.subarray(length), next)
      next += out.values.length - length
    }
    this.#block = undefined
    return { stream: this.output, length, values, time, quality: withGood(quality, values.length), gap, origin }
  }

  relearn(): void {
    for (const { kernel } of this.#parts) kernel.relearn()
  }

  progress(): string {
    const texts = this.#parts.map(({ kernel }) => kernel.progress())
    if (texts.every((text) => text === texts[0])) return texts[0]!
    return texts.map((text, i) => `${this.#scores[i]} ${text}`).join('; ')
  }

  snapshot(): unknown {
    const kernels = this.#parts.map(({ kernel }) => kernel.snapshot())
    const state: EachState = { version: 1, channels: this.#scores.slice(), kernels }
    return state
  }

  restore(state: unknown): void {
    const { version, channels, kernels } = (state ?? {}) as EachState
    checkState(version, channels, this.#scores)
    this.#parts.forEach(({ kernel }, i) => {
      kernel.restore(kernels[i])
    })
  }
}

function planOfOne(plan: DetectPlan, name: string): DetectPlan {
  const { minChange } = plan
  return Object.assign({}, plan, {
    spec: onlyOf(plan.spec, name),
    as: `${plan.as}.${name}`,
    minChange: typeof minChange === 'object' ? (minChange[name] ?? 0) : minChange
  })
}
