import type { LegacyModel } from '../../codec/index.ts'

/** Model of a device, as it is given to what opens it. @internal */
export type GivenModel = 'auto' | 'gsv-8' | 'gsv-6' | LegacyModel

/** Baud rate that a model is delivered with; undefined where it is not known which model it is. @internal */
export const BAUD_RATES: Readonly<Record<GivenModel, number | undefined>> = {
  auto: undefined,
  'gsv-8': 115_200,
  'gsv-6': 230_400,
  'gsv-4': 115_200,
  'gsv-3': 38_400,
  'gsv-2': 38_400
}

/** Inputs of a model. @internal */
export const INPUTS: Readonly<Record<LegacyModel, number>> = { 'gsv-4': 4, 'gsv-3': 1, 'gsv-2': 1 }

/** Whether options are those of a model with a protocol of its own. @internal */
export function isLegacy<O extends { readonly model?: GivenModel }>(
  options: O
): options is Extract<O, { readonly model: LegacyModel }> {
  return options.model === 'gsv-4' || options.model === 'gsv-3' || options.model === 'gsv-2'
}

/** @throws RangeError when it is no model @internal */
export function checkModel(model: GivenModel | undefined, caller: string): void {
  if (model === undefined || Object.hasOwn(BAUD_RATES, model)) return
  const all = Object.keys(BAUD_RATES).map((name) => `'${name}'`)
  throw new RangeError(`${caller}: model must be ${all.slice(0, -1).join(', ')} or ${all.at(-1)}, got '${model}'`)
}
