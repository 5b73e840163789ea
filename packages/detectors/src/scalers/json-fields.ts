import { ModelError } from '@messwerk/core/model'

/** More channels than any model has. */
const MOST_CHANNELS = 10_000

/**
 * Reads an object that came as JSON, field by field; whatever breaks a rule is a ModelError that names field, rule and value. Only own
 * fields count, so that nothing hides in a prototype.
 *
 * @internal
 */
export class JsonFields {
  readonly #where: string
  readonly #fields: Readonly<Record<string, unknown>>

  /** @param where - in front of the name of a field in errors: `loadModel: pump.mwz: manifest.json: ` */
  constructor(where: string, value: unknown, what = 'it') {
    this.#where = where
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ModelError('schema', `${where}${what} must be an object, got ${shown(value)}`)
    this.#fields = value as Record<string, unknown>
  }

  refuse(field: string, rule: string): never {
    throw new ModelError('schema', `${this.#where}${field} must be ${rule}, got ${shown(this.raw(field))}`)
  }

  raw(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined
  }

  has(field: string): boolean {
    return this.raw(field) !== undefined
  }

  keys(): readonly string[] {
    return Object.keys(this.#fields)
  }

  text(field: string, longest = 10_000): string {
    const value = this.raw(field)
    return typeof value === 'string' && value.length <= longest ? value : this.refuse(field, 'a text')
  }

  /** A text of one character or more. */
  name(field: string): string {
    const value = this.raw(field)
    const isName = typeof value === 'string' && value.length > 0 && value.length <= 1000
    return isName ? value : this.refuse(field, 'a text of 1..1000 characters')
  }

  number(field: string): number {
    const value = this.raw(field)
    return Number.isFinite(value) ? (value as number) : this.refuse(field, 'a finite number')
  }

  /** A whole number of `least`..`most`. */
  whole(field: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.raw(field)
    const isWhole = Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
    return isWhole ? (value as number) : this.refuse(field, `a whole number from ${least}${upTo(most)}`)
  }

  oneOf<T extends string>(field: string, allowed: readonly T[]): T {
    const value = this.raw(field)
    const found = allowed.find((one) => one === value)
    return found ?? this.refuse(field, allowed.map((one) => `'${one}'`).join(' or '))
  }

  list(field: string, most = MOST_CHANNELS): readonly unknown[] {
    const value = this.raw(field)
    const isList = Array.isArray(value) && value.length > 0 && value.length <= most
    return isList ? value : this.refuse(field, `a list of 1..${most} entries`)
  }

  /** Distinct names. */
  names(field: string): readonly string[] {
    const list = this.list(field)
    const areNames = list.every((one) => typeof one === 'string' && one.length > 0 && one.length <= 1000)
    if (!areNames || new Set(list).size !== list.length) return this.refuse(field, 'a list of distinct names')
    return list as readonly string[]
  }

  floats(field: string, length: number): Float64Array {
    const list = this.list(field)
    return floatsOf(list, length) ?? this.refuse(field, `a list of ${length} finite numbers`)
  }
}

/** A copy, or nothing where it is not a list of `length` finite numbers. @internal */
export function floatsOf(list: unknown, length: number): Float64Array | undefined {
  if (!Array.isArray(list) || list.length !== length || !list.every(Number.isFinite)) return undefined
  return Float64Array.from(list as readonly number[])
}

/** A value as it is named in messages: never long. @internal */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? `'${value}'` : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}..` : text
}

function upTo(most: number): string {
  return most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`
}
