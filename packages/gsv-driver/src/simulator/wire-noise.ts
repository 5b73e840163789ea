import type { SentLog } from './sent-log.ts'

/**
 * What a bad line does to bytes, see `SimulatedGsv.disturb`.
 *
 * @example
 * ```ts
 * import type { WireDisturbance } from '@messwerk/gsv-driver/simulator'
 *
 * const disturbance: WireDisturbance = { corrupt: 0.001, delayMs: 16 }
 * disturbance.corrupt // => 0.001
 * ```
 */
export interface WireDisturbance {
  /** Share of the bytes of measured frames that get another value, 0 to 1. @defaultValue 0 */
  readonly corrupt?: number
  /** Share of the bytes of measured frames that vanish, 0 to 1. @defaultValue 0 */
  readonly drop?: number
  /** Frames are held back by a time between 0 and this, and merged, ms. @defaultValue 0 */
  readonly delayMs?: number
  /** What is sent is split into pieces of 1 to so many bytes. @defaultValue not split */
  readonly split?: number
  /** Of what is random here. @defaultValue 1 */
  readonly seed?: number
}

/** Damages bytes of measured frames at random, seeded. @internal */
export class WireNoise {
  delayMs = 0
  split = 0
  #corrupt = 0
  #drop = 0
  #state = 1
  /** Bytes until the next damage; Infinity without any. */
  #next = Number.POSITIVE_INFINITY

  set({ corrupt = 0, drop = 0, delayMs = 0, split = 0, seed = 1 }: WireDisturbance): void {
    if (!(corrupt >= 0 && drop >= 0 && corrupt + drop <= 1))
      throw new RangeError(`disturb: corrupt and drop must be shares from 0 to 1, got ${corrupt} and ${drop}`)
    if (!(delayMs >= 0 && delayMs <= 60_000))
      throw new RangeError(`disturb: delayMs must be 0 to 60000, got ${delayMs}`)
    if (!(Number.isInteger(split) && split >= 0))
      throw new RangeError(`disturb: split must be a whole number of bytes, got ${split}`)
    this.delayMs = delayMs
    this.split = split
    this.#corrupt = corrupt
    this.#drop = drop
    this.#state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ 0x27d4eb2f) | 1
    this.#next = this.#distance()
  }

  /** A number from 0 to 1 (not included). */
  random(): number {
    let s = this.#state
    s ^= s << 13
    s ^= s >>> 17
    s ^= s << 5
    this.#state = s
    return (Math.imul(s, 0x9e3779b1) >>> 0) / 2 ** 32
  }

  /** Damages what is to be damaged of `end` bytes; returns how many are left. */
  damage(bytes: Uint8Array, end: number, scan: number, frameBytes: number, perFrame: number, log: SentLog): number {
    if (this.#next >= end) {
      this.#next -= end
      return end
    }
    let to = 0
    for (let from = 0; from < end; from += 1) {
      if (this.#next > 0) {
        this.#next -= 1
        bytes[to++] = bytes[from] as number
        continue
      }
      log.damaged(scan + Math.floor(from / frameBytes) * perFrame, perFrame)
      const isDropped = this.random() * (this.#corrupt + this.#drop) < this.#drop
      if (!isDropped) bytes[to++] = (bytes[from] as number) ^ (1 + Math.floor(this.random() * 255))
      this.#next = this.#distance()
    }
    return to
  }

  /** Bytes that stay whole before the next damage: geometric. */
  #distance(): number {
    const share = this.#corrupt + this.#drop
    if (share === 0) return Number.POSITIVE_INFINITY
    if (share === 1) return 0
    return Math.floor(Math.log(1 - this.random()) / Math.log(1 - share))
  }
}
