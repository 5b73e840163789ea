/**
 * Type of a parameter or of a piece of a response; `f32` is IEEE-754, all are big-endian. `rest` is all bytes that
 * remain.
 *
 * @example
 * ```ts
 * import type { WireType } from '@messwerk/gsv-driver'
 *
 * const type: WireType = 'f32'
 * type // => 'f32'
 * ```
 */
export type WireType = 'u8' | 'u16' | 'u32' | 'f32' | 'rest'

/**
 * A command as data: everything that driver and simulator know of it.
 *
 * @example
 * ```ts
 * import { commands, type GsvCommand } from '@messwerk/gsv-driver'
 *
 * const command: GsvCommand = commands.ReadUserScale
 * command.code // => 0x14
 * ```
 */
export interface GsvCommand {
  readonly code: number
  readonly name: string
  /** `read` changes nothing; `act` is forgotten at power-off; `write` is stored in the device. */
  readonly kind: 'read' | 'act' | 'write'
  readonly parameters: readonly WireType[]
  readonly response: readonly WireType[]
}

/**
 * The commands that a session needs, by name.
 *
 * @example
 * ```ts
 * import { commands } from '@messwerk/gsv-driver'
 *
 * commands.WriteDataRate.parameters // => ['f32']
 * ```
 */
export const commands = {
  GetInterface: {
    code: 0x01,
    name: 'GetInterface',
    kind: 'act',
    parameters: ['u8'],
    response: ['u8', 'u8', 'u8', 'u8']
  },
  SetZero: { code: 0x0c, name: 'SetZero', kind: 'write', parameters: ['u8'], response: [] },
  GetUnitNo: { code: 0x0f, name: 'GetUnitNo', kind: 'read', parameters: ['u8'], response: ['u8'] },
  GetUnitText: { code: 0x11, name: 'GetUnitText', kind: 'read', parameters: ['u8'], response: ['rest'] },
  ReadUserScale: { code: 0x14, name: 'ReadUserScale', kind: 'read', parameters: ['u8'], response: ['f32'] },
  GetSerNo: { code: 0x1f, name: 'GetSerNo', kind: 'read', parameters: [], response: ['u32'] },
  StopTransmission: { code: 0x23, name: 'StopTransmission', kind: 'act', parameters: [], response: [] },
  StartTransmission: { code: 0x24, name: 'StartTransmission', kind: 'act', parameters: [], response: [] },
  FirmwareVersion: { code: 0x2b, name: 'FirmwareVersion', kind: 'read', parameters: [], response: ['u16', 'u16'] },
  GetLastProtocolError: {
    code: 0x42,
    name: 'GetLastProtocolError',
    kind: 'read',
    parameters: ['u8'],
    response: ['u32']
  },
  GetTXmapping: { code: 0x49, name: 'GetTXmapping', kind: 'read', parameters: ['u8'], response: ['u16'] },
  GetTXMode: { code: 0x80, name: 'GetTXMode', kind: 'read', parameters: ['u8'], response: ['u16'] },
  SetTXMode: { code: 0x81, name: 'SetTXMode', kind: 'write', parameters: ['u8', 'u16'], response: [] },
  ReadDataRate: { code: 0x8a, name: 'ReadDataRate', kind: 'read', parameters: [], response: ['f32'] },
  WriteDataRate: { code: 0x8b, name: 'WriteDataRate', kind: 'write', parameters: ['f32'], response: [] },
  ReadUserOffset: { code: 0x9a, name: 'ReadUserOffset', kind: 'read', parameters: ['u8'], response: ['f32'] },
  GetInputType: { code: 0xa2, name: 'GetInputType', kind: 'read', parameters: ['u8', 'u8'], response: ['rest'] }
} as const satisfies Readonly<Record<string, GsvCommand>>

/**
 * A command by its code, or undefined where this package does not know it.
 *
 * @example
 * ```ts
 * import { commandOf } from '@messwerk/gsv-driver'
 *
 * commandOf(0x23)?.name // => 'StopTransmission'
 * ```
 */
export function commandOf(code: number): GsvCommand | undefined {
  return Object.values(commands).find((command) => command.code === code)
}
