import type { Gap } from '../model/gap.ts'
import type { Source } from '../model/source.ts'
import type { Stream } from '../model/stream.ts'
import type { Operator } from '../rx/operator.ts'
import type { Intake } from './intake.ts'
import type { Lane } from './lane.ts'
import type { Plan, PlanNode } from './plan.ts'
import type { JoinStep } from './steps.ts'

interface JoinsHost {
  readonly intakes: readonly Intake[]
  readonly built: { readonly joinSteps: readonly JoinStep[] }
  /** A hole was found that the source could not know of. */
  declared(source: string, stream: string, gap: Gap): void
  /** A hole that no block could carry any more. */
  trailingGap(lane: Lane, gap: Gap, atMs: number): void
  /** Resolves when no asynchronous operator works on anything. */
  idle(): Promise<void>
}

/** What operators that join streams need of their run: lanes of several splits and sources. @internal */
export class Joins {
  readonly #plan: Plan
  readonly #host: JoinsHost

  /** @throws RangeError when streams are joined that may be in the hands of different processes */
  constructor(plan: Plan, host: JoinsHost) {
    this.#plan = plan
    this.#host = host
    for (const source of plan.sources) if (source.handsOver === true) this.refuseHandOver(source)
    if (plan.sources.length > 1) this.#refuseSeveral()
  }

  /** A source shares out its splits. @throws RangeError when streams of several of them are joined */
  refuseHandOver({ id: source }: Source): void {
    for (const { id, joining } of joinsIn(this.#plan.root)) {
      if (joining?.isPerSplit) continue
      const why = `source ${source} shares its splits out among processes, and one that takes a split over has not the other streams`
      throw new RangeError(
        `pipeline ${this.#plan.id}: ${id} joins streams of several splits, but ${why}: give their messages one key and say ${id}({ coPartitioned: true }), or join them in a second pipeline, whose source is read by one process`
      )
    }
  }

  /** The lane of another stream in the same split. */
  laneBeside(lane: Lane, stream: Stream): Lane {
    return this.#intakeOf(lane).lanes.get(lane.split, stream)
  }

  /** Scans of a stream came too late for what was made of it. */
  late(lane: Lane, gap: Gap, atMs: number): void {
    this.#host.declared(this.#intakeOf(lane).source.id, lane.stream.id, gap)
    this.#host.trailingGap(lane, gap, atMs)
  }

  /** A lane is kept no longer. */
  left(lane: Lane): void {
    for (const step of this.#host.built.joinSteps) step.forget(lane)
  }

  /** No source has more: what is held of several streams leaves. */
  async finish(): Promise<void> {
    for (const step of this.#host.built.joinSteps) {
      step.finish((lane, work) => this.#intakeOf(lane).lastTurn(lane.split, work))
      await this.#host.idle()
    }
  }

  #refuseSeveral(): void {
    const { id: pipeline, sources, root } = this.#plan
    for (const { id, joining } of joinsIn(root)) {
      if (!joining?.isPerSplit) continue
      const names = sources.map((source) => source.id).join(', ')
      throw new RangeError(
        `pipeline ${pipeline}: ${id} with coPartitioned joins streams of one split, so all of them come from one source; this pipeline has ${names}`
      )
    }
  }

  #intakeOf(lane: Lane): Intake {
    for (const intake of this.#host.intakes) {
      for (const one of intake.lanes.of(lane.split)) if (one === lane) return intake
    }
    // steps take nothing of a lane any more once it has left
    throw new Error(`stream '${lane.stream.id}' of split ${lane.split} is kept no longer`)
  }
}

function* joinsIn(node: PlanNode): Generator<Operator> {
  for (const child of node.children) {
    if (child.kind === 'operator' && child.operator.joining !== undefined) yield child.operator
    if ('children' in child) yield* joinsIn(child)
  }
}
