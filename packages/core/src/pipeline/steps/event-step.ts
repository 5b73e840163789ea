import type { OutletLike } from '../../delivery/outlet-like.ts'
import type { Block } from '../../model/block.ts'
import type { StepState } from '../../model/checkpoint.ts'
import type { MeasurementEvent } from '../../model/event.ts'
import type { EventKernel } from '../../model/kernel.ts'
import type { Stream } from '../../model/stream.ts'
import type { EventOperator } from '../../rx/event-operator.ts'
import type { Lane } from '../lane.ts'
import { forgetsState } from './forgets-state.ts'
import type { StatefulStep, Turn } from './step.ts'
import { failed, keyOf, migratedState } from './step-state.ts'

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
  /** Whether its kernels have a snapshot was looked at. */
  #isChecked = false

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
    if (!this.#isChecked) this.#check(held.kernel)
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

  #check(kernel: EventKernel): void {
    this.#isChecked = true
    if (forgetsState(kernel)) this.#turn.forgets(this.#operator.id)
  }

  #emit(events: readonly MeasurementEvent[] | undefined): void {
    if (events === undefined) return
    for (const event of events) this.#outlet.add(event, this.#turn.delivery)
  }
}

/** Bytes that an event costs in a queue, roughly. @internal */
export function eventBytes(): number {
  return 1000
}
