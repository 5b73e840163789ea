import type { Field } from '../field.ts'
import type { GsvCommand, GsvDirection } from '../gsv-command.ts'

type Models = GsvCommand['models']
type More = Partial<Omit<GsvCommand, 'code' | 'name' | 'models' | 'request' | 'response'>>

/** Both models, any firmware. @internal */
export const BOTH: Models = { 'gsv-8': 'any', 'gsv-6': 'any' }

/** @internal */
export const GSV8: Models = { 'gsv-8': 'any' }

/** @internal */
export const GSV6: Models = { 'gsv-6': 'any' }

/** @internal */
export const GSV6BT: Models = { 'gsv-6bt': 'any' }

/** Both models from these firmware versions on. @internal */
export function since(gsv8: string, gsv6: string): Models {
  return { 'gsv-8': gsv8, 'gsv-6': gsv6 }
}

/** A row of a command that reads. @internal */
export function read<const N extends string, const P extends readonly Field[], const R extends readonly Field[]>(
  code: number,
  name: N,
  models: Models,
  request: P,
  response: R,
  more: More = {}
): GsvCommand<N, P, R> {
  return { code, name, direction: 'read', models, request, response, access: 'open', ...more }
}

/** A row of a command that writes to the memory of the device. @internal */
export function write<const N extends string, const P extends readonly Field[]>(
  code: number,
  name: N,
  models: Models,
  request: P,
  more: More = {}
): GsvCommand<N, P, readonly []> {
  return { code, name, direction: 'write', models, request, response: [], access: 'write', ...more }
}

/** A row of a command that writes to a structure in RAM. @internal */
export function writeRam<const N extends string, const P extends readonly Field[]>(
  code: number,
  name: N,
  models: Models,
  request: P,
  more: More = {}
): GsvCommand<N, P, readonly []> {
  return write(code, name, models, request, { direction: 'write-ram' satisfies GsvDirection, ...more })
}

/** A row of a command whose effect is forgotten at power-off. @internal */
export function action<const N extends string, const P extends readonly Field[]>(
  code: number,
  name: N,
  models: Models,
  request: P,
  more: More = {}
): GsvCommand<N, P, readonly []> {
  return { code, name, direction: 'action', models, request, response: [], access: 'open', ...more }
}
