import type { LegacyModel } from '../../codec/legacy/legacy-layout.ts'
import type { Field, ValuesOf } from '../field.ts'
import type { legacyCommands } from './legacy-commands.ts'

type Row<M extends LegacyModel> = (typeof legacyCommands)[M][number]
type RowNamed<M extends LegacyModel, N extends string> = Extract<Row<M>, { readonly name: N }>

/**
 * Name of a command of a model with a protocol of its own.
 *
 * @example
 * ```ts
 * import type { LegacyCommandName } from '@messwerk/gsv-driver/commands'
 *
 * const name: LegacyCommandName<'gsv-4'> = 'GetInputs'
 * name // => 'GetInputs'
 * ```
 */
export type LegacyCommandName<M extends LegacyModel> = Row<M>['name']

/**
 * The parameters of such a command by name.
 *
 * @example
 * ```ts
 * import type { LegacyRequestOf } from '@messwerk/gsv-driver/commands'
 *
 * const values: LegacyRequestOf<'gsv-4', 'SetInput'> = { channel: 2, type: 1 }
 * values.channel // => 2
 * ```
 */
export type LegacyRequestOf<M extends LegacyModel, N extends LegacyCommandName<M>> =
  RowNamed<M, N> extends { readonly request: infer F extends readonly Field[] } ? ValuesOf<F> : never

/**
 * What a device answers to such a command, by name; nothing to those that set something.
 *
 * @example
 * ```ts
 * import type { LegacyResponseOf } from '@messwerk/gsv-driver/commands'
 *
 * const registers: LegacyResponseOf<'gsv-3', 'ReadSamplingRate'> = { exponent: 6, register: 0xfcf3 }
 * registers.exponent // => 6
 * ```
 */
export type LegacyResponseOf<M extends LegacyModel, N extends LegacyCommandName<M>> =
  RowNamed<M, N> extends { readonly response: infer F extends readonly Field[] } ? ValuesOf<F> : never
