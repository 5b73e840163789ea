import { KernelCell } from '../../kernels/kernel-cell.ts'
import type { Block } from '../../model/block.ts'
import type { StepState } from '../../model/checkpoint.ts'
import type { Emission, Kernel } from '../../model/kernel.ts'
import type { Stream } from '../../model/stream.ts'
import type { Operator } from '../../rx/operator.ts'
import type { Lane } from '../lane.ts'
import { forgetsState } from './forgets-state.ts'
import { forward } from './forward.ts'
import type { StatefulStep, Step, Turn } from './step.ts'
import { captureCell, failed, keyOf, restoredCell } from './step-state.ts'

/** Runs a kernel and hands on what it emits. @internal */
export class OperatorStep implements StatefulStep {
  readonly key: string
  readonly #turn: Turn
  readonly #operator: Operator
  readonly #index: number
  readonly #children: readonly Step[]
  /** Whether its kernels have a snapshot was looked at. */
  #isChecked = false

  constructor(turn: Turn, operator: Operator, index: number, children: readonly Step[]) {
    this.key = keyOf(operator, index)
    this.#turn = turn
    this.#operator = operator
    this.#index = index
    this.#children = children
  }

  capture(lane: Lane): StepState | undefined {
    const cell = lane.states[this.#index] as KernelCell | undefined
    if (cell && !this.#isChecked) this.#check(cell.kernel)
    return captureCell(this.key, this.#operator, cell)
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

  #check(kernel: Kernel): void {
    this.#isChecked = true
    if (forgetsState(kernel)) this.#turn.forgets(this.#operator.id)
  }
}
