import { DecodeError } from './errors.ts'
import { isLittleEndian, swapToLittleEndian } from './little-endian.ts'

/** Bytes of the columns: values, offsets (flag 1), positions (flag 2), quality (flag 4). @internal */
export function bodyBytes(scans: number, channels: number, flags: number): number {
  const perScan = 8 * (channels + (flags & 1 ? 1 : 0) + (flags & 2 ? 1 : 0)) + (flags & 4 ? channels : 0)
  return scans * perScan
}

/** Reads the columns of a block one after the other; the caller has checked that they are there. @internal */
export class BodyReader {
  readonly #bytes: Uint8Array
  readonly #copy: boolean
  #at: number

  constructor(bytes: Uint8Array, at: number, copy: boolean) {
    this.#bytes = bytes
    this.#at = at
    this.#copy = copy
  }

  floats(length: number): Float64Array {
    const { buffer, byteOffset } = this.#bytes
    const at = this.#at
    this.#at += 8 * length
    if (isLittleEndian && !this.#copy && (byteOffset + at) % 8 === 0)
      return new Float64Array(buffer, byteOffset + at, length)
    return new Float64Array(swapToLittleEndian(copyOf(this.#bytes.subarray(at, this.#at)), 8).buffer)
  }

  offsets(length: number): Float64Array {
    const at = this.#at
    const offsets = this.floats(length)
    return checked(offsets, at, 'must be a finite number of ns', Number.isFinite)
  }

  positions(length: number): Float64Array {
    const at = this.#at
    const positions = this.floats(length)
    return checked(positions, at, 'must be a safe integer', Number.isSafeInteger)
  }

  quality(length: number): Uint8Array {
    const at = this.#at
    this.#at += length
    const part = this.#bytes.subarray(at, this.#at)
    const quality = this.#copy ? copyOf(part) : new Uint8Array(part.buffer, part.byteOffset, length)
    for (let i = 0; i < length; i += 1) {
      if ((quality[i] as number) > 3) throw wrongEntry(at + i, 'must be a quality: 0, 1, 2 or 3', quality[i])
    }
    return quality
  }
}

function checked(column: Float64Array, at: number, rule: string, holds: (value: number) => boolean): Float64Array {
  for (let i = 0; i < column.length; i += 1) {
    if (!holds(column[i] as number)) throw wrongEntry(at + 8 * i, rule, column[i])
  }
  return column
}

// Not slice(): that of a Buffer is a view.
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length)
  copy.set(bytes)
  return copy
}

function wrongEntry(at: number, rule: string, value: number | undefined): DecodeError {
  return new DecodeError(`block, byte ${at}`, `${rule}, got ${value}`)
}
