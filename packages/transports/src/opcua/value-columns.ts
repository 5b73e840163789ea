/** A number within the value of a node. @internal */
export interface ValueColumn {
  /** Behind the node's name: `rms`, `0`; empty for the value itself. */
  readonly path: readonly (string | number)[]
  /** Of a 64-bit integer, which the client library gives as two halves: whether it has a sign. */
  readonly wide?: 'signed' | 'unsigned' | undefined
}

const NUMERIC = new Set(['Boolean', 'SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Float', 'Double'])
const WIDE: ReadonlyMap<string, ValueColumn['wide']> = new Map([
  ['Int64', 'signed'],
  ['UInt64', 'unsigned']
])

interface WithSchema {
  readonly schema?: { readonly fields?: readonly { readonly name: string; readonly fieldType: string }[] }
}

/**
 * The numbers that a value holds; none where it holds none.
 *
 * @param type - its built-in type @internal
 */
export function columnsOf(type: string, value: unknown): ValueColumn[] {
  if (value === null || value === undefined) return NUMERIC.has(type) || WIDE.has(type) ? [scalar(type)] : []
  if (WIDE.has(type)) return isPair(value) ? [scalar(type)] : elements(value as ArrayLike<unknown>, WIDE.get(type))
  if (type === 'ExtensionObject') return Array.isArray(value) ? [] : fieldsOf(value, [])
  if (!NUMERIC.has(type)) return []
  return typeof value === 'object' ? elements(value as ArrayLike<unknown>, undefined) : [scalar(type)]
}

function scalar(type: string): ValueColumn {
  return { path: [], wide: WIDE.get(type) }
}

function elements(value: ArrayLike<unknown>, wide: ValueColumn['wide']): ValueColumn[] {
  return Array.from({ length: value.length }, (_, i) => ({ path: [i], wide }))
}

function fieldsOf(value: unknown, before: readonly (string | number)[]): ValueColumn[] {
  const types = new Map((value as WithSchema).schema?.fields?.map(({ name, fieldType }) => [name, fieldType]))
  return Object.entries(value as object).flatMap(([name, field]) => {
    const path = [...before, name]
    const wide = WIDE.get(types.get(name) ?? '')
    if (typeof field === 'number' || typeof field === 'boolean' || (wide && isPair(field))) return [{ path, wide }]
    if (ArrayBuffer.isView(field) || Array.isArray(field))
      return listOf(field as ArrayLike<unknown> & object, path, wide)
    return isStructure(field) ? fieldsOf(field, path) : []
  })
}

function listOf(
  list: ArrayLike<unknown>,
  path: readonly (string | number)[],
  wide: ValueColumn['wide']
): ValueColumn[] {
  return Array.from(list).flatMap((element, i): ValueColumn[] => {
    if (wide || typeof element === 'number' || typeof element === 'boolean') return [{ path: [...path, i], wide }]
    return isStructure(element) ? fieldsOf(element, [...path, i]) : []
  })
}

function isStructure(value: unknown): value is object {
  return typeof value === 'object' && value !== null && (value as WithSchema).schema !== undefined
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number'
}

/** The number at a column, NaN where there is none. @internal */
export function numberAt(value: unknown, { path, wide }: ValueColumn): number {
  let at = value
  for (let i = 0; i < path.length; i += 1) {
    if (at === null || at === undefined) return Number.NaN
    at = (at as Readonly<Record<string | number, unknown>>)[path[i] as string | number]
  }
  if (typeof at === 'number') return at
  if (typeof at === 'boolean') return at ? 1 : 0
  if (wide && Array.isArray(at)) return joined(at[0] as number, at[1] as number, wide)
  return Number.NaN
}

/** Two halves of 32 bits. */
function joined(high: number, low: number, wide: 'signed' | 'unsigned'): number {
  return (wide === 'signed' ? high | 0 : high >>> 0) * 4294967296 + (low >>> 0)
}
