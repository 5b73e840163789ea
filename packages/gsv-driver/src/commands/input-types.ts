/**
 * Inputs of a GSV-8 by type code (GetInputType, SetInputType), with their nominal range on the standard model.
 *
 * @example
 * ```ts
 * import { inputTypes } from '@messwerk/gsv-driver/commands'
 *
 * inputTypes[1].name // => 'bridge 5 V'
 * inputTypes.findIndex(({ name }) => name === 'pt1000') // => 4
 * ```
 */
export const inputTypes = [
  { name: 'bridge 8.75 V', unit: 'mV/V', nominal: 2 },
  { name: 'bridge 5 V', unit: 'mV/V', nominal: 3.5 },
  { name: 'bridge 2.5 V', unit: 'mV/V', nominal: 7 },
  { name: 'single-ended', unit: 'mV', nominal: 10_000 },
  { name: 'pt1000', unit: 'Cel', nominal: 1500 },
  { name: 'type k absolute', unit: 'Cel' },
  { name: 'type k relative', unit: 'Cel' },
  { name: 'counter', unit: '1' }
] as const satisfies readonly InputType[]

/**
 * What can be connected to a channel.
 *
 * @example
 * ```ts
 * import { type InputType, inputTypes } from '@messwerk/gsv-driver/commands'
 *
 * const input: InputType = inputTypes[3]
 * input.unit // => 'mV'
 * ```
 */
export interface InputType {
  readonly name: string
  /** UCUM code of the nominal range. */
  readonly unit: string
  /** Nominal range of the standard model, in `unit`; absent where the device alone knows it. */
  readonly nominal?: number
}

const GSV6_TYPES: Readonly<Record<number, InputType>> = {
  0: { name: 'bridge', unit: 'mV/V' },
  3: inputTypes[3],
  4: inputTypes[4],
  6: inputTypes[7]
}

/**
 * The meaning of an answer to GetInputType: what is connected, and the nominal range in its unit.
 *
 * @param answer - type code, and range * 100
 *
 * @example
 * ```ts
 * import { inputOf } from '@messwerk/gsv-driver/commands'
 *
 * inputOf({ type: 1, range: 350 }, 'gsv-8') // => { name: 'bridge 5 V', unit: 'mV/V', nominal: 3.5 }
 * inputOf({ type: 0, range: 200 }, 'gsv-6') // => { name: 'bridge', unit: 'mV/V', nominal: 2 }
 * ```
 */
export function inputOf(
  { type, range }: { readonly type: number; readonly range: number },
  model: 'gsv-8' | 'gsv-6' | 'gsv-6bt'
): Required<InputType> {
  const known: InputType | undefined = model === 'gsv-8' ? inputTypes[type] : GSV6_TYPES[type]
  return { name: known?.name ?? `type ${type}`, unit: known?.unit ?? '1', nominal: range / 100 }
}

/**
 * Types of the analog outputs by code (GetAoutType, SetAoutType): lowest and highest value and its unit; the output of
 * code 5 is off.
 *
 * @example
 * ```ts
 * import { aoutTypes } from '@messwerk/gsv-driver/commands'
 *
 * aoutTypes[4] // => { name: '4-20 mA', low: 4, high: 20, unit: 'mA' }
 * ```
 */
export const aoutTypes = [
  { name: '0-10 V', low: 0, high: 10, unit: 'V' },
  { name: '±10 V', low: -10, high: 10, unit: 'V' },
  { name: '0-5 V', low: 0, high: 5, unit: 'V' },
  { name: '±5 V', low: -5, high: 5, unit: 'V' },
  { name: '4-20 mA', low: 4, high: 20, unit: 'mA' },
  { name: 'off', low: 0, high: 0, unit: '1' },
  { name: '0-20 mA', low: 0, high: 20, unit: 'mA' },
  { name: '0-2.5 V', low: 0, high: 2.5, unit: 'V' }
] as const
