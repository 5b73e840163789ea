/** What is looked at in a type of avsc. */
interface AvroType {
  readonly typeName: string
  readonly fields?: readonly { readonly type: AvroType }[]
  readonly itemsType?: AvroType
  readonly valuesType?: AvroType
  readonly types?: readonly AvroType[]
  readonly underlyingType?: AvroType
  readonly size?: number
}

/** Where the value that begins at a place ends. @throws Error when it does not */
type Skip = (bytes: Uint8Array, at: number) => number

const MOST_EMPTY = 10_000
const SIZES: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 }

/**
 * Walks over bytes without making values: a count that they do not hold would otherwise have avsc fill the memory.
 * Undefined for types without lists and maps, which need no look.
 *
 * @internal
 */
export function avroBounds(type: object): ((bytes: Uint8Array) => void) | undefined {
  const skips = new Map<AvroType, Skip>()
  const skip = skipOf(type as AvroType, skips)
  if (!Array.from(skips.keys()).some(({ itemsType, valuesType }) => itemsType ?? valuesType)) return undefined
  return (bytes) => {
    skip(bytes, 0)
  }
}

function skipOf(type: AvroType, skips: Map<AvroType, Skip>): Skip {
  const known = skips.get(type)
  if (known) return known
  let made: Skip | undefined
  // a type may hold itself
  skips.set(type, (bytes, at) => (made as Skip)(bytes, at))
  made = newSkip(type, skips)
  return made
}

function newSkip(type: AvroType, skips: Map<AvroType, Skip>): Skip {
  const { typeName, fields, itemsType, valuesType, types, underlyingType, size } = type
  if (underlyingType) return skipOf(underlyingType, skips)
  if (itemsType) return skipBlocks(skipOf(itemsType, skips))
  if (valuesType) return skipBlocks(inOrder([skipLength, skipOf(valuesType, skips)]))
  if (fields) return inOrder(fields.map((field) => skipOf(field.type, skips)))
  if (types) return skipUnion(types.map((one) => skipOf(one, skips)))
  if (typeName === 'string' || typeName === 'bytes') return skipLength
  const fixed = typeName === 'fixed' ? size : SIZES[typeName]
  return fixed === undefined ? (bytes, at) => varint(bytes, at).next : (bytes, at) => within(bytes, at + fixed)
}

function inOrder(parts: readonly Skip[]): Skip {
  return (bytes, at) => parts.reduce((next, skip) => skip(bytes, next), at)
}

function skipUnion(branches: readonly Skip[]): Skip {
  return (bytes, at) => {
    const { value, next } = varint(bytes, at)
    const branch = branches[value]
    if (!branch) throw new Error(`has a union index ${value}`)
    return branch(bytes, next)
  }
}

function skipBlocks(item: Skip): Skip {
  return (bytes, from) => {
    let empty = 0
    for (let at = from; ; ) {
      const count = varint(bytes, at)
      at = count.next
      if (count.value === 0) return at
      if (count.value < 0) at = varint(bytes, at).next // the size of the block
      for (let i = Math.abs(count.value); i > 0; i -= 1) {
        const next = item(bytes, at)
        if (next === at) empty += 1
        if (empty > MOST_EMPTY) throw new Error(`has more than ${MOST_EMPTY} empty items`)
        at = next
      }
    }
  }
}

function skipLength(bytes: Uint8Array, at: number): number {
  const { value, next } = varint(bytes, at)
  if (value < 0) throw new Error(`has a length ${value}`)
  return within(bytes, next + value)
}

function within(bytes: Uint8Array, at: number): number {
  if (at > bytes.length) throw new Error('ends too early')
  return at
}

function varint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let raw = 0
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new Error('ends too early')
    raw += (byte & 127) * 128 ** i
    if (byte < 128) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, next: at + i + 1 }
  }
  throw new Error('has a number of more than 10 bytes')
}
