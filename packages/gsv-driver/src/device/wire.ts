import type { WireType } from './commands.ts'

const SIZES: Readonly<Record<WireType, number>> = { u8: 1, u16: 2, u32: 4, f32: 4, rest: 0 }

/** Bytes of values of these types. @internal */
export function pack(types: readonly WireType[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(types))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [i, type] of types.entries()) {
    const value = values[i] as number
    if (type === 'u8') view.setUint8(at, value)
    else if (type === 'u16') view.setUint16(at, value)
    else if (type === 'u32') view.setUint32(at, value)
    else if (type === 'f32') view.setFloat32(at, value)
    at += SIZES[type]
  }
  return bytes
}

/** Values of these types from bytes; `rest` gives one value a byte. @internal */
export function unpack(types: readonly WireType[], bytes: Uint8Array): number[] {
  if (types[0] === 'rest') return [...bytes]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  return types.map((type) => {
    const value =
      type === 'u8'
        ? view.getUint8(at)
        : type === 'u16'
          ? view.getUint16(at)
          : type === 'u32'
            ? view.getUint32(at)
            : view.getFloat32(at)
    at += SIZES[type]
    return value
  })
}

/** Bytes that values of these types take. @internal */
export function sizeOf(types: readonly WireType[]): number {
  return types.reduce((sum, type) => sum + SIZES[type], 0)
}
