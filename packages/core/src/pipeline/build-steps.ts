import type { Subject } from 'rxjs'
import { bury, letterOf } from '../delivery/bury.ts'
import { Outlet } from '../delivery/outlet.ts'
import type { OutletLike, OutletState } from '../delivery/outlet-like.ts'
import type { SpoolBehind } from '../delivery/spool-behind.ts'
import { SpooledOutlet } from '../delivery/spooled-outlet.ts'
import type { SpooledOutletOptions } from '../delivery/spooled-outlet-options.ts'
import { type Block, blockBytes } from '../model/block.ts'
import { type DeadLetter, deadLetterBytes } from '../model/dead-letter.ts'
import type { SdkError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import type { Operator } from '../rx/operator.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { lagOf, spoolBehind } from './directory.ts'
import type { EventsNode, Plan, PlanChild, PlanNode, SinkNode, ToOptions } from './plan.ts'
import type { Settings } from './settings.ts'
import {
  AsyncStep,
  BranchStep,
  EventStep,
  eventBytes,
  JoinStep,
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
  readonly joinSteps: readonly JoinStep[]
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
  readonly #joinSteps: JoinStep[] = []
  // biome-ignore lint/suspicious/noExplicitAny: outlets of blocks, events and dead letters
  readonly #outlets: OutletLike<any>[] = []
  readonly #eventOutlets: OutletLike<MeasurementEvent>[] = []
  readonly #spools: { readonly id: string; readonly path: string | undefined }[] = []
  #states = 0
  #pipeline = ''
  #grave: OutletLike<DeadLetter> | undefined

  constructor(host: BuildHost, tail: PlanNode, settings: Settings) {
    this.#host = host
    this.#tail = tail
    this.#settings = settings
  }

  build(plan: Plan): Built {
    this.#pipeline = plan.id
    const { deadLetters } = this.#settings
    const root = this.#children(plan.root)
    void this.#warnOfOrphans()
    return {
      root,
      stateful: this.#stateful,
      operators: this.#operators,
      asyncSteps: this.#asyncSteps,
      joinSteps: this.#joinSteps,
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
    if (operator.joining !== undefined) {
      const step = new JoinStep(this.#host, operator, operator.joining, index, children)
      this.#stateful[index] = step
      this.#joinSteps.unshift(step) // before those behind it, which were made first
      return step
    }
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
  ): OutletLike<T> {
    const { delivery = 'required', batch, retry, timeout, inFlight, idempotent, buffer, spool = {} } = options
    const { scheduler } = this.#host
    const id = this.#nameOf(sink.id ?? kind)
    const isGrave = kind === DEAD_LETTERS
    const common = {
      id,
      pipeline: this.#pipeline,
      sink,
      batch,
      retry,
      timeout,
      inFlight,
      idempotent,
      scheduler,
      deadLetters:
        this.#settings.deadLetters && !isGrave
          ? (item: T, error: SdkError) => this.#bury(item as Block | MeasurementEvent, error, id)
          : undefined,
      changed: () => this.#tell(outlet),
      failed: (error: unknown) => this.#host.fail(error)
    }
    const warn = (message: string, error: unknown): void => void this.#settings.log.warn(message, error)
    const outlet: OutletLike<T> =
      delivery === 'spooled'
        ? this.#spooled(common, spool)
        : new Outlet<T>(Object.assign({ delivery, buffer, bytesOf, dropped, warn }, common))
    this.#outlets.push(outlet)
    if (delivery !== 'required') this.#host.optional(id)
    this.#tell(outlet)
    if (isGrave) this.#grave = outlet as OutletLike<unknown> as OutletLike<DeadLetter>
    return outlet
  }

  /** Only blocks and events are spooled: the plan has no other sinks with options. */
  #spooled<T>(common: Omit<SpooledOutletOptions<never>, 'spool' | 'backfill'>, spool: SpoolBehind): OutletLike<T> {
    const { id, scheduler } = common
    const open = spoolBehind(id, spool, this.#settings.directory, scheduler)
    this.#spools.push({ id, path: spool.path })
    const lagMs = lagOf(spool)
    const outlet = new SpooledOutlet<never>(Object.assign({ spool: open, backfill: spool.backfill, lagMs }, common))
    return outlet as OutletLike<never> as OutletLike<T>
  }

  /** A spool whose sink was renamed or taken out keeps what it holds, and nobody writes it. */
  async #warnOfOrphans(): Promise<void> {
    const { directory, log } = this.#settings
    try {
      for (const warning of (await directory?.orphans(this.#spools)) ?? []) {
        log.warn(`${this.#pipeline}: ${warning}`)
      }
    } catch (error) {
      log.warn(`${this.#pipeline}: the spools in its directory could not be looked at`, error)
    }
  }

  #tell<T>({ id, state: { state, why } }: OutletLike<T>): void {
    this.#host.component(id, 'sink', state, why)
  }

  async #bury(item: Block | MeasurementEvent, error: SdkError, from: string): Promise<void> {
    await bury(letterOf(item, error, from, this.#host.scheduler.now()), this.#grave as OutletLike<DeadLetter>)
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
