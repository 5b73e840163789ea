import { type CellState, KernelCell } from '../kernels/kernel-cell.ts'
import type { Block } from '../model/block.ts'
import { sliceBlock } from '../model/cut.ts'
import { SnapshotIncompatibleError } from '../model/errors.ts'
import { type Gap, joinGaps } from '../model/gap.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import { Quality } from '../model/quality.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Stream } from '../model/stream.ts'
import { offsetNs } from '../model/time-axis.ts'
import type { Operator } from '../rx/operator.ts'

interface WhenState {
  readonly on: boolean
  readonly settled: boolean
  readonly since: string
  readonly seen: boolean
  readonly missed: Gap | undefined
  readonly inner: CellState
}

/** Cuts blocks where a flag switches, and hands the inner kernel those parts where it is on and settled. @internal */
export class WhenKernel implements Kernel {
  readonly output: Stream
  readonly #cell: KernelCell
  readonly #flag: number
  readonly #flagName: string
  readonly #settleNs: number
  readonly #extends: boolean
  /** Input channel by output channel; -1 where the inner operator adds it. */
  readonly #sources: readonly number[]
  #on = false
  #settled = false
  /** Time at which the flag came on, ns since the Unix epoch. */
  #since = 0n
  /** Whether the inner kernel has had a block; before that nothing of it can be missing. */
  #seen = false
  /** What the inner kernel has not seen since its last block. */
  #missed: Gap | undefined
  /** The same, ns from the start of the block at hand. */
  #sinceOffset = 0
  #passedNs = 0

  constructor(flag: string, inner: Operator, stream: Stream, settleNs: number) {
    this.#cell = new KernelCell(inner, stream)
    this.#flagName = flag
    this.#flag = stream.index(flag)
    this.#settleNs = settleNs
    this.#extends = (inner.mode as string) === 'extend'
    this.output = this.#cell.kernel.output
    const names = stream.channels.map((channel) => channel.name)
    this.#sources = this.output.channels.map((channel) => names.indexOf(channel.name))
  }

  process(block: Block): Emission {
    this.#missed = joinGaps(this.#missed, block.gap)
    if (this.#on && !this.#settled) this.#sinceOffset = Number(this.#since - block.time.start)
    const out: Block[] = []
    for (let from = 0; from < block.length; ) {
      const open = this.#step(block, from)
      let to = from + 1
      while (to < block.length && this.#step(block, to) === open) to += 1
      // The step that ended this part is taken again as the first of the next one: it changes nothing then.
      if (open) this.#runInner(block, from, to, out)
      else this.#pass(block, from, to, out)
      from = to
    }
    return out.length === 1 ? out[0] : out
  }

  flush(): Emission {
    return this.#stripped(this.#cell.flush())
  }

  snapshot(): Snapshot {
    const state: WhenState = {
      on: this.#on,
      settled: this.#settled,
      since: String(this.#since),
      seen: this.#seen,
      missed: this.#missed && { scans: this.#missed.scans, cause: this.#missed.cause },
      inner: this.#cell.snapshot()
    }
    return { kind: 'when', version: 1, state }
  }

  /** @throws SnapshotIncompatibleError when it is of another operator or version */
  restore(snapshot: unknown): void {
    const { kind, version, state } = (snapshot ?? {}) as Partial<Snapshot>
    if (kind !== 'when') throw new SnapshotIncompatibleError('when', `it is of '${String(kind)}'`)
    if (version !== 1) throw new SnapshotIncompatibleError('when', `version ${String(version)} is not 1`)
    const { on, settled, since, seen, missed, inner } = state as WhenState
    this.#on = on
    this.#settled = settled
    this.#since = BigInt(since)
    this.#seen = seen
    this.#missed = missed
    this.#cell.restore(inner)
  }

  relearn(): void {
    this.#cell.kernel.relearn?.()
  }

  progress(): string | undefined {
    if (this.#settled) return this.#cell.kernel.progress?.()
    if (!this.#on) return `waiting for ${this.#flagName}`
    return `${this.#flagName} is on, settling ${Math.floor(this.#passedNs / 1e9)} of ${this.#settleNs / 1e9} s`
  }

  /** Takes the flag of one scan. @returns whether the inner kernel gets the scan */
  #step(block: Block, i: number): boolean {
    const flag = block.values[this.#flag * block.length + i] as number
    if (!(flag > 0 && Number.isFinite(flag))) {
      this.#on = false
      this.#settled = false
      return false
    }
    if (this.#settled) return true
    const offset = Math.round(offsetNs(block.time, i))
    if (!this.#on) {
      this.#on = true
      this.#since = block.time.start + BigInt(offset)
      this.#sinceOffset = offset
    }
    this.#passedNs = offset - this.#sinceOffset
    this.#settled = this.#passedNs >= this.#settleNs
    return this.#settled
  }

  #runInner(block: Block, from: number, to: number, out: Block[]): void {
    const part = sliceBlock(block, from, to)
    const gap = this.#missed
    this.#missed = undefined
    this.#seen = true
    const { stream, length, values, time, quality, origin } = part
    const emission = this.#cell.process(
      part.gap === gap ? part : { stream, length, values, time, quality, gap, origin }
    )
    const kept = this.#stripped(emission)
    if (Array.isArray(kept)) for (const one of kept) out.push(one)
    else if (kept !== undefined) out.push(kept as Block)
  }

  #pass(block: Block, from: number, to: number, out: Block[]): void {
    if (this.#seen) this.#missed = joinGaps(this.#missed, { scans: to - from, cause: 'shed' })
    if (!this.#extends) return
    const { length, time, quality, origin } = sliceBlock(block, from, to)
    const values = new Float64Array(this.#sources.length * length).fill(Number.NaN)
    const marks = new Uint8Array(values.length).fill(Quality.missing)
    for (let c = 0; c < this.#sources.length; c += 1) {
      const source = this.#sources[c] as number
      if (source < 0) continue
      const at = source * block.length
      values.set(block.values.subarray(at + from, at + to), c * length)
      if (quality) marks.set(quality.subarray(source * length, (source + 1) * length), c * length)
      else marks.fill(Quality.good, c * length, (c + 1) * length)
    }
    out.push({ stream: this.output, length, values, time, quality: marks, gap: undefined, origin })
  }

  /** Where all scans stay there is no hole: the cell around this kernel declares the real ones. */
  #stripped(emission: Emission): Emission {
    if (!this.#extends || emission === undefined) return emission
    return Array.isArray(emission) ? emission.map(withoutGap) : withoutGap(emission as Block)
  }
}

function withoutGap(block: Block): Block {
  if (block.gap === undefined) return block
  const { stream, length, values, time, quality, origin } = block
  return { stream, length, values, time, quality, gap: undefined, origin }
}
