import type { Delivery } from '../../delivery/ledger.ts'
import { KernelCell } from '../../kernels/kernel-cell.ts'
import type { Block } from '../../model/block.ts'
import type { StepState } from '../../model/checkpoint.ts'
import type { AsyncKernel, Emission, Kernel } from '../../model/kernel.ts'
import { boundTo } from '../../rx/async-operator.ts'
import type { Operator } from '../../rx/operator.ts'
import type { OperatorRun } from '../../rx/operator-run.ts'
import type { Lane } from '../lane.ts'
import { forgetsState } from './forgets-state.ts'
import { forward } from './forward.ts'
import type { StatefulStep, Step, Turn } from './step.ts'
import { captureCell, failed, keyOf, restoredCell } from './step-state.ts'

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
  readonly #run: OperatorRun | undefined
  readonly #index: number
  readonly #children: readonly Step[]
  readonly #concurrency: number
  readonly #waiting: Work[] = []
  /** Lanes whose data is at its end, with the account of that, until what is worked on has left. */
  readonly #ending = new Map<Lane, Delivery | undefined>()
  /** Whether its kernels have a snapshot was looked at. */
  #isChecked = false

  constructor(turn: Turn, operator: Operator, index: number, children: readonly Step[]) {
    this.key = keyOf(operator, index)
    this.#turn = turn
    this.#run = operator.begin?.(turn.operatorHost)
    this.#operator = this.#run === undefined ? operator : boundTo(this.#run, operator)
    this.#index = index
    this.#children = children
    this.#concurrency = operator.concurrency ?? 1
  }

  /** Only while idle: what is being worked on is in no state. */
  capture(lane: Lane): StepState | undefined {
    const cell = lane.states[this.#index] as KernelCell | undefined
    if (cell && !this.#isChecked) this.#check(cell.kernel)
    return captureCell(this.key, this.#operator, cell)
  }

  restore(lane: Lane, state: StepState): void {
    lane.states[this.#index] = restoredCell(this.#operator, state)
  }

  /** Resolves when it may take blocks; behind `restore`. */
  async open(): Promise<void> {
    await this.#run?.open()
  }

  async close(): Promise<void> {
    await this.#run?.close()
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  get hasRoom(): boolean {
    return this.#waiting.length < this.#concurrency
  }

  push(lane: Lane, block: Block): void {
    if (this.isIdle) this.#run?.turn()
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
      work.cell.enter(work.block)
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
      for (const event of (cell.kernel as unknown as AsyncKernel).notices?.() ?? []) this.#turn.notice(event)
    }
    this.#turn.delivery = undefined
    delivery?.release()
  }

  #check(kernel: Kernel): void {
    this.#isChecked = true
    if (forgetsState(kernel)) this.#turn.forgets(this.#operator.id)
  }
}
