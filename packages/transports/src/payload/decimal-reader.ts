import { Buffer } from 'node:buffer'

const MINUS = 0x2d
const PLUS = 0x2b
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LETTER_E = 0x65
/** So many decimal digits are exact in a double, and so are the powers of ten they are divided by: then the quotient is the nearest. */
const EXACT_DIGITS = 15
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => Number(`1e${i}`))

/** Reads numbers of JSON where they lie. @internal */
export class DecimalReader {
  value = 0

  /** Returns where it ends, -1 where it is none. @param isWanted - whether `value` is to be it */
  read(bytes: Uint8Array, from: number, to: number, isWanted: boolean): number {
    const start = bytes[from] === MINUS ? from + 1 : from
    let at = start
    let mantissa = 0
    let point = -1
    for (; at < to; at += 1) {
      const byte = bytes[at] as number
      if (byte >= ZERO && byte <= NINE) mantissa = mantissa * 10 + (byte - ZERO)
      else if (byte === POINT && point < 0) point = at
      else break
    }
    const whole = (point < 0 ? at : point) - start
    if (whole <= 0 || (bytes[start] === ZERO && whole > 1) || point === at - 1) return -1
    const hasExponent = at < to && ((bytes[at] as number) | 0x20) === LETTER_E
    const end = hasExponent ? exponentEnd(bytes, at + 1, to) : at
    if (end < 0 || !isWanted) return end
    if (hasExponent || at - start > EXACT_DIGITS) this.value = Number(latin1(bytes, from, end))
    else {
      const size = point < 0 ? mantissa : mantissa / (POWERS[at - 1 - point] as number)
      this.value = start > from ? -size : size
    }
    return end
  }
}

function exponentEnd(bytes: Uint8Array, from: number, to: number): number {
  const start = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from
  let at = start
  while (at < to && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= NINE) at += 1
  return at > start ? at : -1
}

/** A part of bytes that is ASCII, as text. @internal */
export function latin1({ buffer, byteOffset }: Uint8Array, from: number, to: number): string {
  return Buffer.from(buffer, byteOffset + from, to - from).toString('latin1')
}
