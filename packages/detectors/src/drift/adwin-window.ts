import type { Drift } from '@messwerk/core/model'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { DriftModel } from './drift-spec.ts'

/** @internal */
export interface AdwinRules {
  readonly delta: number
  readonly every: number
  readonly maxBuckets: number
  readonly minLength: number
  readonly grace: number
}

/** Buckets hold 2^0, 2^1 … 2^52 values. */
const LEVELS = 53

/**
 * A window of values as sums over buckets, exponentially larger the older they are.
 *
 * @internal
 */
export class AdwinWindow implements DriftModel {
  readonly #rules: AdwinRules
  readonly #places: number
  /** Oldest first within a level: `[level * places + k]`. */
  readonly #totals: Float64Array
  /** Sums of squared deviations from the mean of the bucket. */
  readonly #squares: Float64Array
  readonly #lengths = new Float64Array(LEVELS)
  #count = 0
  #total = 0
  #square = 0
  #isOver = false

  constructor(rules: AdwinRules) {
    this.#rules = rules
    this.#places = rules.maxBuckets + 1
    this.#totals = new Float64Array(LEVELS * this.#places)
    this.#squares = new Float64Array(LEVELS * this.#places)
  }

  update(value: number): Drift | undefined {
    if (this.#isOver) this.#clear()
    this.#insert(value)
    const { every, grace } = this.#rules
    if (this.#count % every !== 0 || this.#count <= grace) return undefined
    const found = this.#cut()
    this.#isOver = found !== undefined
    return found
  }

  state(): Record<string, unknown> {
    const sums = Float64Array.of(this.#count, this.#total, this.#square, this.#isOver ? 1 : 0)
    return {
      totals: this.#totals.slice(),
      squares: this.#squares.slice(),
      lengths: this.#lengths.slice(),
      sums
    }
  }

  restore(reader: SnapshotReader): void {
    this.#totals.set(reader.floats('totals', this.#totals.length))
    this.#squares.set(reader.floats('squares', this.#squares.length))
    this.#lengths.set(reader.floats('lengths', LEVELS))
    const [count, total, square, isOver] = reader.floats('sums', 4)
    this.#count = count!
    this.#total = total!
    this.#square = square!
    this.#isOver = isOver === 1
  }

  #clear(): void {
    this.#lengths.fill(0)
    this.#count = this.#total = this.#square = 0
    this.#isOver = false
  }

  #insert(value: number): void {
    if (this.#count > 0) {
      const apart = value - this.#total / this.#count
      this.#square += (this.#count * apart * apart) / (this.#count + 1)
    }
    this.#count += 1
    this.#total += value
    this.#push(0, value, 0)
    for (let level = 0; this.#lengths[level]! > this.#rules.maxBuckets && level + 1 < LEVELS; level += 1)
      this.#mergeOldest(level)
  }

  #push(level: number, total: number, squares: number): void {
    const at = level * this.#places + this.#lengths[level]!
    this.#totals[at] = total
    this.#squares[at] = squares
    this.#lengths[level] = this.#lengths[level]! + 1
  }

  /** The two oldest buckets of a level become one of the next. */
  #mergeOldest(level: number): void {
    const at = level * this.#places
    const size = sizeOf(level)
    const [one, two] = [this.#totals[at]!, this.#totals[at + 1]!]
    const apart = one / size - two / size
    const squares = this.#squares[at]! + this.#squares[at + 1]! + (apart * apart * size) / 2
    const end = at + this.#lengths[level]!
    this.#totals.copyWithin(at, at + 2, end)
    this.#squares.copyWithin(at, at + 2, end)
    this.#lengths[level] = this.#lengths[level]! - 2
    this.#push(level + 1, one + two, squares)
  }

  /** Of all cuts between two buckets the clearest of those that are too clear for chance. */
  #cut(): Drift | undefined {
    let clearest: Drift | undefined
    let count = 0
    let total = 0
    for (let level = LEVELS - 1; level >= 0; level -= 1) {
      for (let k = 0; k < this.#lengths[level]!; k += 1) {
        count += sizeOf(level)
        total += this.#totals[level * this.#places + k]!
        const found = this.#compare(count, total)
        if (found && !(clearest && clearest.statistic / clearest.limit >= found.statistic / found.limit))
          clearest = found
      }
    }
    return clearest
  }

  /** @param older - values before the cut, `total` their sum */
  #compare(older: number, total: number): Drift | undefined {
    const { minLength, delta } = this.#rules
    const newer = this.#count - older
    if (older < minLength || newer < minLength) return undefined
    const [before, after] = [total / older, (this.#total - total) / newer]
    const confidence = Math.log((2 * Math.log(this.#count)) / delta)
    const rarity = 1 / (older - minLength + 1) + 1 / (newer - minLength + 1)
    const variance = this.#square / this.#count
    const limit = Math.sqrt(2 * rarity * variance * confidence) + (2 / 3) * confidence * rarity
    const statistic = Math.abs(before - after)
    return statistic > limit ? { statistic, limit, before, after } : undefined
  }
}

/** 2^level, exactly. */
function sizeOf(level: number): number {
  return level < 31 ? 1 << level : 1073741824 * sizeOf(level - 30)
}
