import type { Block } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import type { Source } from '../model/source.ts'
import type { EventOperator } from '../rx/event-operator.ts'
import type { After, Mode, Operator } from '../rx/operator.ts'
import { PipelineRun } from './pipeline-run.ts'
import { describePlan, type OperatorNode, type Plan, type PlanNode, type ToOptions } from './plan.ts'
import type { Run, StartOptions } from './run.ts'

/**
 * Channel names that every one of several sources has.
 *
 * @example
 * ```ts
 * import type { Common } from '@messwerk/core'
 * import type { Source } from '@messwerk/core/model'
 *
 * const name: Common<Source<'a' | 'b'> | Source<'b' | 'c'>> = 'b'
 * name // => 'b'
 * ```
 */
export type Common<S> = [S] extends [Source<infer C>] ? C & string : never

/**
 * A pipeline being built. Each call adds a part and returns the flow behind it.
 *
 * @example
 * ```ts
 * import { pipeline, pushSource, rms, type Flow } from '@messwerk/core'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const flow: Flow<'pressure.rms'> = pipeline('pump').from(pump).pipe(rms({ window: '1s', channels: ['pressure'] }))
 * flow.describe().includes('rms') // => true
 * ```
 */
export interface Flow<C extends string> {
  /** Lets blocks go through an operator. */
  pipe<A1 extends string, M1 extends Mode>(a: Operator<C, A1, M1>): Flow<After<C, A1, M1>>
  /** Lets blocks go through two operators, in order. */
  pipe<A1 extends string, M1 extends Mode, A2 extends string, M2 extends Mode>(
    a: Operator<C, A1, M1>,
    b: Operator<After<C, A1, M1>, A2, M2>
  ): Flow<After<After<C, A1, M1>, A2, M2>>
  /** Lets blocks go through three operators, in order. */
  pipe<A1 extends string, M1 extends Mode, A2 extends string, M2 extends Mode, A3 extends string, M3 extends Mode>(
    a: Operator<C, A1, M1>,
    b: Operator<After<C, A1, M1>, A2, M2>,
    c: Operator<After<After<C, A1, M1>, A2, M2>, A3, M3>
  ): Flow<After<After<After<C, A1, M1>, A2, M2>, A3, M3>>
  /** Lets blocks go through four operators, in order. */
  pipe<
    A1 extends string,
    M1 extends Mode,
    A2 extends string,
    M2 extends Mode,
    A3 extends string,
    M3 extends Mode,
    A4 extends string,
    M4 extends Mode
  >(
    a: Operator<C, A1, M1>,
    b: Operator<After<C, A1, M1>, A2, M2>,
    c: Operator<After<After<C, A1, M1>, A2, M2>, A3, M3>,
    d: Operator<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>
  ): Flow<After<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>>
  /** Lets blocks go through five operators, in order. */
  pipe<
    A1 extends string,
    M1 extends Mode,
    A2 extends string,
    M2 extends Mode,
    A3 extends string,
    M3 extends Mode,
    A4 extends string,
    M4 extends Mode,
    A5 extends string,
    M5 extends Mode
  >(
    a: Operator<C, A1, M1>,
    b: Operator<After<C, A1, M1>, A2, M2>,
    c: Operator<After<After<C, A1, M1>, A2, M2>, A3, M3>,
    d: Operator<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>,
    e: Operator<After<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>, A5, M5>
  ): Flow<After<After<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>, A5, M5>>
  /** Lets blocks go through six operators, in order. */
  pipe<
    A1 extends string,
    M1 extends Mode,
    A2 extends string,
    M2 extends Mode,
    A3 extends string,
    M3 extends Mode,
    A4 extends string,
    M4 extends Mode,
    A5 extends string,
    M5 extends Mode,
    A6 extends string,
    M6 extends Mode
  >(
    a: Operator<C, A1, M1>,
    b: Operator<After<C, A1, M1>, A2, M2>,
    c: Operator<After<After<C, A1, M1>, A2, M2>, A3, M3>,
    d: Operator<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>,
    e: Operator<After<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>, A5, M5>,
    f: Operator<After<After<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>, A5, M5>, A6, M6>
  ): Flow<After<After<After<After<After<After<C, A1, M1>, A2, M2>, A3, M3>, A4, M4>, A5, M5>, A6, M6>>
  /** Hands blocks to a sink; the flow goes on with the same blocks. */
  to(sink: Sink<Block<C>>, options?: ToOptions): Flow<C>
  /** Makes events of blocks and hands them to a sink; the flow goes on with the same blocks. */
  events(operator: EventOperator<C>, sink: Sink<MeasurementEvent>, options?: ToOptions): Flow<C>
  /** Lets a second flow start here; the first goes on with the same blocks. */
  // biome-ignore lint/suspicious/noExplicitAny: a branch may end with any channels
  branch(build: (flow: Flow<C>) => Flow<any>): Flow<C>
  /** What has been built, one line a part. */
  describe(): string
  /**
   * Connects everything and lets data flow.
   *
   * @throws RangeError when an option is wrong
   */
  start(options?: StartOptions): Run<C>
}

/**
 * Starts building a pipeline: sources, operators and sinks that run together, with an account of every batch.
 *
 * A source is asked for more only while what it has given is becoming durable in every required sink, so memory is
 * bounded, and it is told to forget (commit) only what is durable.
 *
 * @param id - name in logs and errors
 *
 * @example
 * ```ts
 * import { pipeline, pushSource, rms } from '@messwerk/core'
 * import { recordingSink } from '@messwerk/core/testing'
 *
 * const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar' } })
 * const raw = recordingSink()
 * const run = pipeline('pump').from(pump).to(raw).start()
 * pump.push({ pressure: 3.1 })
 * pump.end()
 * await run.done
 * raw.items.length // => 1
 * ```
 */
export function pipeline(id: string): {
  /** Says where the blocks come from; of several sources, the channels that all of them have are known by type. */
  from<S extends readonly Source[]>(...sources: S): Flow<Common<S[number]>>
} {
  if (typeof id !== 'string' || id === '') throw new TypeError('pipeline: id must be a non-empty string')
  return {
    from(...sources) {
      if (sources.length === 0) throw new TypeError(`pipeline ${id}: from needs at least one source`)
      for (const source of sources) {
        if (typeof source?.read !== 'function')
          throw new TypeError(`pipeline ${id}: from needs sources, got ${typeof source}`)
      }
      const root: PlanNode = { children: [] }
      return new FlowBuilder({ id, sources, root }, root) as never
    }
  }
}

class FlowBuilder {
  readonly #plan: Plan
  readonly #node: PlanNode

  constructor(plan: Plan, node: PlanNode) {
    this.#plan = plan
    this.#node = node
  }

  pipe(...operators: Operator[]): FlowBuilder {
    let node = this.#node
    for (const operator of operators) {
      if (typeof operator?.kernel !== 'function') {
        throw new TypeError(
          `pipeline ${this.#plan.id}: pipe takes operators of this SDK; admit a stateless RxJS operator with viaRx('name', operator)`
        )
      }
      const next: OperatorNode = { kind: 'operator', operator, children: [] }
      node.children.push(next)
      node = next
    }
    return new FlowBuilder(this.#plan, node)
  }

  to(sink: Sink<Block>, options: ToOptions = {}): this {
    if (typeof sink?.write !== 'function')
      throw new TypeError(`pipeline ${this.#plan.id}: to needs a sink, got ${typeof sink}`)
    this.#node.children.push({ kind: 'sink', sink, options })
    return this
  }

  events(operator: EventOperator, sink: Sink<MeasurementEvent>, options: ToOptions = {}): this {
    if (typeof operator?.kernel !== 'function' || typeof sink?.write !== 'function') {
      throw new TypeError(`pipeline ${this.#plan.id}: events needs an event operator such as toEvents() and a sink`)
    }
    this.#node.children.push({ kind: 'events', operator, sink, options })
    return this
  }

  branch(build: (flow: FlowBuilder) => unknown): this {
    const branch = { kind: 'branch' as const, children: [] }
    this.#node.children.push(branch)
    build(new FlowBuilder(this.#plan, branch))
    return this
  }

  describe(): string {
    return describePlan(this.#plan)
  }

  start(options: StartOptions = {}): Run {
    return new PipelineRun(this.#plan, this.#node, options)
  }
}
