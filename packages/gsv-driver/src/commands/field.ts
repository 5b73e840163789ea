/**
 * Type of one field on the wire; all numbers are big-endian. `zero` is a byte that is 0 and has no value, `text` and
 * `bytes` are all that remains, `ascii(8)` is text filled up with 0, `s7.24` is a fixed point number (value * 2^24).
 *
 * @example
 * ```ts
 * import type { FieldType } from '@messwerk/gsv-driver/commands'
 *
 * const type: FieldType = 'ascii(8)'
 * type // => 'ascii(8)'
 * ```
 */
export type FieldType =
  | 'u8'
  | 'u16'
  | 's16'
  | 'u24'
  | 's24'
  | 'u32'
  | 's32'
  | 'f32'
  | 's7.24'
  | 'zero'
  | 'text'
  | 'bytes'
  | `ascii(${number})`
  | `bytes(${number})`
  | `u16(${number})`

/**
 * One parameter of a command, or one piece of its answer.
 *
 * @example
 * ```ts
 * import { commandByName, type Field } from '@messwerk/gsv-driver/commands'
 *
 * const [channel]: readonly Field[] = commandByName('ReadUserScale').request
 * channel?.type // => 'u8'
 * ```
 */
export interface Field<N extends string = string, T extends FieldType = FieldType> {
  readonly name: N
  readonly type: T
  /** UCUM code. */
  readonly unit?: string
  readonly note?: string
  /** Never to be logged. */
  readonly secret?: true
  /** Another type, of the same size, where an earlier field or parameter has a value from `from` to `to`. */
  readonly instead?: { readonly type: FieldType; readonly field: string; readonly from: number; readonly to: number }
}

/**
 * What a field of a type holds: a number, a text, bytes or a list of numbers.
 *
 * @example
 * ```ts
 * import type { ValueOf } from '@messwerk/gsv-driver/commands'
 *
 * const text: ValueOf<'ascii(8)'> = 'N/cm'
 * text // => 'N/cm'
 * ```
 */
export type ValueOf<T extends FieldType> = T extends 'text' | `ascii(${number})`
  ? string
  : T extends 'bytes' | `bytes(${number})`
    ? Uint8Array
    : T extends `u16(${number})`
      ? readonly number[]
      : number

/**
 * The values of a list of fields by name; fields of type `zero` have none.
 *
 * @example
 * ```ts
 * import type { Field, ValuesOf } from '@messwerk/gsv-driver/commands'
 *
 * const values: ValuesOf<readonly [Field<'channel', 'u8'>, Field<'scale', 'f32'>]> = { channel: 1, scale: 2 }
 * values.scale // => 2
 * ```
 */
export type ValuesOf<F extends readonly Field[]> = {
  readonly [P in F[number] as P['type'] extends 'zero' ? never : P['name']]: ValueOf<P['type']>
}

/** One row of a list of fields. @internal */
export function field<const N extends string, const T extends FieldType>(
  name: N,
  type: T,
  more: Omit<Field, 'name' | 'type'> = {}
): Field<N, T> {
  return { name, type, ...more }
}
