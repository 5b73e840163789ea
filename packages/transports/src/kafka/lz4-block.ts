const SHORTEST = 4
/** The format: the last bytes are literals, and no match begins near them. */
const LAST_LITERALS = 5
const NO_MATCH_AFTER = 12
const FARTHEST = 65_535
const TABLE_BITS = 14

/** The bytes of an LZ4 block; undefined where they are not fewer. @param bytes - at most 64 KiB @internal */
export function compressBlock(bytes: Uint8Array): Uint8Array | undefined {
  const into = new Uint8Array(bytes.length)
  const table = new Int32Array(2 ** TABLE_BITS).fill(-1)
  const end = bytes.length - LAST_LITERALS
  let written = 0
  let from = 0
  for (let at = 0; at <= bytes.length - NO_MATCH_AFTER; ) {
    const slot = Math.imul(wordAt(bytes, at), 2_654_435_761) >>> (32 - TABLE_BITS)
    const before = table[slot] as number
    table[slot] = at
    if (before < 0 || at - before > FARTHEST || wordAt(bytes, before) !== wordAt(bytes, at)) {
      at += 1
      continue
    }
    let length = SHORTEST
    while (at + length < end && bytes[before + length] === bytes[at + length]) length += 1
    written = writeSequence(into, written, bytes.subarray(from, at), at - before, length)
    if (written < 0) return undefined
    at += length
    from = at
  }
  written = writeSequence(into, written, bytes.subarray(from), 0, SHORTEST)
  return written < 0 ? undefined : into.subarray(0, written)
}

/**
 * Writes the bytes of a block from `start` on; returns where they end.
 *
 * @param most - where they must end
 * @throws Error when the block is damaged
 * @internal
 */
export function decompressBlock(block: Uint8Array, into: Uint8Array, start: number, most: number): number {
  let at = 0
  let to = start
  while (at < block.length) {
    const token = block[at] as number
    const literals = readLength(block, at + 1, token >> 4)
    at = literals.next + literals.length
    if (at > block.length || to + literals.length > most) throw new Error('a block is damaged')
    into.set(block.subarray(literals.next, at), to)
    to += literals.length
    if (at === block.length) return to
    const distance = (block[at] as number) + (block[at + 1] ?? 0) * 256
    const match = readLength(block, at + 2, token & 15)
    const length = match.length + SHORTEST
    at = match.next
    if (distance === 0 || distance > to || to + length > most) throw new Error('a block is damaged')
    // it may reach into what it writes
    for (let i = 0; i < length; i += 1) into[to + i] = into[to + i - distance] as number
    to += length
  }
  return to
}

function readLength(block: Uint8Array, at: number, nibble: number): { readonly length: number; readonly next: number } {
  let length = nibble
  let next = at
  for (let byte = nibble === 15 ? 255 : 0; byte === 255; next += 1) {
    if (next >= block.length) throw new Error('a block is damaged')
    byte = block[next] as number
    length += byte
  }
  return { length, next }
}

/** Returns where it ends; -1 where there is no room. Without a distance it is the last one. */
function writeSequence(into: Uint8Array, at: number, literals: Uint8Array, distance: number, length: number): number {
  const more = length - SHORTEST
  const needs = 1 + literals.length / 255 + 1 + literals.length + (distance === 0 ? 0 : 3 + more / 255)
  if (at < 0 || at + needs > into.length) return -1
  into[at] = (Math.min(literals.length, 15) << 4) | Math.min(more, 15)
  let next = writeLength(into, at + 1, literals.length)
  into.set(literals, next)
  next += literals.length
  if (distance === 0) return next
  into[next] = distance % 256
  into[next + 1] = distance >> 8
  return writeLength(into, next + 2, more)
}

function writeLength(into: Uint8Array, at: number, length: number): number {
  if (length < 15) return at
  let next = at
  let rest = length - 15
  for (; rest >= 255; rest -= 255) {
    into[next] = 255
    next += 1
  }
  into[next] = rest
  return next + 1
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}
