import { ProtocolError } from '@messwerk/core/model'
import type { GsvCommand } from './gsv-command.ts'
import { GsvError } from './gsv-error.ts'
import { fits, packFields, sizeOfFields, unpackFields } from './pack-fields.ts'

/**
 * Values of the parameters or of the answer of a command, by name.
 *
 * @example
 * ```ts
 * import type { FieldValues } from '@messwerk/gsv-driver/commands'
 *
 * const values: FieldValues = { slot: 0, text: 'N/cm' }
 * values.text // => 'N/cm'
 * ```
 */
export type FieldValues = Readonly<Record<string, number | string | Uint8Array | readonly number[]>>

/**
 * The parameter bytes of a command of a table, for whoever has a row instead of a name.
 *
 * @throws RangeError or TypeError that names parameter, rule and value
 *
 * @example
 * ```ts
 * import { commandByCode, encodeParameters } from '@messwerk/gsv-driver/commands'
 *
 * const command = commandByCode(0x8a, 'gsv-3')
 * command && encodeParameters(command, { exponent: 6, register: 0xfcf3 }) // => Uint8Array.of(6, 0xfc, 0xf3)
 * ```
 */
export function encodeParameters(command: GsvCommand, values: FieldValues = {}): Uint8Array {
  return packFields(command.name, command.request, values)
}

/**
 * The parameters of a command from its bytes, as a device reads them; `alternative` parameters are known by their length.
 *
 * @throws GsvError with status 0x5b when the number of bytes is wrong
 *
 * @example
 * ```ts
 * import { commandByCode, decodeParameters } from '@messwerk/gsv-driver/commands'
 *
 * const command = commandByCode(0x0c, 'gsv-8')
 * command && decodeParameters(command, Uint8Array.of(3)) // => { channel: 3 }
 * ```
 */
export function decodeParameters(command: GsvCommand, bytes: Uint8Array): FieldValues {
  const layout = [command.request, command.alternative ?? command.request].find((fields) => fits(fields, bytes.length))
  if (!layout) throw new GsvError(command.name, 0x5b)
  return unpackFields(command.name, layout, bytes)
}

/**
 * The data bytes of an answer, as a device sends them after the status.
 *
 * @param request - parameters that were asked with: some values have another type by them
 * @throws RangeError or TypeError that names value and rule
 *
 * @example
 * ```ts
 * import { commandByCode, encodeAnswer } from '@messwerk/gsv-driver/commands'
 *
 * const command = commandByCode(0x8a, 'gsv-6')
 * command && encodeAnswer(command, { rate: 100 }) // => Uint8Array.of(0x42, 0xc8, 0, 0)
 * ```
 */
export function encodeAnswer(command: GsvCommand, values: FieldValues = {}, request: FieldValues = {}): Uint8Array {
  return packFields(command.name, command.response, values, request)
}

/**
 * The values of an answer from its data bytes.
 *
 * @param request - parameters that were asked with: some values have another type by them
 * @throws ProtocolError when the number of bytes is wrong
 *
 * @example
 * ```ts
 * import { commandByCode, decodeAnswer } from '@messwerk/gsv-driver/commands'
 *
 * const command = commandByCode(0x2b, 'gsv-8')
 * command && decodeAnswer(command, Uint8Array.of(0, 1, 0, 56)) // => { major: 1, minor: 56 }
 * ```
 */
export function decodeAnswer(command: GsvCommand, bytes: Uint8Array, request: FieldValues = {}): FieldValues {
  if (fits(command.response, bytes.length)) return unpackFields(command.name, command.response, bytes, request)
  const { bytes: size, rest } = sizeOfFields(command.response)
  throw new ProtocolError(
    `The answer to ${command.name} has ${bytes.length} bytes where ${rest ? 'at least ' : ''}${size} are expected`
  )
}

/**
 * How many parameter bytes a command has, or undefined where it takes any number. Without a frame around it, as in the
 * older protocols, this is how its end is known.
 *
 * @example
 * ```ts
 * import { commandByCode, parameterBytes } from '@messwerk/gsv-driver/commands'
 *
 * const command = commandByCode(0x8a, 'gsv-3')
 * command && parameterBytes(command) // => 3
 * ```
 */
export function parameterBytes({ request }: GsvCommand): number | undefined {
  const { bytes, rest } = sizeOfFields(request)
  return rest ? undefined : bytes
}

/**
 * How many data bytes the answer to a command has, or undefined where it may have any number.
 *
 * @example
 * ```ts
 * import { answerBytes, commandByName } from '@messwerk/gsv-driver/commands'
 *
 * answerBytes(commandByName('GetUnitText', 'gsv-6')) // => 9
 * ```
 */
export function answerBytes({ response }: GsvCommand): number | undefined {
  const { bytes, rest } = sizeOfFields(response)
  return rest ? undefined : bytes
}
