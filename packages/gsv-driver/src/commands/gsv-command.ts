import type { LegacyModel } from '../codec/legacy/legacy-layout.ts'
import type { Field } from './field.ts'

/**
 * A model of amplifier. The logger `gsv-6bt` is a GSV-6 with more commands.
 *
 * @example
 * ```ts
 * import type { GsvModel } from '@messwerk/gsv-driver/commands'
 *
 * const model: GsvModel = 'gsv-6'
 * model // => 'gsv-6'
 * ```
 */
export type GsvModel = 'gsv-8' | 'gsv-6' | 'gsv-6bt' | LegacyModel

/**
 * Who may use a command: `open` everybody; `write` whoever has write access and no lock is set; `user` after the user's
 * id (MEsetID); `manufacturer` nobody but the manufacturer: such commands are decoded and simulated, never sent.
 *
 * @example
 * ```ts
 * import { accessOf, commandByName, type GsvAccess } from '@messwerk/gsv-driver/commands'
 *
 * const level: GsvAccess = accessOf(commandByName('WriteZero'), 'gsv-8')
 * level // => 'user'
 * ```
 */
export type GsvAccess = 'open' | 'write' | 'user' | 'manufacturer'

/**
 * What a command does: `read`; `action`, forgotten at power-off; `write` to the memory of the device; `write-action`
 * both; `write-ram` to a structure that another command stores.
 *
 * @example
 * ```ts
 * import { commandByName, type GsvDirection } from '@messwerk/gsv-driver/commands'
 *
 * const direction: GsvDirection = commandByName('WriteDigiFiltCoeff').direction
 * direction // => 'write-ram'
 * ```
 */
export type GsvDirection = 'read' | 'action' | 'write' | 'write-action' | 'write-ram'

/**
 * A command as data: everything that driver, simulator and reference page know of it.
 *
 * @example
 * ```ts
 * import { commandByName, type GsvCommand } from '@messwerk/gsv-driver/commands'
 *
 * const { code, models, reset }: GsvCommand = commandByName('WriteDataRate')
 * code // => 0x8b
 * Object.keys(models) // => ['gsv-8', 'gsv-6']
 * reset // => true
 * ```
 */
export interface GsvCommand<
  N extends string = string,
  P extends readonly Field[] = readonly Field[],
  R extends readonly Field[] = readonly Field[]
> {
  /** 0 to 255. */
  readonly code: number
  /** As in the specification; two rows of one name differ in their models. */
  readonly name: N
  readonly direction: GsvDirection
  /** First firmware with the command by model, `any` for all; `gsv-6` includes `gsv-6bt`. */
  readonly models: Readonly<Partial<Record<GsvModel, string>>>
  readonly request: P
  readonly response: R
  /** Other parameters of the same names that some firmware wants instead; to be sent after status 0x5b. */
  readonly alternative?: readonly Field[]
  readonly access: GsvAccess
  /** Where a model differs from `access`. */
  readonly accessOn?: Readonly<Partial<Record<GsvModel, GsvAccess>>>
  /** A GSV-6 takes the setting over at its next reset only. */
  readonly reset?: true
  /** Where there is no response frame: a measured frame comes instead, or nothing. */
  readonly answer?: 'measured' | 'none'
  /** The number or the meaning is not from a specification, and was not tried on a device. */
  readonly unverified?: true
  readonly note?: string
}

/**
 * Whether a model has a command.
 *
 * @param firmware - of the device, for example `1.56`; without it any firmware is assumed to be new enough
 *
 * @example
 * ```ts
 * import { commandByName, isAvailable } from '@messwerk/gsv-driver/commands'
 *
 * isAvailable(commandByName('GetTXmapping'), 'gsv-8', '1.45') // => true
 * isAvailable(commandByName('GetTXmapping'), 'gsv-8', '1.39') // => false
 * isAvailable(commandByName('ResetDevice'), 'gsv-8') // => false
 * ```
 */
export function isAvailable({ models }: GsvCommand, model: GsvModel, firmware?: string): boolean {
  const first = models[model] ?? (model === 'gsv-6bt' ? models['gsv-6'] : undefined)
  if (first === undefined) return false
  return first === 'any' || firmware === undefined || versionOf(firmware) >= versionOf(first)
}

/**
 * Who may use a command on a model.
 *
 * @example
 * ```ts
 * import { accessOf, commandByName } from '@messwerk/gsv-driver/commands'
 *
 * accessOf(commandByName('MEsetSerNo'), 'gsv-8') // => 'manufacturer'
 * accessOf(commandByName('WriteZero'), 'gsv-6') // => 'write'
 * ```
 */
export function accessOf({ access, accessOn }: GsvCommand, model: GsvModel): GsvAccess {
  return accessOn?.[model] ?? (model === 'gsv-6bt' ? accessOn?.['gsv-6'] : undefined) ?? access
}

/** 1.56 is 1 * 65536 + 56: minor numbers count 8, 9, 10. */
function versionOf(firmware: string): number {
  const [major = 0, minor = 0] = firmware.split('.').map(Number)
  return major * 65536 + minor
}
