import { DroppedScans } from '../delivery/dropped-scans.ts'
import type { Delivery } from '../delivery/ledger.ts'
import type { Outlet } from '../delivery/outlet.ts'
import { KernelCell } from '../kernels/kernel-cell.ts'
import type { Block } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Gap } from '../model/gap.ts'
import type { AsyncKernel, Emission, EventKernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import type { EventOperator } from '../rx/event-operator.ts'
import type { Operator } from '../rx/operator.ts'

/** What a run keeps for one stream of one split: the state of each step, by the step's index. @internal */
export interface Lane {
  readonly split: string
  readonly stream: Stream
  readonly states: unknown[]
  lastUsed: number
  /** Blocks lost in a row to a throwing operator. */
  failures: number
}

/** What the steps of a run share. @internal */
export interface Turn {
  /** The account of the batch that is going through. */
  delivery: Delivery | undefined
  readonly signal: AbortSignal
  /** An operator threw on a block. */
  reject(operator: string, lane: Lane, block: Block, error: unknown): void
  /** A hole that no block could carry any more. */
  trailingGap(lane: Lane, gap: Gap, atMs: number): void
  /** An asynchronous step may have room again. */
  settled(): void
}

/** One part of a running pipeline. @internal */
export interface Step {
  push(lane: Lane, block: Block): void
  /** End of data. */
  flush(lane: Lane): void
}

/** Runs a kernel and hands on what it emits. @internal */
export class OperatorStep implements Step {
  readonly #turn: Turn
  readonly #operator: Operator
  readonly #index: number
  readonly #children: readonly Step[]

  constructor(turn: Turn, operator: Operator, index: number, children: readonly Step[]) {
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#children = children
  }

  push(lane: Lane, block: Block): void {
    let cell = lane.states[this.#index] as KernelCell | undefined
    let out: Emission
    try {
      if (cell === undefined || cell.stream !== block.stream) cell = this.#renew(lane, cell, block.stream)
      out = cell.process(block)
    } catch (error) {
      cell?.renew(block)
      return this.#turn.reject(this.#operator.id, lane, block, error)
    }
    lane.failures = 0
    forward(this.#children, lane, out)
  }

  flush(lane: Lane): void {
    const cell = lane.states[this.#index] as KernelCell | undefined
    if (cell) {
      forward(this.#children, lane, cell.flush())
      if (cell.pending) this.#turn.trailingGap(lane, cell.pending, cell.pendingAt)
    }
    for (const child of this.#children) child.flush(lane)
  }

  relearn(lane: Lane): void {
    const cell = lane.states[this.#index] as KernelCell | undefined
    cell?.kernel.relearn?.()
  }

  progress(lane: Lane): string | undefined {
    const cell = lane.states[this.#index] as KernelCell | undefined
    return cell?.kernel.progress?.()
  }

  #renew(lane: Lane, old: KernelCell | undefined, stream: Stream): KernelCell {
    if (old) forward(this.#children, lane, old.flush())
    const cell = new KernelCell(this.#operator, stream)
    lane.states[this.#index] = cell
    return cell
  }
}

interface Work {
  readonly lane: Lane
  readonly block: Block
  readonly cell: KernelCell
  readonly delivery: Delivery | undefined
  started: boolean
  isDone: boolean
  emission: Emission
  error: unknown
}

/** Runs an asynchronous kernel; results are handed on in the order of their blocks. @internal */
export class AsyncStep implements Step {
  readonly #turn: Turn
  readonly #operator: Operator
  readonly #index: number
  readonly #children: readonly Step[]
  readonly #concurrency: number
  readonly #waiting: Work[] = []

  constructor(turn: Turn, operator: Operator, index: number, children: readonly Step[]) {
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#children = children
    this.#concurrency = operator.concurrency ?? 1
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  get hasRoom(): boolean {
    return this.#waiting.length < this.#concurrency
  }

  push(lane: Lane, block: Block): void {
    let cell = lane.states[this.#index] as KernelCell | undefined
    try {
      if (cell === undefined || cell.stream !== block.stream) {
        cell = new KernelCell(this.#operator, block.stream)
        lane.states[this.#index] = cell
      }
    } catch (error) {
      return this.#turn.reject(this.#operator.id, lane, block, error)
    }
    const { delivery } = this.#turn
    delivery?.hold()
    const work: Work = {
      lane,
      block,
      cell,
      delivery,
      started: false,
      isDone: false,
      emission: undefined,
      error: undefined
    }
    this.#waiting.push(work)
    this.#start()
  }

  flush(lane: Lane): void {
    const cell = lane.states[this.#index] as KernelCell | undefined
    if (cell?.pending) this.#turn.trailingGap(lane, cell.pending, cell.pendingAt)
    for (const child of this.#children) child.flush(lane)
  }

  #start(): void {
    for (let i = 0; i < this.#waiting.length && i < this.#concurrency; i += 1) {
      const work = this.#waiting[i] as Work
      if (!work.started) void this.#process(work)
    }
  }

  async #process(work: Work): Promise<void> {
    work.started = true
    try {
      if (work.block.gap) work.cell.meet(work.block)
      const kernel = work.cell.kernel as unknown as AsyncKernel
      work.emission = await kernel.process(work.block, this.#turn.signal)
    } catch (error) {
      work.error = error ?? new Error('rejected without a reason')
    }
    work.isDone = true
    while (this.#waiting[0]?.isDone) this.#finish(this.#waiting.shift() as Work)
    this.#start()
    this.#turn.settled()
  }

  #finish({ lane, block, cell, delivery, emission, error }: Work): void {
    this.#turn.delivery = delivery
    if (error !== undefined) {
      cell.renew(block)
      this.#turn.reject(this.#operator.id, lane, block, error)
    } else {
      lane.failures = 0
      forward(this.#children, lane, cell.carry(emission))
    }
    this.#turn.delivery = undefined
    delivery?.release()
  }
}

/** Hands blocks to an outlet. @internal */
export class SinkStep implements Step {
  readonly #turn: Turn
  readonly #outlet: Outlet<Block>
  readonly #dropped = new DroppedScans()

  constructor(turn: Turn, outlet: Outlet<Block>) {
    this.#turn = turn
    this.#outlet = outlet
  }

  push(_lane: Lane, block: Block): void {
    this.#outlet.add(this.#dropped.declare(block), this.#turn.delivery)
  }

  flush(): void {}

  /** Notes a dropped block, so that the stream's next block declares it. */
  dropped(block: Block): void {
    this.#dropped.drop(block)
  }
}

interface EventState {
  readonly stream: Stream
  kernel: EventKernel
}

/** Turns blocks into events and hands them to an outlet. @internal */
export class EventStep implements Step {
  readonly #turn: Turn
  readonly #operator: EventOperator
  readonly #index: number
  readonly #outlet: Outlet<MeasurementEvent>

  constructor(turn: Turn, operator: EventOperator, index: number, outlet: Outlet<MeasurementEvent>) {
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#outlet = outlet
  }

  push(lane: Lane, block: Block): void {
    let state = lane.states[this.#index] as EventState | undefined
    try {
      if (state === undefined || state.stream !== block.stream) {
        if (state) this.#emit(state.kernel.flush?.())
        state = { stream: block.stream, kernel: this.#operator.kernel(block.stream) }
        lane.states[this.#index] = state
      }
      this.#emit(state.kernel.process(block))
    } catch (error) {
      if (state) state.kernel = this.#operator.kernel(block.stream)
      return this.#turn.reject(this.#operator.id, lane, block, error)
    }
    lane.failures = 0
  }

  flush(lane: Lane): void {
    const state = lane.states[this.#index] as EventState | undefined
    this.#emit(state?.kernel.flush?.())
  }

  #emit(events: readonly MeasurementEvent[] | undefined): void {
    if (events === undefined) return
    for (const event of events) this.#outlet.add(event, this.#turn.delivery)
  }
}

/** Joins steps where a pipeline forks. @internal */
export class BranchStep implements Step {
  readonly #children: readonly Step[]

  constructor(children: readonly Step[]) {
    this.#children = children
  }

  push(lane: Lane, block: Block): void {
    for (const child of this.#children) child.push(lane, block)
  }

  flush(lane: Lane): void {
    for (const child of this.#children) child.flush(lane)
  }
}

function forward(children: readonly Step[], lane: Lane, emission: Emission): void {
  if (emission === undefined) return
  if (!Array.isArray(emission)) return pushAll(children, lane, emission as Block)
  for (const block of emission) pushAll(children, lane, block)
}

function pushAll(children: readonly Step[], lane: Lane, block: Block): void {
  for (let i = 0; i < children.length; i += 1) (children[i] as Step).push(lane, block)
}

/** Bytes that an event costs in a queue, roughly. @internal */
export function eventBytes(): number {
  return 1000
}
