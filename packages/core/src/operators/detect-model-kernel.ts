import { type Block, timeNs, timeOf } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { AsyncKernel } from '../model/kernel.ts'
import type { ModelRef } from '../model/model-ref.ts'
import type { Stream } from '../model/stream.ts'
import type { DetectKernel } from './detect-kernel.ts'
import type { DetectLater } from './detect-later.ts'
import type { DetectLoaded } from './detect-loaded.ts'
import type { DetectModels } from './detect-models.ts'
import type { DetectShape, Refusal } from './detect-shape.ts'
import { type DetectState, isOtherModel, modelText } from './detect-state.ts'

interface ModelKernelState {
  readonly version: 1
  /** The model of the run; that of the stream, in `scorer`, is an older one where this one was refused. */
  readonly active: ModelRef | undefined
  readonly swaps: number
  readonly isRefused: boolean
  readonly scorer: DetectState | undefined
}

/** Scores one stream with the model that is active: the same for a whole block. @internal */
export class DetectModelKernel implements AsyncKernel {
  readonly #models: DetectModels
  readonly #stream: Stream
  readonly #shape: DetectShape
  #loaded: DetectLoaded | undefined
  #scorer: DetectKernel | DetectLater | undefined
  /** From before a restart, until the first block. */
  #restored: DetectState | undefined
  /** The model of before, where the active one was refused. */
  #before: ModelRef | undefined
  /** Refusals that were told of. */
  readonly #told: (Refusal | undefined)[] = []
  #notices: MeasurementEvent[] = []

  constructor(models: DetectModels, stream: Stream) {
    this.#models = models
    this.#stream = stream
    this.#shape = models.shapeOf(stream)
  }

  /** That of its input until the first block is scored. */
  get output(): Stream {
    return this.#scorer?.output ?? this.#stream
  }

  async process(block: Block, signal: AbortSignal): Promise<Block> {
    await this.#models.open()
    const loaded = await this.#shape.seat(this.#before ?? this.#restored?.model)
    if (loaded !== this.#loaded) this.#take(loaded)
    this.#tell(0, this.#models.refusal, block)
    this.#tell(1, this.#shape.refusal, block)
    return this.#scorer!.process(block, signal)
  }

  notices(): readonly MeasurementEvent[] {
    const notices = this.#notices
    if (notices.length > 0) this.#notices = []
    return notices
  }

  snapshot(): unknown {
    const { model: active, swaps } = this.#models.named
    const scorer = this.#scorer?.snapshot() ?? this.#restored
    const wasRefused = this.#shape.refusal !== undefined || (this.#scorer === undefined && this.#before !== undefined)
    const isRefused = wasRefused && isOtherModel(scorer?.model, active)
    const state: ModelKernelState = { version: 1, active, swaps, isRefused, scorer }
    return state
  }

  restore(state: unknown): void {
    const { active, swaps, isRefused, scorer } = state as ModelKernelState
    this.#restored = scorer
    if (scorer !== undefined) this.#shape.scored(scorer.channels)
    if (isRefused) this.#before = scorer?.model
    if (active !== undefined) this.#models.want({ model: active, swaps })
  }

  /** A model goes on where the one before it stood: the same clock and verdict, and, where both look back, the same scans. */
  #take(loaded: DetectLoaded): void {
    const state = this.#scorer?.snapshot() ?? this.#restored
    const scorer = loaded.scorer(this.#stream)
    if (state !== undefined) scorer.restore(state)
    this.#scorer = scorer
    this.#loaded = loaded
    this.#restored = undefined
  }

  /** Tells once of a model that does not score here. */
  #tell(which: number, refusal: Refusal | undefined, block: Block): void {
    if (refusal === this.#told[which]) return
    this.#told[which] = refusal
    if (refusal === undefined) return
    const { split, position } = block.origin
    const model = refusal.model && modelText(refusal.model)
    const at = timeOf(block)
    this.#notices.push({
      id: `${this.#stream.id}/model/${model ?? 'unknown'}/${timeNs(block)}`,
      kind: 'notice',
      phase: 'end',
      stream: this.#stream.id,
      rule: 'model',
      start: at,
      end: at,
      model,
      origin: { split, position },
      data: { refused: true, why: refusal.why }
    })
  }
}
