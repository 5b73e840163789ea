const FIRST_CAPACITY = 256
const MOST_CAPACITY = 2 ** 17
/** What is not found so near is not there: bytes that were chosen to meet in one place cost no more. */
const FARTHEST = 8

/**
 * Finds values again by bytes, without making a text of them. It may forget: whoever asks can find them another way.
 *
 * @internal
 */
export class ByteIndex<T> {
  #capacity = FIRST_CAPACITY
  #length = 0
  #hashes = new Int32Array(FIRST_CAPACITY)
  #keys: (Uint8Array | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined)
  #values: (T | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined)

  get(bytes: Uint8Array, from: number, length: number): T | undefined {
    const hash = hashOf(bytes, from, length)
    const mask = this.#capacity - 1
    for (let i = 0; i < FARTHEST; i += 1) {
      const slot = (hash + i) & mask
      const key = this.#keys[slot]
      if (key === undefined) return undefined
      if (this.#hashes[slot] === hash && isAt(key, bytes, from, length)) return this.#values[slot]
    }
    return undefined
  }

  /** Keeps a copy of the bytes. */
  set(bytes: Uint8Array, from: number, length: number, value: T): void {
    if (this.#length * 2 >= this.#capacity && this.#capacity < MOST_CAPACITY) this.#grow()
    this.#put(hashOf(bytes, from, length), Uint8Array.from(bytes.subarray(from, from + length)), value)
  }

  #put(hash: number, key: Uint8Array, value: T): void {
    const mask = this.#capacity - 1
    let slot = hash & mask
    for (let i = 0; i < FARTHEST; i += 1) {
      const at = (hash + i) & mask
      const there = this.#keys[at]
      if (there !== undefined && !(this.#hashes[at] === hash && isAt(there, key, 0, key.length))) continue
      slot = at
      break
    }
    if (this.#keys[slot] === undefined) this.#length += 1
    this.#hashes[slot] = hash
    this.#keys[slot] = key
    this.#values[slot] = value
  }

  #grow(): void {
    const [hashes, keys, values] = [this.#hashes, this.#keys, this.#values]
    this.#capacity *= 4
    this.#length = 0
    this.#hashes = new Int32Array(this.#capacity)
    this.#keys = new Array(this.#capacity).fill(undefined)
    this.#values = new Array(this.#capacity).fill(undefined)
    for (const [i, key] of keys.entries()) if (key) this.#put(hashes[i] as number, key, values[i] as T)
  }
}

/** FNV-1a, 32 bits. */
function hashOf(bytes: Uint8Array, from: number, length: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = from; i < from + length; i += 1) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
  // its lower bits alone choose the place
  return hash ^ (hash >>> 15)
}

function isAt(key: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (key.length !== length) return false
  for (let i = 0; i < length; i += 1) if (key[i] !== bytes[from + i]) return false
  return true
}
