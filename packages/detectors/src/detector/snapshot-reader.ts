import { type Snapshot, SnapshotIncompatibleError } from '@messwerk/core/model'

/**
 * Reads the state of a snapshot field by field; every mismatch is a SnapshotIncompatibleError that says what differs.
 *
 * @internal
 */
export class SnapshotReader {
  readonly #what: string
  readonly #state: Readonly<Record<string, unknown>>

  /** @param version - the newest that can be read */
  constructor(snapshot: Snapshot, kind: string, version: number) {
    this.#what = kind
    const { kind: found, version: its, state } = Object(snapshot) as Snapshot
    if (found !== kind) this.refuse(`the snapshot is of '${found}'`)
    if (!Number.isInteger(its) || its < 1) this.refuse(`its version must be a whole number from 1, got ${its}`)
    if (its > version) this.refuse(`version ${its} is newer than ${version}; update @messwerk/detectors`)
    if (typeof state !== 'object' || state === null) this.refuse('it holds no state')
    this.#state = state as Record<string, unknown>
  }

  refuse(why: string): never {
    throw new SnapshotIncompatibleError(this.#what, why)
  }

  /** A copy. */
  floats(field: string, length?: number): Float64Array {
    const value = this.#state[field]
    if (!isFloat64Array(value)) return this.refuse(`its ${field} must be a Float64Array`)
    if (length !== undefined && value.length !== length)
      return this.refuse(`its ${field} must hold ${length} values, got ${value.length}`)
    return value.slice()
  }

  whole(field: string): number {
    const value = this.#state[field]
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
    return this.refuse(`its ${field} must be a whole number, got ${String(value)}`)
  }

  number(field: string): number {
    const value = this.#state[field]
    return typeof value === 'number' ? value : this.refuse(`its ${field} must be a number, got ${String(value)}`)
  }

  names(field: string): readonly string[] {
    const value = this.#state[field]
    if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value.slice()
    return this.refuse(`its ${field} must be a list of names`)
  }

  /** Refuses what was learned with other options. They stand apart from the fields, so that both may have the same names. */
  sameSettings(wanted: Readonly<Record<string, string>>): void {
    const found = Object(this.#state.settings) as Readonly<Record<string, unknown>>
    for (const [option, text] of Object.entries(wanted)) this.same(option, String(found[option]), text)
  }

  /** Refuses what was learned with another value of an option. */
  same(option: string, found: string, wanted: string): void {
    if (found !== wanted) this.refuse(`it was learned with ${option} ${found}, this one has ${wanted}`)
  }
}

/** Also true for one of another realm (a worker, a test runner's sandbox). */
function isFloat64Array(value: unknown): value is Float64Array {
  return Object.prototype.toString.call(value) === '[object Float64Array]'
}
