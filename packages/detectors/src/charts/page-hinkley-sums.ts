/** Numbers that one channel remembers: count, mean, two sums, the least of the one and the largest of the other. @internal */
export const PAGE_HINKLEY_MEMORY = 6

/** @internal */
export interface PageHinkleyRates {
  /** What a value may differ from the mean without counting. */
  readonly delta: number
  /** What is left of the sums at each value. */
  readonly alpha: number
}

/** How far the sum has risen above its least value. @internal */
export function risenBy(memory: Float64Array, at: number): number {
  return memory[at + 2]! - memory[at + 4]!
}

/** How far the sum has fallen below its largest value. @internal */
export function fallenBy(memory: Float64Array, at: number): number {
  return memory[at + 5]! - memory[at + 3]!
}

/** Takes the next value, by the rules of River 0.26; all zeros is the beginning. @internal */
export function stepPageHinkley(memory: Float64Array, at: number, value: number, rates: PageHinkleyRates): void {
  const count = memory[at]! + 1
  const mean = memory[at + 1]! + (value - memory[at + 1]!) / count
  const apart = value - mean
  const rising = rates.alpha * memory[at + 2]! + apart - rates.delta
  const falling = rates.alpha * memory[at + 3]! + apart + rates.delta
  memory[at] = count
  memory[at + 1] = mean
  memory[at + 2] = rising
  memory[at + 3] = falling
  memory[at + 4] = count === 1 ? rising : Math.min(memory[at + 4]!, rising)
  memory[at + 5] = count === 1 ? falling : Math.max(memory[at + 5]!, falling)
}
