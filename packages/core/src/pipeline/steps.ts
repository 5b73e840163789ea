import { DroppedScans } from '../delivery/dropped-scans.ts'
import type { Delivery } from '../delivery/ledger.ts'
import type { OutletLike } from '../delivery/outlet-like.ts'
import { type CellState, KernelCell } from '../kernels/kernel-cell.ts'
import type { Block } from '../model/block.ts'
import type { StepState } from '../model/checkpoint.ts'
import { SnapshotIncompatibleError } from '../model/errors.ts'
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
  /** Blocks lost in a row to a throwing operator, by the index of its step. */
  readonly failures: number[]
  /** Last sequence number of its publisher, where that counts. */
  sequence: number | undefined
  /** No block of it has come since the start. */
  isNew: boolean
}

/** What the steps of a run share. @internal */
export interface Turn {
  /** The account of the batch that is going through. */
  delivery: Delivery | undefined
  readonly signal: AbortSignal
  /** An operator threw on a block, on so many in a row by now. */
  reject(operator: string, inARow: number, block: Block, error: unknown): void
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

/** A step whose state is part of checkpoints. @internal */
export interface StatefulStep extends Step {
  /** Place, id and settings: what must be the same for a state to fit. */
  readonly key: string
  /** A copy of its state for a stream, if it has any. */
  capture(lane: Lane): StepState | undefined
  /** @throws SnapshotIncompatibleError */
  restore(lane: Lane, state: StepState): void
}

/** Runs a kernel and hands on what it emits. @internal */
export class OperatorStep implements StatefulStep {
  readonly key: string
  readonly #turn: Turn
  readonly #operator: Operator
  readonly #index: number
  readonly #children: readonly Step[]

  constructor(turn: Turn, operator: Operator, index: number, children: readonly Step[]) {
    this.key = keyOf(operator, index)
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#children = children
  }

  capture(lane: Lane): StepState | undefined {
    return captureCell(this.key, this.#operator, lane.states[this.#index] as KernelCell | undefined)
  }

  restore(lane: Lane, state: StepState): void {
    lane.states[this.#index] = restoredCell(this.#operator, state)
  }

  push(lane: Lane, block: Block): void {
    let cell = lane.states[this.#index] as KernelCell | undefined
    let out: Emission
    try {
      if (cell === undefined || cell.stream !== block.stream) cell = this.#renew(lane, cell, block.stream)
      out = cell.process(block)
    } catch (error) {
      cell?.renew(block)
      return this.#turn.reject(this.#operator.id, failed(lane, this.#index), block, error)
    }
    if (lane.failures.length > 0) lane.failures[this.#index] = 0
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
export class AsyncStep implements StatefulStep {
  readonly key: string
  readonly #turn: Turn
  readonly #operator: Operator
  readonly #index: number
  readonly #children: readonly Step[]
  readonly #concurrency: number
  readonly #waiting: Work[] = []
  /** Lanes whose data is at its end, with the account of that, until what is worked on has left. */
  readonly #ending = new Map<Lane, Delivery | undefined>()

  constructor(turn: Turn, operator: Operator, index: number, children: readonly Step[]) {
    this.key = keyOf(operator, index)
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#children = children
    this.#concurrency = operator.concurrency ?? 1
  }

  /** Only while idle: what is being worked on is in no state. */
  capture(lane: Lane): StepState | undefined {
    return captureCell(this.key, this.#operator, lane.states[this.#index] as KernelCell | undefined)
  }

  restore(lane: Lane, state: StepState): void {
    lane.states[this.#index] = restoredCell(this.#operator, state)
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
      return this.#turn.reject(this.#operator.id, failed(lane, this.#index), block, error)
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
    if (!this.isIdle) return this.#flushLater(lane)
    const cell = lane.states[this.#index] as KernelCell | undefined
    if (cell?.pending) this.#turn.trailingGap(lane, cell.pending, cell.pendingAt)
    for (const child of this.#children) child.flush(lane)
  }

  #flushLater(lane: Lane): void {
    const { delivery } = this.#turn
    delivery?.hold()
    this.#ending.set(lane, delivery)
  }

  #flushEnded(): void {
    for (const [lane, delivery] of this.#ending) {
      this.#ending.delete(lane)
      this.#turn.delivery = delivery
      this.flush(lane)
      this.#turn.delivery = undefined
      delivery?.release()
    }
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
      if (work.block.gap) work.cell.open(work.block)
      const kernel = work.cell.kernel as unknown as AsyncKernel
      work.emission = await kernel.process(work.block, this.#turn.signal)
    } catch (error) {
      work.error = error ?? new Error('rejected without a reason')
    }
    work.isDone = true
    while (this.#waiting[0]?.isDone) this.#finish(this.#waiting.shift() as Work)
    if (this.isIdle) this.#flushEnded()
    this.#start()
    this.#turn.settled()
  }

  #finish({ lane, block, cell, delivery, emission, error }: Work): void {
    this.#turn.delivery = delivery
    if (block.gap) cell.note(block)
    if (error !== undefined) {
      cell.renew(block)
      this.#turn.reject(this.#operator.id, failed(lane, this.#index), block, error)
    } else {
      if (lane.failures.length > 0) lane.failures[this.#index] = 0
      forward(this.#children, lane, cell.carry(emission))
    }
    this.#turn.delivery = undefined
    delivery?.release()
  }
}

/** Hands blocks to an outlet. @internal */
export class SinkStep implements Step {
  readonly #turn: Turn
  readonly #outlet: OutletLike<Block>
  readonly #dropped = new DroppedScans()

  constructor(turn: Turn, outlet: OutletLike<Block>) {
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
export class EventStep implements StatefulStep {
  readonly key: string
  readonly #turn: Turn
  readonly #operator: EventOperator
  readonly #index: number
  readonly #outlet: OutletLike<MeasurementEvent>

  constructor(turn: Turn, operator: EventOperator, index: number, outlet: OutletLike<MeasurementEvent>) {
    this.key = keyOf(operator, index)
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#outlet = outlet
  }

  capture(lane: Lane): StepState | undefined {
    const held = lane.states[this.#index] as EventState | undefined
    if (!held) return undefined
    return {
      step: this.key,
      version: this.#operator.version ?? 1,
      stream: held.stream,
      state: held.kernel.snapshot?.()
    }
  }

  restore(lane: Lane, { state, stream, version }: StepState): void {
    const kernel = this.#operator.kernel(stream)
    const migrated = migratedState(this.#operator, state, version)
    if (migrated !== undefined) kernel.restore?.(migrated)
    lane.states[this.#index] = { stream, kernel } satisfies EventState
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
      return this.#turn.reject(this.#operator.id, failed(lane, this.#index), block, error)
    }
    if (lane.failures.length > 0) lane.failures[this.#index] = 0
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

/** Counts a block that a step threw on; returns how many in a row that makes. */
function failed({ failures }: Lane, index: number): number {
  failures[index] = (failures[index] ?? 0) + 1
  return failures[index]
}

interface Versioned {
  readonly id: string
  readonly version?: number | undefined
  readonly settings?: unknown
  readonly migrate?: ((state: unknown, version: number) => unknown) | undefined
}

function keyOf({ id, settings }: Versioned, index: number): string {
  return settings === undefined ? `${index} ${id}` : `${index} ${id} ${JSON.stringify(settings)}`
}

function captureCell(step: string, operator: Operator, cell: KernelCell | undefined): StepState | undefined {
  return cell && { step, version: operator.version ?? 1, stream: cell.stream, state: cell.snapshot() }
}

function restoredCell(operator: Operator, { state, stream, version }: StepState): KernelCell {
  const { kernel, pending, pendingAt, lastIn, lastOut } = state as CellState
  const cell = new KernelCell(operator, stream)
  cell.restore({ kernel: migratedState(operator, kernel, version), pending, pendingAt, lastIn, lastOut })
  return cell
}

function migratedState(operator: Versioned, state: unknown, version: number): unknown {
  const now = operator.version ?? 1
  if (version === now) return state
  if (operator.migrate && version < now) return operator.migrate(state, version)
  const how = version > now ? 'it is newer' : 'the operator has no migrate'
  throw new SnapshotIncompatibleError(
    `the state of ${operator.id}`,
    `it is of version ${version}, the operator of ${now}, and ${how}`
  )
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
