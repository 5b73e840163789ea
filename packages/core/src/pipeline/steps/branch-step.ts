import type { Block } from '../../model/block.ts'
import type { Lane } from '../lane.ts'
import type { Step } from './step.ts'

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
