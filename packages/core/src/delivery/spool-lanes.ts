import type { Spool, SpoolRecord } from '../model/spool.ts'
import type { Scheduler } from '../time/scheduler.ts'
import { SpoolLane } from './spool-lane.ts'
import type { SpoolRanges } from './spool-ranges.ts'
import { recordBytes } from './spooled-items.ts'

/** @internal */
export interface LaneLimits {
  readonly items: number
  readonly bytes: number
  readonly ageMs: number
  /** Bytes of back-fill a second. */
  readonly backfill: number
  /** What is older when it is written is not new any more. */
  readonly lagMs: number
}

/** @internal */
export interface SpoolLanesOptions {
  readonly spool: Spool
  readonly ranges: SpoolRanges
  readonly limits: LaneLimits
  readonly scheduler: Scheduler
  readonly changed: () => void
}

/** Two readers of a spool: of what is new, and beside it, at its own pace, of what is behind. @internal */
export class SpoolLanes {
  readonly #options: SpoolLanesOptions
  #live: SpoolLane | undefined
  #behind: SpoolLane | undefined
  #behindTo = 0
  #behindNotBefore = 0

  constructor(options: SpoolLanesOptions) {
    this.#options = options
  }

  get oldest(): SpoolRecord | undefined {
    return (this.#behind ?? this.#live)?.oldest
  }

  get failure(): { readonly cause: unknown } | undefined {
    return this.#live?.failure ?? this.#behind?.failure
  }

  start(): void {
    this.stop()
    this.#live = this.lane(this.#options.ranges.live)
    this.#startBehind()
  }

  stop(): void {
    this.#live?.stop()
    this.#behind?.stop()
    this.#live = undefined
    this.#behind = undefined
  }

  lane(from: number, to?: number): SpoolLane {
    const { spool, scheduler, limits, changed } = this.#options
    const ahead = 2 * limits.bytes
    return new SpoolLane({ spool, from, to, ahead, bytesOf: recordBytes, now: () => scheduler.elapsed(), changed })
  }

  /** Whether new data is to be written now; `all`: without waiting for more. */
  isLiveDue(all: boolean): boolean {
    const lane = this.#live
    if (!lane || lane.length === 0) return false
    const { items, bytes, ageMs } = this.#options.limits
    const age = this.#options.scheduler.elapsed() - lane.since
    return all || lane.length >= items || lane.bytes >= bytes || age >= ageMs
  }

  /** Whether what is due is not new any more: the sink, or the disk, has fallen behind. */
  get isLate(): boolean {
    const at = this.#live?.oldest?.at
    return at !== undefined && this.#options.scheduler.now() - at > this.#options.limits.lagMs
  }

  takeLive(): SpoolRecord[] {
    const { items, bytes } = this.#options.limits
    return (this.#live as SpoolLane).take(items, bytes)
  }

  get isBehindDue(): boolean {
    return (this.#behind?.length ?? 0) > 0 && this.#options.scheduler.elapsed() >= this.#behindNotBefore
  }

  takeBehind(): SpoolRecord[] {
    const { limits, scheduler } = this.#options
    const records = this.takeOf(this.#behind as SpoolLane)
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0)
    this.#behindNotBefore = Math.max(this.#behindNotBefore, scheduler.elapsed()) + (1000 * bytes) / limits.backfill
    return records
  }

  /** The next records of a lane of back-fill: at most a quarter of what a second may have. */
  takeOf(lane: SpoolLane): SpoolRecord[] {
    const { items, bytes, backfill } = this.#options.limits
    return lane.take(items, Math.min(bytes, backfill / 4))
  }

  get isBehindDone(): boolean {
    return this.#behind?.hasEnded === true && this.#behind.length === 0
  }

  /** The range that was read is done, also where its last records are gone; the next one is begun. */
  nextBehind(): void {
    const { ranges } = this.#options
    if (ranges.behind && this.#behindTo === ranges.behind[1]) ranges.caughtUp(this.#behindTo)
    this.#startBehind()
  }

  #startBehind(): void {
    this.#behind?.stop()
    const range = this.#options.ranges.behind
    this.#behind = range && this.lane(range[0] - 1, range[1])
    this.#behindTo = range?.[1] ?? 0
  }

  /** Until something is due by time alone, ms. */
  get dueIn(): number {
    const { limits, scheduler } = this.#options
    const now = scheduler.elapsed()
    const live = this.#live?.length ? this.#live.since + limits.ageMs - now : Number.POSITIVE_INFINITY
    const behind = this.#behind?.length ? this.#behindNotBefore - now : Number.POSITIVE_INFINITY
    return Math.min(live, behind)
  }
}
