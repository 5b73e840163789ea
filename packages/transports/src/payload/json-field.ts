import type { Shape } from './json-shape.ts'

/** A field that is wanted, or one that holds such. @internal */
export interface JsonField {
  /** Its name, in UTF-8. */
  readonly name: Uint8Array
  /** Number of what is wanted; -1 = it holds fields. */
  readonly slot: number
  readonly fields: JsonField[]
  /** The object in which it was met last: a name that comes twice is no simple matter. */
  metIn: number
}

/** What was found in a slot. @internal */
export const Found = { nothing: 0, number: 1, boolean: 2, null: 3, text: 4 } as const

const encoder = new TextEncoder()

/**
 * The fields of a shape as a tree: its channels in order, then time and sequence number. Undefined where two of them are one place,
 * or one holds another.
 *
 * @internal
 */
export function fieldsOf({ paths, time, sequence }: Shape): readonly JsonField[] | undefined {
  const root: JsonField[] = []
  const wanted = Array.from(paths).concat([time?.path, sequence?.path])
  for (const [slot, path] of wanted.entries()) {
    if (path === undefined) continue
    let fields = root
    for (const [depth, step] of path.entries()) {
      const name = encoder.encode(step)
      const isLast = depth === path.length - 1
      let field = fields.find((one) => isSame(one.name, name))
      if (field && (isLast || field.slot >= 0)) return undefined
      if (!field) {
        field = { name, slot: isLast ? slot : -1, fields: [], metIn: 0 }
        fields.push(field)
      }
      fields = field.fields
    }
  }
  return root
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** The field whose name stands there. @internal */
export function fieldAt(
  fields: readonly JsonField[],
  bytes: Uint8Array,
  from: number,
  length: number
): JsonField | undefined {
  for (let f = 0; f < fields.length; f += 1) {
    const field = fields[f] as JsonField
    const { name } = field
    if (name.length !== length) continue
    let i = 0
    while (i < length && name[i] === bytes[from + i]) i += 1
    if (i === length) return field
  }
  return undefined
}
