import { ProtocolError } from '@messwerk/core/model'
import { crc8 } from './crc.ts'
import { measuredCrcOk } from './frame-check.ts'
import {
  DATA_TYPES,
  type DataType,
  type FrameLayout,
  frameBytes,
  type IntegerEncoding,
  PREFIX,
  SUFFIX
} from './frame-layout.ts'
import { integerScaling, partOf } from './scaling.ts'

/**
 * One frame of the line, whole. `values` are physical for float32 and parts of the nominal range for integers.
 *
 * @example
 * ```ts
 * import { decodeFrame, type Frame } from '@messwerk/gsv-driver/codec'
 *
 * const frame: Frame = decodeFrame(Uint8Array.of(0xaa, 0x50, 0x75, 0x85))
 * frame // => { type: 'response', status: 0x75, data: new Uint8Array(0), crc: false }
 * ```
 */
export type Frame =
  | { readonly type: 'request'; readonly command: number; readonly parameters: Uint8Array; readonly crc: boolean }
  | { readonly type: 'response'; readonly status: number; readonly data: Uint8Array; readonly crc: boolean }
  | {
      readonly type: 'measured'
      readonly layout: FrameLayout
      readonly flags: number
      readonly values: Float64Array
    }

/**
 * Decodes exactly one frame and says what is wrong with it; for tools and tests. For streams there is `GsvParser`.
 *
 * @param bytes - the frame from prefix to suffix
 * @param encoding - of integers
 * @throws ProtocolError when it is no frame: prefix, header, length, suffix or checksum
 *
 * @example
 * ```ts
 * import { decodeFrame } from '@messwerk/gsv-driver/codec'
 *
 * decodeFrame(Uint8Array.of(0xaa, 0x90, 0x23, 0x85))
 * // => { type: 'request', command: 0x23, parameters: new Uint8Array(0), crc: false }
 * decodeFrame(Uint8Array.of(0xaa, 0xb0, 0x23, 0xa7, 0x85))
 * // throws ProtocolError: frame aa b0 23 a7 85: checksum is 0xa7, expected 0xa6
 * ```
 */
export function decodeFrame(bytes: Uint8Array, encoding: IntegerEncoding = 'offset'): Frame {
  const [prefix, header = 0, second = 0] = bytes
  if (bytes.length < 4) throw broken(bytes, `has ${bytes.length} bytes, at least 4 were expected`)
  if (prefix !== PREFIX) throw broken(bytes, `begins with ${hex(prefix)}, expected 0xaa`)
  if ((header & 0x10) === 0 || header >= 0xc0) throw broken(bytes, `header ${hex(header)} is none of the serial line`)
  const length = lengthOf(bytes, header, second)
  if (bytes.length !== length) throw broken(bytes, `has ${bytes.length} bytes, its header says ${length}`)
  if (bytes[length - 1] !== SUFFIX) throw broken(bytes, `ends with ${hex(bytes[length - 1])}, expected 0x85`)
  return header & 0xc0 ? short(bytes, header, second) : measured(bytes, header, second, encoding)
}

function lengthOf(bytes: Uint8Array, header: number, second: number): number {
  if ((header & 0xc0) === 0) return frameBytes(layoutOf(bytes, header, second))
  const long = (header & 0xdf) === 0x5f
  return 4 + (header & 15) + (long ? second : 0) + (header & 0x20 ? 1 : 0)
}

function layoutOf(bytes: Uint8Array, header: number, status: number): FrameLayout {
  const dataType = status < 0x80 ? undefined : DATA_TYPES[(status >> 4) & 7]
  if (!dataType) throw broken(bytes, `status ${hex(status)} names no data type`)
  return { objects: (header & 15) + 1, dataType, crc: (header & 0x20) !== 0 }
}

function short(bytes: Uint8Array, header: number, second: number): Frame {
  const crc = (header & 0x20) !== 0
  const end = bytes.length - (crc ? 2 : 1)
  const expected = crc8(bytes, 1, end)
  if (crc && bytes[end] !== expected) throw broken(bytes, `checksum is ${hex(bytes[end])}, expected ${hex(expected)}`)
  const data = bytes.slice(3, end)
  if (header & 0x80) return { type: 'request', command: second, parameters: data, crc }
  return { type: 'response', status: (header & 15) === 15 ? 0 : second, data, crc }
}

function measured(bytes: Uint8Array, header: number, status: number, encoding: IntegerEncoding): Frame {
  const layout = layoutOf(bytes, header, status)
  if (layout.crc && !measuredCrcOk(bytes, 0, bytes.length)) throw broken(bytes, 'checksum is wrong')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const values = Float64Array.from({ length: layout.objects }, (_, i) => valueAt(view, i, layout.dataType, encoding))
  return { type: 'measured', layout, flags: status & 3, values }
}

function valueAt(view: DataView, i: number, type: DataType, encoding: IntegerEncoding): number {
  if (type === 'float32') return view.getFloat32(3 + 4 * i)
  const raw = type === 'int16' ? view.getUint16(3 + 2 * i) : view.getUint32(2 + 3 * i) & 0xffffff
  return partOf(raw, integerScaling(type, encoding))
}

function hex(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, '0')}`
}

function broken(bytes: Uint8Array, what: string): ProtocolError {
  const shown = Array.from(bytes.subarray(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return new ProtocolError(`frame ${shown}${bytes.length > 12 ? ' ...' : ''}: ${what}`)
}
