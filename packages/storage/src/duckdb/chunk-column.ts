/** Rows of a data chunk: the vector size of DuckDB. @internal */
export const CHUNK_ROWS = 2048

/** What is used of a vector of the client library. @internal */
export interface Vector {
  setItem(row: number, value: never): void
  flush(): void
}

type Items = Float64Array | BigInt64Array | Uint8Array
type Box<T> = (item: T extends BigInt64Array ? bigint : number) => unknown

/**
 * One column of a data chunk as a typed array. Its rows stay as they are until overwritten, also when the chunk is used
 * again.
 *
 * The vectors of the client keep such an array themselves; writing into it is what makes this fast. Where a version of
 * the client has none, the public `setItem` is used.
 *
 * @internal
 */
export class ChunkColumn<T extends Items> {
  readonly items: T
  readonly #vector: { setItem(row: number, value: unknown): void; flush(): void }
  readonly #box: Box<T>
  readonly #nulls = new Uint8Array(CHUNK_ROWS)
  readonly #shared: boolean
  #nullCount = 0

  constructor(vector: Vector, make: new (length: number) => T, box: Box<T>) {
    this.#vector = vector as { setItem(row: number, value: unknown): void; flush(): void }
    const own = (vector as { items?: unknown }).items
    this.#shared = own instanceof make && own.length === CHUNK_ROWS
    this.items = this.#shared ? (own as T) : new make(CHUNK_ROWS)
    this.#box = box
  }

  /** Whether any row of the chunk is NULL. */
  get hasNulls(): boolean {
    return this.#nullCount > 0
  }

  setNull(row: number): void {
    if (this.#nulls[row] === 1) return
    this.#nulls[row] = 1
    this.#nullCount += 1
    this.#vector.setItem(row, null)
  }

  /** Makes a row hold its item again. */
  setValid(row: number): void {
    if (this.#nulls[row] === 0) return
    this.#nulls[row] = 0
    this.#nullCount -= 1
    this.#vector.setItem(row, this.#boxed(row))
  }

  /** Moves the items into the chunk. */
  flush(rows: number): void {
    for (let row = 0; !this.#shared && row < rows; row += 1) {
      if (this.#nulls[row] === 0) this.#vector.setItem(row, this.#boxed(row))
    }
    this.#vector.flush()
  }

  #boxed(row: number): unknown {
    return (this.#box as (item: unknown) => unknown)(this.items[row])
  }
}

/** A column of strings; a row is only written when its string differs from that of the chunk before. @internal */
export class TextColumn {
  readonly #vector: { setItem(row: number, value: unknown): void; flush(): void }
  readonly #rows: (string | undefined)[] = new Array<string | undefined>(CHUNK_ROWS).fill(undefined)
  #dirty = true
  /** Characters written since the chunk was made; DuckDB gives them back with the chunk. */
  written = 0

  constructor(vector: Vector) {
    this.#vector = vector as { setItem(row: number, value: unknown): void; flush(): void }
  }

  fill(row: number, value: string, count: number): void {
    const rows = this.#rows
    for (let at = row; at < row + count; at += 1) {
      if (rows[at] === value) continue
      rows[at] = value
      this.#vector.setItem(at, value)
      this.written += value.length
      this.#dirty = true
    }
  }

  flush(): void {
    if (this.#dirty) this.#vector.flush()
    this.#dirty = false
  }
}

/** A column of true or NULL; a row is only written when it differs from that of the chunk before. @internal */
export class MarkColumn {
  readonly #vector: { setItem(row: number, value: unknown): void; flush(): void }
  readonly #rows: (boolean | undefined)[] = new Array<boolean | undefined>(CHUNK_ROWS).fill(undefined)
  #dirty = true

  constructor(vector: Vector) {
    this.#vector = vector as { setItem(row: number, value: unknown): void; flush(): void }
  }

  fill(row: number, value: boolean, count: number): void {
    const rows = this.#rows
    for (let at = row; at < row + count; at += 1) {
      if (rows[at] === value) continue
      rows[at] = value
      this.#vector.setItem(at, value ? true : null)
      this.#dirty = true
    }
  }

  flush(): void {
    if (this.#dirty) this.#vector.flush()
    this.#dirty = false
  }
}
