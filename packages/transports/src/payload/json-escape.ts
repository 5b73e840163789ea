/**
 * Length of an escape of JSON, 0 where it is none. Behind the end there may be anything: a string whose escape reaches there has no end.
 *
 * @internal
 */
export function escapeAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at + 1] as number
  if (byte === 0x75) {
    for (let i = at + 2; i < at + 6; i += 1) if (!isHex(bytes[i] as number)) return 0
    return 6
  }
  // " \ / b f n r t
  if (byte === 0x22 || byte === 0x5c || byte === 0x2f || byte === 0x62) return 2
  return byte === 0x66 || byte === 0x6e || byte === 0x72 || byte === 0x74 ? 2 : 0
}

function isHex(byte: number): boolean {
  const letter = byte | 0x20
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66)
}
