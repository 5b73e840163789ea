import type { GsvCommand, GsvModel } from './gsv-command.ts'
import { type CommandName, commandByName, type RequestOf, type ResponseOf } from './gsv-commands.ts'
import { decodeAnswer, decodeParameters, encodeAnswer, encodeParameters, type FieldValues } from './row-payload.ts'

/**
 * What may be said when a payload is made or read.
 *
 * @example
 * ```ts
 * import { encodeRequest, type PayloadOptions } from '@messwerk/gsv-driver/commands'
 *
 * const options: PayloadOptions = { model: 'gsv-6' }
 * encodeRequest('SetUnitText', { slot: 0, text: 'N' }, options).length // => 10
 * ```
 */
export interface PayloadOptions {
  /** Where models differ; default: the first row of the table, which is the GSV-8's where it has the command. */
  readonly model?: GsvModel
  /** Of answers: the request that was sent, since some values have another type by it. */
  readonly request?: FieldValues
  /** Of requests: whether to use the `alternative` parameters of the command where it has them. */
  readonly alternative?: boolean
}

type Given<V> =
  Record<never, never> extends V ? [values?: V, options?: PayloadOptions] : [values: V, options?: PayloadOptions]

/**
 * The parameter bytes of a command; `encodeRequestFrame(code, bytes)` of the codec makes a frame of them.
 *
 * @throws RangeError or TypeError that names parameter, rule and value; RangeError when the model lacks the command
 *
 * @example
 * ```ts
 * import { encodeRequest } from '@messwerk/gsv-driver/commands'
 *
 * encodeRequest('WriteDataRate', { rate: 100 }) // => Uint8Array.of(0x42, 0xc8, 0, 0)
 * encodeRequest('WriteUserScale', { channel: 2, scale: 2 }) // => Uint8Array.of(2, 0x40, 0, 0, 0)
 * encodeRequest('StopTransmission') // => new Uint8Array()
 * ```
 */
export function encodeRequest<N extends CommandName>(name: N, ...given: Given<RequestOf<N>>): Uint8Array {
  const [values, options = {}] = given as [FieldValues?, PayloadOptions?]
  const command: GsvCommand = commandByName(name, options.model)
  const { alternative } = command
  return encodeParameters(options.alternative && alternative ? { ...command, request: alternative } : command, values)
}

/**
 * The parameters of a command from its bytes, as a device reads them.
 *
 * @throws GsvError with status 0x5b when the number of bytes is wrong; RangeError when the model lacks the command
 *
 * @example
 * ```ts
 * import { decodeRequest } from '@messwerk/gsv-driver/commands'
 *
 * decodeRequest('WriteUserScale', Uint8Array.of(2, 0x40, 0, 0, 0)) // => { channel: 2, scale: 2 }
 * ```
 */
export function decodeRequest<N extends CommandName>(
  name: N,
  bytes: Uint8Array,
  { model }: PayloadOptions = {}
): RequestOf<N> {
  return decodeParameters(commandByName(name, model), bytes) as RequestOf<N>
}

/**
 * The data bytes of an answer, as a device sends them after the status.
 *
 * @throws RangeError or TypeError that names value and rule; RangeError when the model lacks the command
 *
 * @example
 * ```ts
 * import { encodeResponse } from '@messwerk/gsv-driver/commands'
 *
 * encodeResponse('FirmwareVersion', { major: 1, minor: 56 }) // => Uint8Array.of(0, 1, 0, 56)
 * encodeResponse('GetUnitText', { text: 'N/cm' }, { model: 'gsv-6' }).length // => 9
 * ```
 */
export function encodeResponse<N extends CommandName>(name: N, ...given: Given<ResponseOf<N>>): Uint8Array {
  const [values, { model, request } = {}] = given as [FieldValues?, PayloadOptions?]
  return encodeAnswer(commandByName(name, model), values, request)
}

/**
 * The values of an answer from its data bytes.
 *
 * @throws ProtocolError when the number of bytes is wrong; RangeError when the model lacks the command
 *
 * @example
 * ```ts
 * import { decodeResponse } from '@messwerk/gsv-driver/commands'
 *
 * decodeResponse('FirmwareVersion', Uint8Array.of(0, 1, 0, 56)) // => { major: 1, minor: 56 }
 * decodeResponse('ReadFTSensorCal', Uint8Array.of(0, 0, 0, 9), { request: { type: 0, index: 0 } }) // => { value: 9 }
 * ```
 */
export function decodeResponse<N extends CommandName>(
  name: N,
  bytes: Uint8Array,
  { model, request }: PayloadOptions = {}
): ResponseOf<N> {
  return decodeAnswer(commandByName(name, model), bytes, request) as ResponseOf<N>
}
