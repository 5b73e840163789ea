import type { Subject } from 'rxjs'
import { Outlet } from '../delivery/outlet.ts'
import { type Block, blockBytes } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { type DeadLetter, deadLetterBytes } from './dead-letter.ts'
import type { Log } from './log.ts'
import type { EventsNode, Plan, PlanChild, PlanNode, SinkNode, ToOptions } from './plan.ts'
import {
  AsyncStep,
  BranchStep,
  EventStep,
  eventBytes,
  type Lane,
  OperatorStep,
  SinkStep,
  type Step,
  type Turn
} from './steps.ts'

/** The parts of a run. @internal */
export interface Built {
  readonly root: readonly Step[]
  readonly operators: readonly OperatorStep[]
  readonly asyncSteps: readonly AsyncStep[]
  // biome-ignore lint/suspicious/noExplicitAny: outlets of blocks, events and dead letters
  readonly outlets: readonly Outlet<any>[]
  readonly eventOutlets: readonly Outlet<MeasurementEvent>[]
  readonly deadLetters: Outlet<DeadLetter> | undefined
}

interface BuildHost extends Turn {
  readonly scheduler: Scheduler
  readonly tap$: Subject<Block>
  fail(error: unknown): void
}

/** Makes the steps and outlets of a plan; `tail` is the node that `tap$` looks at. @internal */
export function buildSteps(
  host: BuildHost,
  plan: Plan,
  tail: PlanNode,
  deadLetters: Sink<DeadLetter> | undefined,
  log: Log
): Built {
  return new StepBuilder(host, tail, log).build(plan, deadLetters)
}

class StepBuilder {
  readonly #host: BuildHost
  readonly #tail: PlanNode
  readonly #log: Log
  readonly #operators: OperatorStep[] = []
  readonly #asyncSteps: AsyncStep[] = []
  // biome-ignore lint/suspicious/noExplicitAny: outlets of blocks, events and dead letters
  readonly #outlets: Outlet<any>[] = []
  readonly #eventOutlets: Outlet<MeasurementEvent>[] = []
  #states = 0

  constructor(host: BuildHost, tail: PlanNode, log: Log) {
    this.#host = host
    this.#tail = tail
    this.#log = log
  }

  build(plan: Plan, deadLetters: Sink<DeadLetter> | undefined): Built {
    const root = this.#children(plan.root)
    return {
      root,
      operators: this.#operators,
      asyncSteps: this.#asyncSteps,
      outlets: this.#outlets,
      eventOutlets: this.#eventOutlets,
      deadLetters: deadLetters && this.#outlet(deadLetters, {}, 'dead letters', deadLetterBytes)
    }
  }

  #children(node: PlanNode): Step[] {
    const steps = node.children.map((child) => this.#step(child))
    if (node === this.#tail) steps.push(new TapStep(this.#host.tap$))
    return steps
  }

  #step(child: PlanChild): Step {
    switch (child.kind) {
      case 'branch':
        return new BranchStep(this.#children(child))
      case 'sink':
        return this.#sinkStep(child)
      case 'events':
        return this.#eventStep(child)
      case 'operator': {
        const index = this.#states++
        const children = this.#children(child)
        if (child.operator.concurrency !== undefined) {
          const step = new AsyncStep(this.#host, child.operator, index, children)
          this.#asyncSteps.push(step)
          return step
        }
        const step = new OperatorStep(this.#host, child.operator, index, children)
        this.#operators.push(step)
        return step
      }
    }
  }

  #sinkStep({ sink, options }: SinkNode): SinkStep {
    let step: SinkStep | undefined
    const outlet = this.#outlet(sink, options, 'sink', blockBytes, (block) => step?.dropped(block))
    step = new SinkStep(this.#host, outlet)
    return step
  }

  #eventStep({ operator, sink, options }: EventsNode): EventStep {
    const outlet = this.#outlet(sink, options, 'events', eventBytes)
    this.#eventOutlets.push(outlet)
    return new EventStep(this.#host, operator, this.#states++, outlet)
  }

  #outlet<T>(
    sink: Sink<T>,
    { delivery = 'required', batch }: ToOptions,
    kind: string,
    bytesOf: (item: T) => number,
    dropped?: (item: T) => void
  ): Outlet<T> {
    const outlet = new Outlet<T>({
      id: this.#nameOf(sink.id ?? kind),
      sink,
      delivery,
      batch,
      scheduler: this.#host.scheduler,
      bytesOf,
      dropped,
      failed: (error) => this.#host.fail(error),
      warn: (message, error) => this.#log.warn(message, error)
    })
    this.#outlets.push(outlet)
    return outlet
  }

  /** Two sinks of one name get numbers, so that metrics and logs tell them apart. */
  #nameOf(id: string): string {
    const taken = this.#outlets.filter((outlet) => outlet.id === id || outlet.id.startsWith(`${id} #`)).length
    return taken === 0 ? id : `${id} #${taken + 1}`
  }
}

class TapStep implements Step {
  readonly #tap$: Subject<Block>

  constructor(tap$: Subject<Block>) {
    this.#tap$ = tap$
  }

  push(_lane: Lane, block: Block): void {
    if (this.#tap$.observed) this.#tap$.next(block)
  }

  flush(): void {}
}
