import type { Subject } from 'rxjs'
import { bury, letterOf } from '../delivery/bury.ts'
import { Outlet } from '../delivery/outlet.ts'
import type { OutletLike, OutletState } from '../delivery/outlet-like.ts'
import { type Block, blockBytes } from '../model/block.ts'
import { type DeadLetter, deadLetterBytes } from '../model/dead-letter.ts'
import type { SdkError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import type { Operator } from '../rx/operator.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { EventsNode, Plan, PlanChild, PlanNode, SinkNode, ToOptions } from './plan.ts'
import type { Settings } from './settings.ts'
import {
  AsyncStep,
  BranchStep,
  EventStep,
  eventBytes,
  type Lane,
  OperatorStep,
  SinkStep,
  type StatefulStep,
  type Step,
  type Turn
} from './steps.ts'

/** The parts of a run. @internal */
export interface Built {
  readonly root: readonly Step[]
  /** Steps whose state is part of checkpoints, by index. */
  readonly stateful: readonly StatefulStep[]
  readonly operators: readonly OperatorStep[]
  readonly asyncSteps: readonly AsyncStep[]
  // biome-ignore lint/suspicious/noExplicitAny: outlets of blocks, events and dead letters
  readonly outlets: readonly OutletLike<any>[]
  readonly eventOutlets: readonly OutletLike<MeasurementEvent>[]
  readonly deadLetters: OutletLike<DeadLetter> | undefined
}

interface BuildHost extends Turn {
  readonly scheduler: Scheduler
  readonly tap$: Subject<Block>
  fail(error: unknown): void
  component(id: string, kind: 'sink', state: OutletState['state'], why?: string): void
  /** On this part readiness does not depend. */
  optional(id: string): void
}

/** Makes the steps and outlets of a plan; `tail` is the node that `tap$` looks at. @internal */
export function buildSteps(host: BuildHost, plan: Plan, tail: PlanNode, settings: Settings): Built {
  return new StepBuilder(host, tail, settings).build(plan)
}

const DEAD_LETTERS = 'dead letters'

class StepBuilder {
  readonly #host: BuildHost
  readonly #tail: PlanNode
  readonly #settings: Settings
  readonly #stateful: StatefulStep[] = []
  readonly #operators: OperatorStep[] = []
  readonly #asyncSteps: AsyncStep[] = []
  // biome-ignore lint/suspicious/noExplicitAny: outlets of blocks, events and dead letters
  readonly #outlets: OutletLike<any>[] = []
  readonly #eventOutlets: OutletLike<MeasurementEvent>[] = []
  #states = 0
  #pipeline = ''
  #grave: Outlet<DeadLetter> | undefined

  constructor(host: BuildHost, tail: PlanNode, settings: Settings) {
    this.#host = host
    this.#tail = tail
    this.#settings = settings
  }

  build(plan: Plan): Built {
    this.#pipeline = plan.id
    const { deadLetters } = this.#settings
    const root = this.#children(plan.root)
    return {
      root,
      stateful: this.#stateful,
      operators: this.#operators,
      asyncSteps: this.#asyncSteps,
      outlets: this.#outlets,
      eventOutlets: this.#eventOutlets,
      deadLetters: deadLetters && this.#outlet(deadLetters, {}, DEAD_LETTERS, deadLetterBytes)
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
        return this.#operatorStep(child.operator, index, this.#children(child))
      }
    }
  }

  #operatorStep(operator: Operator, index: number, children: readonly Step[]): Step {
    if (operator.concurrency === undefined) {
      const step = new OperatorStep(this.#host, operator, index, children)
      this.#stateful[index] = step
      this.#operators.push(step)
      return step
    }
    const step = new AsyncStep(this.#host, operator, index, children)
    this.#stateful[index] = step
    this.#asyncSteps.push(step)
    return step
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
    const index = this.#states++
    const step = new EventStep(this.#host, operator, index, outlet)
    this.#stateful[index] = step
    return step
  }

  #outlet<T>(
    sink: Sink<T>,
    options: ToOptions,
    kind: string,
    bytesOf: (item: T) => number,
    dropped?: (item: T) => void
  ): Outlet<T> {
    const { delivery = 'required', batch, retry, timeout, inFlight, idempotent, buffer } = options
    const { scheduler } = this.#host
    const id = this.#nameOf(sink.id ?? kind)
    const isGrave = kind === DEAD_LETTERS
    const outlet = new Outlet<T>({
      id,
      pipeline: this.#pipeline,
      sink,
      delivery,
      batch,
      retry,
      timeout,
      inFlight,
      idempotent,
      buffer,
      scheduler,
      bytesOf,
      dropped,
      deadLetters:
        this.#settings.deadLetters && !isGrave
          ? (item, error) => this.#bury(item as Block | MeasurementEvent, error, id)
          : undefined,
      changed: () => this.#tell(outlet),
      failed: (error) => this.#host.fail(error),
      warn: (message, error) => this.#settings.log.warn(message, error)
    })
    this.#outlets.push(outlet)
    if (delivery !== 'required') this.#host.optional(id)
    this.#tell(outlet)
    if (isGrave) this.#grave = outlet as Outlet<unknown> as Outlet<DeadLetter>
    return outlet
  }

  #tell<T>({ id, state: { state, why } }: OutletLike<T>): void {
    this.#host.component(id, 'sink', state, why)
  }

  async #bury(item: Block | MeasurementEvent, error: SdkError, from: string): Promise<void> {
    await bury(letterOf(item, error, from, this.#host.scheduler.now()), this.#grave as Outlet<DeadLetter>)
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
