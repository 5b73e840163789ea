const LOG2_E = Math.LOG2E
/** Ln 2 in two parts: a multiple of the first, up to 64, is exact. */
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
/** Beyond it the result rounds to 1. */
const MOST = 20
/** 2^-64 to 2^63: exact, as each is twice another. */
const POWERS = /* @__PURE__ */ powersOfTwo()

/**
 * The hyperbolic tangent within 5 units in the last place, at half the time of `Math.tanh`, by + - * / alone: the same bits in every engine.
 *
 * With z = 2x = k ln 2 + r and the rational approximation e^r = (d + 2r) / d of fdlibm (`e_exp.c`), |r| <= ln 2 / 2, this is
 * (e^z - 1) / (e^z + 1) = ((2^k - 1) d + 2^k 2r) / ((2^k + 1) d + 2^k 2r): nothing cancels near 0, where k is 0.
 *
 * @internal
 */
export function tanh(x: number): number {
  const z = x > MOST ? 2 * MOST : x < -MOST ? -2 * MOST : 2 * x
  const i = (z * LOG2_E + 64.5) | 0
  const k = i - 64
  const r = z - k * LN2_HIGH - k * LN2_LOW
  const s = r * r
  const odd = 6.613_756_321_437_934e-5 + s * (-1.653_390_220_546_525_2e-6 + s * 4.138_136_797_057_238_5e-8)
  const d = 2 - r + s * (1.666_666_666_666_660_2e-1 + s * (-2.777_777_777_701_559_3e-3 + s * odd))
  const power = POWERS[i]!
  const rest = power * (2 * r)
  return ((power - 1) * d + rest) / ((power + 1) * d + rest)
}

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(128)
  powers[64] = 1
  for (let i = 64; i > 0; i -= 1) powers[i - 1] = powers[i]! / 2
  for (let i = 65; i < powers.length; i += 1) powers[i] = 2 * powers[i - 1]!
  return powers
}
