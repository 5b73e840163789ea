import type { Scheduler } from '@messwerk/core/driver'
import type { Block, Gap } from '@messwerk/core/model'
import type { DataValue } from 'node-opcua-client'
import type { SourcePlan } from './opcua-source-options.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import { sameValue } from './same-value.ts'
import { StreamMemory } from './stream-memory.ts'
import { StreamRows } from './stream-rows.ts'

interface TableOptions {
  readonly plan: SourcePlan
  readonly carried: { readonly memories: Map<string, StreamMemory> }
  readonly scheduler: Scheduler
}

/** All streams of a source, and which node belongs to which. @internal */
export class StreamTable {
  readonly nodes: readonly ResolvedNode[]
  /** Whether any node holds a structure. */
  readonly hasStructures: boolean
  readonly #streams: StreamRows[] = []
  readonly #of: StreamRows[] = []
  readonly #at: number[] = []
  /** Source and server time of the last value that was read of a node, where it is polled. */
  readonly #polled: { readonly source: number; readonly value: unknown; readonly status: number }[] = []

  constructor(nodes: readonly ResolvedNode[], options: TableOptions, clockWentBack: (byMs: number) => void) {
    const { plan, carried, scheduler } = options
    const { id: split, clock, between, publishMs, samplingMs } = plan
    this.nodes = nodes
    this.hasStructures = nodes.some(({ type }) => type === 'ExtensionObject')
    for (const id of new Set(nodes.map((node) => node.plan.stream))) {
      const own = nodes.filter((node) => node.plan.stream === id)
      const memory = carried.memories.get(id) ?? new StreamMemory(scheduler.now())
      carried.memories.set(id, memory)
      const slowest = Math.max(samplingMs, ...own.map((node) => node.plan.samplingMs ?? 0))
      const toleranceMs = Math.max(1000, 2 * (publishMs + slowest))
      const rows = new StreamRows({ id, nodes: own, memory, split, clock, between, toleranceMs, clockWentBack })
      this.#streams.push(rows)
      for (const [at, node] of own.entries()) {
        const handle = nodes.indexOf(node)
        this.#of[handle] = rows
        this.#at[handle] = at
      }
    }
  }

  /** Time of the last value of a node, ms since the Unix epoch. */
  lastMs(handle: number): number {
    return (this.#of[handle] as StreamRows).lastMs(this.#at[handle] as number)
  }

  /** Keeps what the next connection is to know. */
  remember(): void {
    for (const stream of this.#streams) stream.remember()
  }

  tear(gap: Gap): void {
    for (const stream of this.#streams) stream.tear(gap)
  }

  add(handle: number, value: DataValue, now: number): void {
    this.#of[handle]?.add(this.#at[handle] as number, value, now)
  }

  /** What is recorded from now on is behind the last values. @returns their times, ms since the Unix epoch */
  beginHistorical(): number[] {
    for (const stream of this.#streams) stream.beginRecorded()
    return Array.from(this.nodes, (_, handle) => this.lastMs(handle))
  }

  /** A recorded value; one that is known already is left out. @returns whether it fits the channels */
  addHistorical(handle: number, value: DataValue, now: number): boolean {
    return (this.#of[handle] as StreamRows).addRecorded(this.#at[handle] as number, value, now)
  }

  /** Whether a value that was read is another one than before. */
  isNew(handle: number, { sourceTimestamp, value, statusCode }: DataValue): boolean {
    const source = sourceTimestamp?.getTime() ?? Number.NaN
    const last = this.#polled[handle]
    const now = { source, value: value?.value as unknown, status: statusCode.value }
    this.#polled[handle] = now
    // without a time of its own each reading is a sample
    return !last || last.source !== source || last.status !== now.status || !sameValue(last.value, now.value)
  }

  take(position: number, historical: boolean): Block[] {
    const [only] = this.#streams
    if (only && this.#streams.length === 1) return only.take(position, historical)
    const blocks: Block[] = []
    for (const stream of this.#streams) for (const block of stream.take(position, historical)) blocks.push(block)
    return blocks
  }
}
