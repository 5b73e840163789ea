type TypedArray = { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number }
/** @internal */
export type TypedArrayClass = { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): TypedArray }

/** The typed arrays that a text can hold, by name. @internal */
export const ARRAYS: ReadonlyMap<string, TypedArrayClass> = new Map<string, TypedArrayClass>([
  ['Float64Array', Float64Array],
  ['Float32Array', Float32Array],
  ['Int8Array', Int8Array],
  ['Uint8Array', Uint8Array],
  ['Uint8ClampedArray', Uint8ClampedArray],
  ['Int16Array', Int16Array],
  ['Uint16Array', Uint16Array],
  ['Int32Array', Int32Array],
  ['Uint32Array', Uint32Array],
  ['BigInt64Array', BigInt64Array],
  ['BigUint64Array', BigUint64Array]
])
/** What stands for values that JSON cannot say. @internal */
export const SCALARS: ReadonlyMap<string, number | undefined> = new Map([
  ['$NaN', Number.NaN],
  ['$-0', -0],
  ['$Infinity', Number.POSITIVE_INFINITY],
  ['$-Infinity', Number.NEGATIVE_INFINITY],
  ['$undefined', undefined]
])
/** @internal */
export const BIGINT = /^\$bigint:(-?\d+)$/
/** Levels of nesting. @internal */
export const DEEPEST = 500

/** @internal */
export type Path = (string | number)[]

/** A path as people write it: `value.trees[3]`. @internal */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${key}`), 'value')
}
