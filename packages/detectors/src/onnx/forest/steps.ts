/** A change of scale before the trees, in float32 unless it `isDouble`; 'round' takes a double back to float32. @internal */
export interface Step {
  readonly op: 'add' | 'subtract' | 'multiply' | 'divide' | 'at-least' | 'at-most' | 'round'
  readonly by: number
  readonly isDouble: boolean
}

/** Whether a larger value never becomes the smaller one. @internal */
export function isRising({ op, by, isDouble }: Step): boolean {
  const factor = isDouble ? by : Math.fround(by)
  if (!Number.isFinite(factor)) return false
  return op === 'multiply' || op === 'divide' ? factor > 0 : true
}

/** What a runtime makes of a float32 value, to the bit. */
function scaled(x: number, steps: readonly Step[]): number {
  let y = x
  for (const { op, by, isDouble } of steps) {
    const other = isDouble ? by : Math.fround(by)
    if (op === 'add') y += other
    else if (op === 'subtract') y -= other
    else if (op === 'multiply') y *= other
    else if (op === 'divide') y /= other
    else if (op === 'at-least') y = Math.max(y, other)
    else if (op === 'at-most') y = Math.min(y, other)
    if (!isDouble) y = Math.fround(y)
  }
  return y
}

/** Bits of the largest float32. */
const LARGEST = 0x7f7f_ffff
/** Below all float32. */
const BELOW_ALL = -3.5e38

/**
 * The threshold on unscaled values that parts them as `threshold` parts the scaled ones: the largest float32 that stays on its side. It is
 * found by halving: float32 values are in the order of their bits, and rising steps keep an order.
 *
 * @internal
 */
export function unscaledThreshold(threshold: number, steps: readonly Step[]): number {
  if (steps.length === 0) return threshold
  const stays = (bits: number): boolean => scaled(floatAt(bits), steps) <= threshold
  if (!stays(-LARGEST)) return BELOW_ALL
  let [low, high] = [-LARGEST, LARGEST + 1]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (stays(middle)) low = middle
    else high = middle
  }
  return floatAt(low)
}

const bitsOf = new Int32Array(1)
const float32 = new Float32Array(bitsOf.buffer)

/** The float32 that is `place` steps from 0, upwards or downwards. */
function floatAt(place: number): number {
  bitsOf[0] = Math.abs(place)
  return place < 0 ? -float32[0]! : float32[0]!
}

/** The largest float32 below x, of a float32 x. @internal */
export function nextBelow(x: number): number {
  float32[0] = Math.abs(x)
  const place = (x < 0 ? -bitsOf[0]! : bitsOf[0]!) - 1
  return place < -LARGEST ? BELOW_ALL : floatAt(place)
}
