import { type Block, timeNs, timeOf } from '../model/block.ts'
import type { Channel } from '../model/channel.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { AsyncKernel } from '../model/kernel.ts'
import type { ModelRef } from '../model/model-ref.ts'
import { extendStream, type Stream } from '../model/stream.ts'
import { type Agreement, AgreementCounts, type AgreementState } from './agreement.ts'
import type { DetectModelKernel } from './detect-model-kernel.ts'
import type { DetectModels } from './detect-models.ts'
import { withGood, withModel } from './detect-page.ts'
import { modelText } from './detect-state.ts'

/** @internal */
export interface ShadowParts {
  readonly current: DetectModels
  readonly candidate: DetectModels
  /** Name of its score, and which model it is. */
  readonly as: string
  readonly candidateAs: string
  readonly model: ModelRef
  readonly everyMs: number
  readonly report: ((agreement: Agreement) => void) | undefined
}

interface ShadowState {
  readonly version: 1
  readonly current: unknown
  readonly candidate: unknown
  readonly counts: AgreementState
  readonly name: string
}

/** Score, limit, flag and version, which stand last in what a candidate gives. */
const COLUMNS = 4

/** Scores one stream with two models: the current one decides, what the candidate says stands beside it. @internal */
export class ShadowKernel implements AsyncKernel {
  readonly #parts: ShadowParts
  readonly #stream: Stream
  readonly #current: DetectModelKernel
  #candidate: DetectModelKernel
  readonly #counts = new AgreementCounts()
  /** Name of the current model. */
  #name = ''
  #decided: Stream | undefined
  #output: Stream | undefined
  /** Why the candidate gave no score last. */
  #failure: string | undefined
  #notices: MeasurementEvent[] = []

  constructor(parts: ShadowParts, stream: Stream) {
    this.#parts = parts
    this.#stream = stream
    this.#current = parts.current.kernel(stream)
    this.#candidate = parts.candidate.kernel(stream)
  }

  get output(): Stream {
    return this.#output ?? this.#stream
  }

  async process(block: Block, signal: AbortSignal): Promise<Block> {
    const decided = await this.#current.process(block, signal)
    const second = await this.#second(block, signal)
    this.#meet(decided.stream)
    const { length, time, quality, gap, origin } = decided
    const values = new Float64Array(decided.values.length + COLUMNS * length)
    values.set(decided.values)
    if (second === undefined) values.fill(Number.NaN, decided.values.length)
    else values.set(second.values.subarray(second.values.length - COLUMNS * length), decided.values.length)
    const out = { stream: this.output, length, values, time, quality: withGood(quality, values.length), gap, origin }
    this.#compare(out)
    return out
  }

  notices(): readonly MeasurementEvent[] {
    const notices = this.#current.notices().concat(this.#notices)
    this.#notices = []
    return notices
  }

  snapshot(): unknown {
    const [current, candidate] = [this.#current.snapshot(), this.#candidate.snapshot()]
    const state: ShadowState = { version: 1, current, candidate, counts: this.#counts.snapshot(), name: this.#name }
    return state
  }

  restore(state: unknown): void {
    const { current, candidate, counts, name } = state as ShadowState
    this.#current.restore(current)
    this.#candidate.restore(candidate)
    this.#counts.restore(counts)
    this.#name = name
  }

  /** What the candidate makes of a block; what goes wrong with it is told, and costs nothing but its scores. */
  async #second(block: Block, signal: AbortSignal): Promise<Block | undefined> {
    try {
      const second = await this.#candidate.process(block, signal)
      this.#failure = undefined
      return second
    } catch (error) {
      if (signal.aborted) throw error
      this.#candidate = this.#parts.candidate.kernel(this.#stream)
      const why = (error as Error).message
      if (why !== this.#failure) this.#tell(block, { failed: true, why })
      this.#failure = why
      return undefined
    }
  }

  /** Adds the columns of the candidate behind those of the model that decides. */
  #meet(decided: Stream): void {
    if (decided === this.#decided) return
    const { as, candidateAs, model } = this.#parts
    const added: Channel[] = [
      { name: candidateAs, unit: '1', role: 'score' },
      { name: `${candidateAs}.limit`, unit: '1', role: 'limit' },
      { name: `${candidateAs}.flag`, unit: '1', role: 'flag' },
      { name: `${candidateAs}.version`, unit: '1', role: 'flag' }
    ]
    this.#decided = decided
    this.#output = withModel(extendStream(decided, added, 'shadow'), candidateAs, model.name)
    this.#name = decided.tags[`${as}.model`] ?? ''
  }

  #compare(block: Block): void {
    const { as, candidateAs, everyMs } = this.#parts
    const { length, values } = block
    const at = (name: string): number => block.stream.index(name) * length
    const [score, flag, version] = [at(as), at(`${as}.flag`), at(`${as}.version`)]
    const [other, otherFlag] = [at(candidateAs), at(`${candidateAs}.flag`)]
    const counts = this.#counts
    for (let i = 0; i < length; i += 1) {
      if (Number.isNaN(values[score + i]!) || Number.isNaN(values[other + i]!)) continue
      const ms = timeOf(block, i)
      const isSame = Math.floor(ms / everyMs) === Math.floor(counts.start / everyMs)
      if (counts.scans > 0 && !(isSame && counts.version === values[version + i])) this.#report(block)
      counts.add(
        ms,
        values[version + i]!,
        values[score + i]!,
        values[flag + i]!,
        values[other + i]!,
        values[otherFlag + i]!
      )
    }
  }

  #report(block: Block): void {
    const current = `${this.#name}@${this.#counts.version}`
    const agreement = this.#counts.agreement(this.#stream.id, current, modelText(this.#parts.model))
    this.#counts.clear()
    this.#tell(block, agreement, agreement)
    this.#parts.report?.(agreement)
  }

  #tell(block: Block, data: unknown, span?: Agreement): void {
    const { split, position } = block.origin
    const { start = timeOf(block), end = timeOf(block) } = span ?? {}
    const key = span === undefined ? timeNs(block) : BigInt(Math.round(start * 1000)) * 1000n
    this.#notices.push({
      id: `${this.#stream.id}/shadow/${key}`,
      kind: 'notice',
      phase: 'end',
      stream: this.#stream.id,
      rule: 'shadow',
      start,
      end,
      model: modelText(this.#parts.model),
      origin: { split, position },
      data
    })
  }
}
