import type { Block } from '../../model/block.ts'
import type { Emission } from '../../model/kernel.ts'
import type { Lane } from '../lane.ts'
import type { Step } from './step.ts'

/** Hands on what a kernel emitted. @internal */
export function forward(children: readonly Step[], lane: Lane, emission: Emission): void {
  if (emission === undefined) return
  if (!Array.isArray(emission)) return pushAll(children, lane, emission as Block)
  for (const block of emission) pushAll(children, lane, block)
}

function pushAll(children: readonly Step[], lane: Lane, block: Block): void {
  for (let i = 0; i < children.length; i += 1) (children[i] as Step).push(lane, block)
}
