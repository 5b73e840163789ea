import type { BatchOptions, DeliveryMode } from '../delivery/outlet-like.ts'
import type { RetryOptions } from '../delivery/retry-policy.ts'
import type { SpoolBehind } from '../delivery/spool-behind.ts'
import type { Block } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import type { Source } from '../model/source.ts'
import type { Duration, Size } from '../model/span.ts'
import type { EventOperator } from '../rx/event-operator.ts'
import type { Operator } from '../rx/operator.ts'

/**
 * How a pipeline hands blocks or events to a sink.
 *
 * @example
 * ```ts
 * import type { ToOptions } from '@messwerk/core'
 *
 * const options: ToOptions = { delivery: 'bestEffort', batch: { age: '1s' } }
 * options.delivery // => 'bestEffort'
 * ```
 */
export interface ToOptions {
  /** @defaultValue 'required' */
  readonly delivery?: DeliveryMode | undefined
  readonly batch?: BatchOptions | undefined
  /** How a failed write, or the connection, is repeated. */
  readonly retry?: RetryOptions | undefined
  /** How long one attempt to write or to connect may take; then it is aborted and repeated. @defaultValue '30s' */
  readonly timeout?: Duration | undefined
  /** Writes at the same time; above 1 items may overtake each other, which needs `idempotent`. @defaultValue 1 */
  readonly inFlight?: number | undefined
  /** Whether the sink takes the same items twice, at once and in any order, without harm. @defaultValue false */
  readonly idempotent?: boolean | undefined
  /** Most that a `bestEffort` sink may keep waiting here. @defaultValue '16MiB' */
  readonly buffer?: Size | undefined
  /** Of a `spooled` sink. */
  readonly spool?: SpoolBehind | undefined
}

/** What was built, before it runs: a tree of operators and sinks. @internal */
export interface PlanNode {
  readonly children: PlanChild[]
}

/** @internal */
export type PlanChild = OperatorNode | SinkNode | EventsNode | BranchNode

/** @internal */
export interface OperatorNode extends PlanNode {
  readonly kind: 'operator'
  readonly operator: Operator
}

/** @internal */
export interface BranchNode extends PlanNode {
  readonly kind: 'branch'
}

/** @internal */
export interface SinkNode {
  readonly kind: 'sink'
  readonly sink: Sink<Block>
  readonly options: ToOptions
}

/** @internal */
export interface EventsNode {
  readonly kind: 'events'
  readonly operator: EventOperator
  readonly sink: Sink<MeasurementEvent>
  readonly options: ToOptions
}

/** @internal */
export interface Plan {
  readonly id: string
  readonly sources: readonly Source[]
  readonly root: PlanNode
}

/** The plan as an indented text, one line a part. @internal */
export function describePlan({ id, sources, root }: Plan): string {
  const lines = [id, ...sources.map((source) => `  from ${source.id} (replay: ${source.replay})`)]
  describeChildren(root, '  ', lines)
  return lines.join('\n')
}

function describeChildren(node: PlanNode, indent: string, lines: string[]): void {
  for (const child of node.children) {
    lines.push(indent + describeChild(child))
    if (child.kind === 'branch') describeChildren(child, `${indent}  `, lines)
  }
  for (const child of node.children) if (child.kind === 'operator') describeChildren(child, indent, lines)
}

function describeChild(child: PlanChild): string {
  switch (child.kind) {
    case 'operator':
      return `pipe ${child.operator.id}`
    case 'branch':
      return 'branch'
    case 'sink':
      return `to ${child.sink.id ?? 'sink'} (${child.options.delivery ?? 'required'})`
    case 'events':
      return `events ${child.operator.id} to ${child.sink.id ?? 'sink'} (${child.options.delivery ?? 'required'})`
  }
}
