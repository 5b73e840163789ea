import { DecodeError } from '../model/errors.ts'
import { swapToLittleEndian } from '../model/little-endian.ts'
import { ARRAYS, DEEPEST } from '../model/text-tags.ts'

/** Shorter arrays cost less as text. Unit: bytes. */
const SMALLEST = 64
const TAG = '@'
const PLACE = /^@(\w+):(\d+):(\d+)$/
const ALIGN = 8

/** Typed arrays taken out of a value, to lie behind its text as bytes. @internal */
export class LiftedArrays {
  readonly #arrays: ArrayBufferView[] = []
  #bytes = 0

  /** Bytes of all arrays, each from a multiple of 8. */
  get byteLength(): number {
    return this.#bytes
  }

  /** The value with long typed arrays replaced by where they lie. What no text can hold stays, for `toText` to name. */
  lift(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return value.startsWith(TAG) ? TAG + value : value
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
    if (ArrayBuffer.isView(value)) return this.#liftArray(value)
    return rebuilt(value, (part) => this.lift(part, depth + 1))
  }

  /** Copies the arrays, little-endian. */
  copyTo(target: Uint8Array): void {
    let at = 0
    for (const array of this.#arrays) {
      const copy = target.subarray(at, at + array.byteLength)
      copy.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
      swapToLittleEndian(copy, ARRAYS.get(kindOf(array))?.BYTES_PER_ELEMENT ?? 1)
      at += aligned(array.byteLength)
    }
  }

  #liftArray(array: ArrayBufferView): unknown {
    const kind = kindOf(array)
    if (array.byteLength < SMALLEST || !ARRAYS.has(kind)) return array
    const place = `${TAG}${kind}:${this.#bytes}:${array.byteLength}`
    this.#arrays.push(array)
    this.#bytes += aligned(array.byteLength)
    return place
  }
}

/** The value with its arrays put back. @throws DecodeError @internal */
export function putBack(value: unknown, bytes: Uint8Array): unknown {
  if (typeof value === 'string') return value.startsWith(TAG) ? unescaped(value, bytes) : value
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return rebuilt(value, (part) => putBack(part, bytes))
}

function rebuilt(value: object, part: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, (one) => part(one))
  if (value instanceof Map) return new Map(Array.from(value, ([name, entry]) => [part(name), part(entry)]))
  if (value instanceof Set) return new Set(Array.from(value, (one) => part(one)))
  const prototype = Object.getPrototypeOf(value)
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
  if (!isPlain) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, part(entry)]))
}

function unescaped(text: string, bytes: Uint8Array): unknown {
  if (text.startsWith(TAG, 1)) return text.slice(1)
  const [, name = '', at, length] = PLACE.exec(text) ?? []
  const kind = ARRAYS.get(name)
  const copy = new Uint8Array(bytes.subarray(Number(at), Number(at) + Number(length)))
  if (!kind || copy.length !== Number(length) || copy.length % kind.BYTES_PER_ELEMENT !== 0) {
    throw new DecodeError('checkpoint', `must have an array at '${text.slice(0, 60)}'`)
  }
  return new kind(swapToLittleEndian(copy, kind.BYTES_PER_ELEMENT).buffer)
}

function kindOf(array: ArrayBufferView): string {
  return Object.prototype.toString.call(array).slice('[object '.length, -1)
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN
