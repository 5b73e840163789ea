import type { Block } from '../model/block.ts'
import { axisNs, offsetNs, type TimeAxis } from '../model/time-axis.ts'

const NS = 1e9

/**
 * Event time in seconds since the first scan that was met. The same instant gives the same bits, however the stream was cut
 * into blocks.
 *
 * @internal
 */
export class DetectClock {
  #origin: bigint | undefined
  #axis: TimeAxis | undefined
  /** ns from the origin to the start of the axis; whole seconds of it are in `#whole` where it is too long to be exact. */
  #base = 0
  #whole = 0
  /** ns between scans where that is simply a whole number from the start on, otherwise 0. */
  #step = 0

  /** Turns to the scans of this block. */
  meet({ time }: Block): void {
    this.#origin ??= axisNs(time, 0)
    this.#axis = time
    this.#step = time.period !== undefined && Number.isInteger(time.period) && !time.phase ? time.period : 0
    const passed = time.start - this.#origin
    const isExact = passed > -SAFE && passed < SAFE
    this.#whole = isExact ? 0 : Number(passed / 1_000_000_000n)
    this.#base = Number(isExact ? passed : passed % 1_000_000_000n)
  }

  /** Seconds since the origin of a scan of the block met last. */
  seconds(scan: number): number {
    const ns = this.#base + (this.#step > 0 ? scan * this.#step : offsetNs(this.#axis!, scan))
    return this.#whole === 0 && ns <= Number.MAX_SAFE_INTEGER ? ns / NS : secondsFar(this.#whole, ns)
  }

  snapshot(): string | undefined {
    return this.#origin?.toString()
  }

  restore(origin: string | undefined): void {
    this.#origin = origin === undefined ? undefined : BigInt(origin)
  }
}

/** 52 days, half of what a double counts in whole ns: the other half is for the offsets within a block. */
const SAFE = 2n ** 52n

/** 104 days and more from the origin, where a double does not hold every ns. */
function secondsFar(whole: number, ns: number): number {
  const seconds = Math.floor(ns / NS)
  const total = (whole + seconds) * NS + (ns - seconds * NS)
  return Math.abs(total) <= Number.MAX_SAFE_INTEGER ? total / NS : whole + seconds + (ns - seconds * NS) / NS
}
