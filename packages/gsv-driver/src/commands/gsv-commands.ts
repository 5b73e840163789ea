import type { Field, ValuesOf } from './field.ts'
import { type GsvCommand, type GsvModel, isAvailable } from './gsv-command.ts'
import { legacyCommands } from './legacy/legacy-commands.ts'
import { calculationCommands } from './table/calculation-commands.ts'
import { lineCommands } from './table/line-commands.ts'
import { loggerCommands } from './table/logger-commands.ts'
import { signalCommands } from './table/signal-commands.ts'
import { stateCommands } from './table/state-commands.ts'
import { streamCommands } from './table/stream-commands.ts'

const rows = [
  ...stateCommands,
  ...streamCommands,
  ...signalCommands,
  ...calculationCommands,
  ...lineCommands,
  ...loggerCommands
] as const
type Row = (typeof rows)[number]
type RowsByName = { readonly [N in Row['name']]: Extract<Row, { readonly name: N }> }

/**
 * Name of a command of GSV-8 or GSV-6, as in the specification.
 *
 * @example
 * ```ts
 * import type { CommandName } from '@messwerk/gsv-driver/commands'
 *
 * const name: CommandName = 'WriteDataRate'
 * name // => 'WriteDataRate'
 * ```
 */
export type CommandName = keyof RowsByName

/**
 * The parameters of a command by name.
 *
 * @example
 * ```ts
 * import type { RequestOf } from '@messwerk/gsv-driver/commands'
 *
 * const values: RequestOf<'WriteUserScale'> = { channel: 2, scale: 50 }
 * values.scale // => 50
 * ```
 */
export type RequestOf<N extends CommandName> = RowsByName[N] extends infer C
  ? C extends { readonly request: infer F extends readonly Field[] }
    ? ValuesOf<F>
    : never
  : never

/**
 * What a device answers to a command, by name.
 *
 * @example
 * ```ts
 * import type { ResponseOf } from '@messwerk/gsv-driver/commands'
 *
 * const version = ({ major, minor }: ResponseOf<'FirmwareVersion'>): string => `${major}.${minor}`
 * version({ major: 1, minor: 56 }) // => '1.56'
 * ```
 */
export type ResponseOf<N extends CommandName> = RowsByName[N] extends infer C
  ? C extends { readonly response: infer F extends readonly Field[] }
    ? ValuesOf<F>
    : never
  : never

/**
 * All commands of GSV-8 and GSV-6, in the order of their codes. A command that differs between models has a row for
 * each. Source: protocol specification of GSV-6 and GSV-8, 1.01.04 (English) and 1.01.06 (German).
 *
 * @example
 * ```ts
 * import { gsvCommands } from '@messwerk/gsv-driver/commands'
 *
 * gsvCommands.filter(({ code }) => code === 0x11).map(({ models }) => models) // => [{ 'gsv-8': 'any' }, { 'gsv-6': 'any' }]
 * ```
 */
export const gsvCommands: readonly GsvCommand[] = [...rows].sort((a, b) => a.code - b.code)

/**
 * The command of a model with a code, or undefined where the model has none.
 *
 * @param firmware - of the device; without it any firmware is assumed to be new enough
 *
 * @example
 * ```ts
 * import { commandByCode } from '@messwerk/gsv-driver/commands'
 *
 * commandByCode(0x23, 'gsv-8')?.name // => 'StopTransmission'
 * commandByCode(0x78, 'gsv-8') // => undefined
 * commandByCode(0x8a, 'gsv-3')?.name // => 'WriteSamplingRate'
 * ```
 */
export function commandByCode(code: number, model: GsvModel, firmware?: string): GsvCommand | undefined {
  const table: readonly GsvCommand[] = isLegacy(model) ? legacyCommands[model] : gsvCommands
  return table.find((command) => command.code === code && isAvailable(command, model, firmware))
}

/**
 * The command with a name; the row of the model where models differ.
 *
 * @param model - without it the first row counts, which is that of the GSV-8 where it has the command
 * @throws RangeError when the model does not have the command
 *
 * @example
 * ```ts
 * import { commandByName } from '@messwerk/gsv-driver/commands'
 *
 * commandByName('GetUnitText', 'gsv-6').response.map(({ type }) => type) // => ['zero', 'ascii(8)']
 * ```
 */
export function commandByName<N extends CommandName>(name: N, model?: GsvModel): RowsByName[N] {
  const command = gsvCommands.find((row) => row.name === name && (model === undefined || isAvailable(row, model)))
  if (command) return command as RowsByName[N]
  throw new RangeError(
    `commandByName: name must be a command${model ? ` of ${model}` : ''} as in the specification, got '${name}'`
  )
}

function isLegacy(model: GsvModel): model is keyof typeof legacyCommands {
  return model in legacyCommands
}
