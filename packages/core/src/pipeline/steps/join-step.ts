import type { Block } from '../../model/block.ts'
import { timeOf } from '../../model/block.ts'
import type { StepState } from '../../model/checkpoint.ts'
import type { Stream } from '../../model/stream.ts'
import type { Joining, Joint } from '../../rx/joining.ts'
import type { Operator } from '../../rx/operator.ts'
import type { Lane } from '../lane.ts'
import { forward } from './forward.ts'
import type { StatefulStep, Step, Turn } from './step.ts'
import { failed, keyOf, migratedState } from './step-state.ts'

/** Of a lane that is kept no longer: what an asynchronous operator still had of it counts no more. */
const GONE = Symbol('gone')

interface Group {
  readonly key: string
  readonly joint: Joint
  /** What is joined goes on as this. */
  output: Lane | undefined
  /** It had an output, which may have been evicted since. */
  hasGiven: boolean
  readonly inputs: Map<string, Lane>
}

/** What a lane is to the step: one of the streams that are joined, or what comes of them. */
interface Part {
  readonly group: Group
  readonly stream: Stream
  readonly isOutput: boolean
}

interface PartState {
  readonly isOutput: boolean
  readonly state: unknown
  /** Where the grid is, kept with the streams while the output has no lane. */
  readonly joint?: unknown
}

/** Joins the lanes of several streams into one; the state of each is kept with its own lane. @internal */
export class JoinStep implements StatefulStep {
  readonly key: string
  readonly #turn: Turn
  readonly #operator: Operator
  readonly #joining: Joining
  readonly #index: number
  readonly #children: readonly Step[]
  readonly #groups = new Map<string, Group>()

  constructor(turn: Turn, operator: Operator, joining: Joining, index: number, children: readonly Step[]) {
    this.key = keyOf(operator, index)
    this.#turn = turn
    this.#operator = operator
    this.#joining = joining
    this.#index = index
    this.#children = children
  }

  capture(lane: Lane): StepState | undefined {
    const part = this.#partOf(lane)
    if (part === undefined) return undefined
    const { group, stream, isOutput } = part
    const { joint, output, hasGiven } = group
    const held = isOutput ? joint.snapshot() : joint.snapshotOf(stream.id)
    const isBare = hasGiven && output === undefined
    const state: PartState = isBare ? { isOutput, state: held, joint: joint.snapshot() } : { isOutput, state: held }
    return { step: this.key, version: this.#operator.version ?? 1, stream, state }
  }

  restore(lane: Lane, { state, stream, version }: StepState): void {
    if (this.#isGone(lane)) return
    const { isOutput, state: held, joint } = migratedState(this.#operator, state, version) as PartState
    const group = this.#group(lane)
    const grid = isOutput ? held : joint
    if (grid !== undefined) {
      group.joint.restore(grid)
      group.hasGiven = true
    }
    if (isOutput) group.output = lane
    else {
      group.joint.restoreOf(stream.id, held, lane)
      group.inputs.set(stream.id, lane)
    }
    lane.states[this.#index] = { group, stream, isOutput } satisfies Part
  }

  push(lane: Lane, block: Block): void {
    const { stream } = block
    if (!this.#joining.joins(stream.id) || this.#isGone(lane)) return
    const group = this.#group(lane)
    let late: number
    try {
      late = group.joint.take(block, lane)
    } catch (error) {
      return this.#turn.reject(this.#operator.id, failed(lane, this.#index), block, error)
    }
    if (lane.failures.length > 0) lane.failures[this.#index] = 0
    if (this.#partOf(lane)?.stream !== stream) this.#enter(group, lane, stream)
    if (late > 0) this.#turn.joins.late(lane, { scans: late, cause: 'late' }, timeOf(block, block.length - 1))
    this.#emit(group, lane)
  }

  flush(lane: Lane): void {
    const part = this.#partOf(lane)
    if (part === undefined || part.isOutput) return
    part.group.joint.end(part.stream.id)
    this.#emit(part.group, lane)
  }

  /** No source has more: gives the rest of every group in a turn of its own. */
  finish(turn: (lane: Lane, work: () => void) => void): void {
    for (const group of this.#groups.values()) {
      const [any] = group.inputs.values()
      if (any === undefined) continue
      turn(group.output ?? any, () => {
        group.joint.finish()
        this.#emit(group, any)
        if (group.output) for (const child of this.#children) child.flush(group.output)
      })
    }
  }

  /** The lane is gone: its stream is not held any more, and what still comes of it is dropped. */
  forget(lane: Lane): void {
    const part = this.#partOf(lane)
    lane.states[this.#index] = GONE
    if (part === undefined) return
    const { group, stream, isOutput } = part
    if (isOutput) group.output = undefined
    else {
      group.joint.forget(stream.id)
      group.inputs.delete(stream.id)
    }
    if (group.inputs.size === 0 && group.output === undefined) this.#groups.delete(group.key)
  }

  #isGone(lane: Lane): boolean {
    return lane.states[this.#index] === GONE
  }

  #partOf(lane: Lane): Part | undefined {
    return this.#isGone(lane) ? undefined : (lane.states[this.#index] as Part | undefined)
  }

  #group({ split }: Lane): Group {
    const key = this.#joining.isPerSplit ? split : ''
    let group = this.#groups.get(key)
    if (group === undefined) {
      const joint = this.#joining.open(split, () => this.#turn.operatorHost.scheduler.elapsed())
      group = { key, joint, output: undefined, hasGiven: false, inputs: new Map() }
      this.#groups.set(key, group)
    }
    return group
  }

  #enter(group: Group, lane: Lane, stream: Stream): void {
    group.inputs.set(stream.id, lane)
    lane.states[this.#index] = { group, stream, isOutput: false } satisfies Part
  }

  #emit(group: Group, lane: Lane): void {
    const blocks = group.joint.emit()
    // captured from the first row on: before it the streams alone say where the grid begins
    if (blocks.length === 0) return
    const output = group.output ?? this.#open(group, lane)
    output.lastUsed = Math.max(output.lastUsed, lane.lastUsed)
    forward(this.#children, output, blocks)
  }

  /** What is joined is one more stream of the split of whichever stream let it begin. */
  #open(group: Group, lane: Lane): Lane {
    const { output } = group.joint
    const opened = this.#turn.joins.laneBeside(lane, output)
    opened.states[this.#index] = { group, stream: output, isOutput: true } satisfies Part
    group.output = opened
    group.hasGiven = true
    return opened
  }
}
