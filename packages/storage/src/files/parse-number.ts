// Why own number parsing, when a CSV library exists: libraries hand over one string a cell (and mostly one array or
// object a row), which is what makes JavaScript readers slow; turning text into columns of numbers is what this SDK is
// about. Text that is not plainly a number of up to 15 digits is given to the engine's own `Number`.

const ZERO = 48
const NINE = 57
const PLUS = 43
const MINUS = 45
const SPACE = 32
const TAB = 9
const LOWER = 0x20
const E = 101

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))

/** First place at or after `from` that is not a space or tab. @internal */
export function skipBlank(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1
  return at
}

/** End of the text without the spaces and tabs behind it. @internal */
export function trimBlank(bytes: Uint8Array, from: number, to: number): number {
  let end = to
  while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end -= 1
  return end
}

/**
 * The number written in `bytes[from..to)`, exactly as `Number` would read it; NaN when it is not a decimal number.
 *
 * Exact without the engine's help because a mantissa below 2^53 times or divided by a power of ten up to 1e22 is
 * rounded once (W. D. Clinger, "How to read floating point numbers accurately", 1990).
 *
 * @param point - code of the decimal sign, `.` or `,`
 * @internal
 */
export function parseNumber(bytes: Buffer, from: number, to: number, point: number): number {
  const begin = skipBlank(bytes, from, to)
  const end = trimBlank(bytes, begin, to)
  const negative = bytes[begin] === MINUS
  let at = negative || bytes[begin] === PLUS ? begin + 1 : begin
  let mantissa = 0
  let digits = 0
  let exponent = 0
  let places = 0
  for (; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits += 1
      exponent -= places
    } else if (bytes[at] === point && places === 0) places = 1
    else break
  }
  if (digits === 0) return Number.NaN
  if (at < end) exponent += parseExponent(bytes, at, end)
  // once above 2^53 the mantissa may be rounded
  if (mantissa > Number.MAX_SAFE_INTEGER || exponent < -22 || exponent > 22)
    return engineNumber(bytes, begin, end, point)
  const value = exponent < 0 ? mantissa / (POWERS[-exponent] as number) : mantissa * (POWERS[exponent] as number)
  return negative ? -value : value
}

function parseExponent(bytes: Buffer, from: number, end: number): number {
  let at = from
  if (((bytes[at] as number) | LOWER) !== E) return Number.NaN
  at += 1
  let sign = 1
  if (at < end && (bytes[at] === MINUS || bytes[at] === PLUS)) {
    if (bytes[at] === MINUS) sign = -1
    at += 1
  }
  if (at === end) return Number.NaN
  let power = 0
  for (; at < end; at += 1) {
    const code = bytes[at] as number
    if (code < ZERO || code > NINE) return Number.NaN
    power = Math.min(power * 10 + (code - ZERO), 99_999)
  }
  return sign * power
}

function engineNumber(bytes: Buffer, from: number, to: number, point: number): number {
  const text = bytes.toString('latin1', from, to)
  return Number(point === 44 ? text.replace(',', '.') : text)
}
