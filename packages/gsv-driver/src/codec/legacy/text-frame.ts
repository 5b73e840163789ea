import { CR, LF } from './legacy-layout.ts'

/** Longest a text frame may be, with its unit. @internal */
export const LONGEST_TEXT = 32

/** Sign, six digits with a decimal point, blank, unit, CR LF. @internal */
export function encodeText(value: number, unit: string): Uint8Array {
  const size = Math.abs(value)
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1
  if (!(whole <= 6)) {
    throw new RangeError(`encodeLegacyMeasured: a text frame shows numbers of up to six digits, got ${value}`)
  }
  // 9.999999 rounds to one digit more
  const digits = size.toFixed(6 - whole).length > 7 ? size.toFixed(5 - whole) : size.toFixed(6 - whole)
  return new TextEncoder().encode(`${value < 0 ? '-' : '+'}${digits.includes('.') ? digits : `${digits}.`} ${unit}\r\n`)
}

/** Whether a text frame can begin with this byte. @internal */
export function isSign(byte: number | undefined): boolean {
  return byte === 0x2b || byte === 0x2d || byte === 0x20
}

/**
 * Value of the text frame from `at` to its line feed at `end`, NaN when it is none; without making a string.
 *
 * @internal
 */
export function textValue(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at]
  if (bytes[end] !== LF || bytes[end - 1] !== CR || !isSign(sign)) return Number.NaN
  let number = 0
  let digits = 0
  let decimals = -1
  let i = at + 1
  for (; i < end - 1 && bytes[i] !== 0x20; i += 1) {
    const byte = bytes[i] as number
    if (byte === 0x2e && decimals < 0) decimals = digits
    else if (byte >= 0x30 && byte <= 0x39) {
      number = number * 10 + byte - 0x30
      digits += 1
    } else return Number.NaN
  }
  if (digits === 0 || digits > 9) return Number.NaN
  const value = decimals < 0 ? number : number / 10 ** (digits - decimals)
  return sign === 0x2d ? -value : value
}

/** Unit of a text frame that was found good. @internal */
export function textUnit(bytes: Uint8Array, at: number, end: number): string {
  const blank = bytes.indexOf(0x20, at + 1)
  if (blank < 0 || blank >= end) return ''
  return String.fromCharCode(...bytes.subarray(blank, end)).trim()
}
