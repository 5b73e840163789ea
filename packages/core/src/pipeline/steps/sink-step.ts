import { DroppedScans } from '../../delivery/dropped-scans.ts'
import type { OutletLike } from '../../delivery/outlet-like.ts'
import type { Block } from '../../model/block.ts'
import type { Lane } from '../lane.ts'
import type { Step, Turn } from './step.ts'

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
