const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Whether this machine keeps numbers in the byte order of our binary forms. @internal */
export const isLittleEndian: boolean = LITTLE

/** Reverses each number of `size` bytes in place where this machine is not little-endian. @internal */
export function swapToLittleEndian<B extends Uint8Array>(bytes: B, size: number, little = LITTLE): B {
  if (little || size === 1) return bytes
  for (let at = 0; at + size <= bytes.length; at += size) bytes.subarray(at, at + size).reverse()
  return bytes
}
