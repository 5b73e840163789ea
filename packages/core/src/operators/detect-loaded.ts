import type { AsyncDetector } from '../model/async-detector.ts'
import type { Stream } from '../model/stream.ts'
import { DetectChannels } from './detect-channels.ts'
import { DetectKernel } from './detect-kernel.ts'
import { DetectLater } from './detect-later.ts'
import { isLater } from './detect-options.ts'
import { type AnySpec, type DetectPlan, type LaterPlan, notReady } from './detect-plan.ts'

/** A model that fits the streams of one shape, and is ready for them. @internal */
export class DetectLoaded {
  readonly model: AnySpec
  /** Channels that it scores, in order. */
  readonly names: readonly string[]
  /** Resolves when it may score; rejects when it never will. */
  readonly opened: Promise<void> | undefined
  isOpen: boolean
  readonly #plan: DetectPlan | LaterPlan
  readonly #detector: AsyncDetector | undefined
  readonly #abort = new AbortController()
  #closed: Promise<void> | undefined

  /** @throws RangeError when it does not fit the stream */
  constructor(model: AnySpec, plan: DetectPlan | LaterPlan, stream: Stream) {
    this.model = model
    this.#plan = plan
    const { names, channels } = new DetectChannels(stream, model.channels)
    this.names = names
    if (isLater(model)) this.#detector = model.create(channels)
    else if (!model.create(channels).ready) throw notReady(model)
    this.isOpen = this.#detector?.open === undefined
    this.opened = this.isOpen ? undefined : this.#open()
    this.opened?.catch(() => {}) // is told where it is waited for
  }

  /** What scores a stream of this shape; it must have the same channels. */
  scorer(stream: Stream): DetectKernel | DetectLater {
    if (this.#detector !== undefined) return new DetectLater(this.#plan as LaterPlan, stream, this.#detector)
    return new DetectKernel(this.#plan as DetectPlan, stream)
  }

  /** No block is scored by it any more. Once, however often it is asked. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #open(): Promise<void> {
    await this.#detector?.open?.(this.#abort.signal)
    this.isOpen = true
  }

  async #close(): Promise<void> {
    this.#abort.abort()
    await this.opened?.catch(() => {})
    await this.#detector?.close?.()
  }
}
