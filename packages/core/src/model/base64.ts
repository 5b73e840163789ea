import { DecodeError } from './errors.ts'

const SIGNS = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PADDING = 61
const ascii = new TextDecoder()

/** Base64 of bytes, in browsers too; several times as fast as `btoa`. @internal */
export function toBase64(bytes: Uint8Array): string {
  const { length } = bytes
  const text = new Uint8Array(Math.ceil(length / 3) * 4)
  let at = 0
  for (let i = 0; i < length; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text[at] = SIGNS[bits >> 18]!
    text[at + 1] = SIGNS[(bits >> 12) & 63]!
    text[at + 2] = SIGNS[(bits >> 6) & 63]!
    text[at + 3] = SIGNS[bits & 63]!
    at += 4
  }
  if (length % 3 > 0) text[at - 1] = PADDING
  if (length % 3 === 1) text[at - 2] = PADDING
  return ascii.decode(text)
}

/** Bytes of base64. @throws DecodeError when it is none @internal */
export function fromBase64(text: string, where: string): Uint8Array<ArrayBuffer> {
  const binary = binaryOf(text, where)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i)
  return bytes
}

function binaryOf(text: string, where: string): string {
  try {
    return atob(text)
  } catch (cause) {
    throw new DecodeError(where, 'must be base64', { cause })
  }
}
