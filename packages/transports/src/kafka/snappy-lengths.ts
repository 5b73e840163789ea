const LITERAL = 0
/** Bytes behind the tag of a copy, by its kind. */
const COPY_BYTES = [0, 1, 2, 4] as const

/**
 * Walks the elements of a Snappy block (format_description.txt, section 2): a literal that says it has 2 GiB or more would
 * lead snappyjs 0.7 backwards, for ever.
 *
 * @throws Error where an element ends behind the block
 * @internal
 */
export function checkSnappyLengths(block: Uint8Array): void {
  let at = behindVarint(block)
  while (at < block.length) {
    const tag = block[at] as number
    const kind = tag & 3
    at += 1 + (kind === LITERAL ? literalBytes(block, at + 1, tag >> 2) : COPY_BYTES[kind as 1])
  }
  if (at > block.length) throw new Error('a block ends too early')
}

function behindVarint(block: Uint8Array): number {
  let at = 0
  while ((block[at] ?? 0) > 127) at += 1
  return at + 1
}

/** Of its length, where that stands for itself, and of the literal. */
function literalBytes(block: Uint8Array, at: number, code: number): number {
  const lengthBytes = Math.max(0, code - 59)
  if (lengthBytes === 0) return code + 1
  let length = 1
  for (let i = 0; i < lengthBytes; i += 1) length += (block[at + i] ?? 0) * 256 ** i
  return lengthBytes + length
}
