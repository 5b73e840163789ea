import { Buffer } from 'node:buffer'

const MAGIC = 0
const HEADER = 5
const MOST_INDEXES = 16

/** What stands before the bytes of a message that names its schema. @internal */
export interface Envelope {
  readonly id: number
  /** The message itself, and for Protobuf the message indexes before it. */
  readonly body: Uint8Array
}

/** The schema id of a message, or undefined where it has none (not in the wire format). @internal */
export function schemaIdOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER || bytes[0] !== MAGIC) return undefined
  const [, a = 0, b = 0, c = 0, d = 0] = bytes
  return a * 2 ** 24 + ((b << 16) | (c << 8) | d)
}

/** @throws Error that says what is wrong @internal */
export function openEnvelope(bytes: Uint8Array): Envelope {
  const id = schemaIdOf(bytes)
  if (id !== undefined) return { id, body: bytes.subarray(HEADER) }
  if (bytes.length < HEADER)
    throw new Error(`has ${bytes.length} B where the wire format of a schema registry has 5 or more`)
  throw new Error(`is not in the wire format of a schema registry: it begins with ${bytes[0]}, not with 0`)
}

/** Magic byte and schema id, then the parts. @internal */
export function envelope(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(HEADER)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, ...parts])
}

/**
 * Which message of a schema it is: its place in the file, then in the message around it. `[0]` is written as one byte 0.
 *
 * @throws Error that says what is wrong
 * @internal
 */
export function readIndexes(body: Uint8Array): { readonly path: readonly number[]; readonly body: Uint8Array } {
  const count = readVarint(body, 0)
  if (count.value === 0) return { path: [0], body: body.subarray(count.next) }
  if (count.value < 0 || count.value > MOST_INDEXES) throw new Error(`has ${count.value} message indexes`)
  const path: number[] = []
  let { next } = count
  for (let i = 0; i < count.value; i += 1) {
    const index = readVarint(body, next)
    path.push(index.value)
    next = index.next
  }
  return { path, body: body.subarray(next) }
}

/** @internal */
export function writeIndexes(path: readonly number[]): Uint8Array {
  if (path.length === 1 && path[0] === 0) return Uint8Array.of(0)
  const bytes: number[] = []
  for (const value of [path.length, ...path]) {
    let rest = value * 2 // zigzag: they are never negative
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}

function readVarint(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let raw = 0
  for (let i = 0; i < 5; i += 1) {
    const byte = bytes[from + i]
    if (byte === undefined) throw new Error('ends within its message indexes')
    raw += (byte & 127) * 128 ** i
    if (byte < 128) return { value: raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, next: from + i + 1 }
  }
  throw new Error('has a message index of more than 5 bytes')
}
