import { type Block, timeOf, withGap } from '../model/block.ts'
import { type Gap, joinGaps } from '../model/gap.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import { durationMs, type Span } from '../model/span.ts'
import type { Stream } from '../model/stream.ts'
import { axisNs } from '../model/time-axis.ts'

/**
 * What happens to the state of an operator at a declared hole.
 *
 * @example
 * ```ts
 * import type { GapRule } from '@messwerk/core'
 *
 * const rule: GapRule = { onGap: 'hold', maxGap: '100ms' }
 * rule.onGap // => 'hold'
 * ```
 */
export interface GapRule {
  /** `reset` starts the kernel anew, `hold` keeps it. @defaultValue 'reset' */
  readonly onGap?: 'reset' | 'hold' | undefined
  /** The longest hole that `hold` holds; a longer one resets. @defaultValue any */
  readonly maxGap?: Span | undefined
}

interface CellOperator extends GapRule {
  readonly id: string
  readonly mode: 'extend' | 'replace'
  readonly kernel: (stream: Stream) => Kernel
}

/** @internal */
export interface CellState {
  readonly kernel: unknown
  readonly pending: Gap | undefined
  readonly pendingAt: number
  readonly lastIn: number | undefined
  readonly lastOut: bigint | undefined
}

/** One kernel for one stream of one split, with the gap rule applied around it. @internal */
export class KernelCell {
  readonly stream: Stream
  kernel: Kernel
  /** A hole that no emitted block has carried yet. */
  pending: Gap | undefined
  /** Time at which the pending hole ended, ms since the Unix epoch. */
  pendingAt = 0
  readonly #operator: CellOperator
  #lastIn: Block | undefined
  #lastOut: Block | undefined
  /** Ends of blocks from before a restart: ms of the last scan that came, ns of the last that was emitted. */
  #restoredIn: number | undefined
  #restoredOut: bigint | undefined
  readonly #tracksInput: boolean
  readonly #tracksOutput: boolean

  constructor(operator: CellOperator, stream: Stream) {
    this.#operator = operator
    this.stream = stream
    this.kernel = operator.kernel(stream)
    this.#tracksInput = operator.onGap === 'hold' && operator.maxGap !== undefined
    this.#tracksOutput = operator.mode === 'replace'
  }

  process(block: Block): Emission {
    this.enter(block)
    if (block.gap !== undefined) this.note(block)
    return this.carry(this.kernel.process(block))
  }

  /** Before a block is processed: starts the kernel anew where the block's gap wants that. */
  enter(block: Block): void {
    if (block.gap !== undefined && !this.#holds(block)) this.kernel = this.#operator.kernel(this.stream)
    if (this.#tracksInput) this.#lastIn = block
  }

  /** The gap of a block is to be carried by what is emitted from now on. */
  note(block: Block): void {
    this.pending = joinGaps(this.pending, block.gap)
    this.pendingAt = timeOf(block)
  }

  /** Gives the pending hole to the first block emitted since. */
  carry(emission: Emission): Emission {
    if (this.pending === undefined && !this.#tracksOutput) return emission
    const first = firstOf(emission)
    if (first === undefined) return emission
    const carried = this.pending === undefined ? emission : this.#withGap(emission, first)
    if (this.#tracksOutput) this.#lastOut = lastOf(carried)
    return carried
  }

  /** Starts anew after the kernel threw; the lost block is declared. */
  renew(lost: Block): void {
    this.kernel = this.#operator.kernel(this.stream)
    this.pending = joinGaps(this.pending, { scans: lost.length, cause: 'rejected' })
    this.pendingAt = timeOf(lost, lost.length - 1)
  }

  flush(): Emission {
    return this.kernel.flush ? this.carry(this.kernel.flush()) : undefined
  }

  /** All that the next block depends on, copied. */
  snapshot(): CellState {
    const { pending, pendingAt } = this
    return {
      kernel: this.kernel.snapshot?.(),
      pending,
      pendingAt,
      lastIn: this.#tracksInput ? this.#lastInMs() : undefined,
      lastOut: this.#tracksOutput ? this.#lastOutNs() : undefined
    }
  }

  /** Goes on where `snapshot` was taken. */
  restore({ kernel, pending, pendingAt, lastIn, lastOut }: CellState): void {
    if (kernel !== undefined) this.kernel.restore?.(kernel)
    this.pending = pending
    this.pendingAt = pendingAt
    this.#restoredIn = lastIn
    this.#restoredOut = lastOut
  }

  #holds(block: Block): boolean {
    const { onGap, maxGap } = this.#operator
    if (onGap !== 'hold') return false
    if (maxGap === undefined) return true
    if (typeof maxGap === 'object')
      return block.gap?.scans !== 'unknown' && (block.gap?.scans as number) <= maxGap.scans
    const last = this.#lastInMs()
    return last === undefined || timeOf(block) - last <= durationMs(maxGap, 'maxGap')
  }

  #lastInMs(): number | undefined {
    return this.#lastIn ? timeOf(this.#lastIn, this.#lastIn.length - 1) : this.#restoredIn
  }

  #lastOutNs(): bigint | undefined {
    return this.#lastOut ? axisNs(this.#lastOut.time, this.#lastOut.length - 1) : this.#restoredOut
  }

  #withGap(emission: Emission, first: Block): Emission {
    const gap = first.stream === this.stream ? this.pending : this.#translated(first)
    if (gap === undefined) return emission // the output goes on without a jump so far: the hole shows later
    this.pending = undefined
    if (first.gap === gap) return emission
    const marked = withGap(first, gap)
    return Array.isArray(emission) ? [marked, ...emission.slice(1)] : marked
  }

  /** The hole in scans of the output: counted on its own time axis where that is even, unknown elsewhere. */
  #translated(first: Block): Gap | undefined {
    const gap = this.pending as Gap
    if (first.stream.rate === this.stream.rate) return gap
    const last = this.#lastOutNs()
    const { rate } = first.stream
    if (last === undefined || rate === undefined) return { scans: 'unknown', cause: gap.cause }
    const passed = Number(first.time.start - last)
    const scans = Math.max(0, Math.round((passed * rate) / 1e9) - 1)
    return scans === 0 ? undefined : { scans, cause: gap.cause }
  }
}

function firstOf(emission: Emission): Block | undefined {
  return Array.isArray(emission) ? emission[0] : (emission as Block | undefined)
}

function lastOf(emission: Emission): Block | undefined {
  return Array.isArray(emission) ? emission[emission.length - 1] : (emission as Block | undefined)
}
