import type { RequestOf } from './gsv-commands.ts'

/**
 * The kinds of element of a calibration structure of a six-axis sensor, by type code of ReadFTSensorCal: how many
 * elements there are, and the first firmware with them.
 *
 * @example
 * ```ts
 * import { sensorElements } from '@messwerk/gsv-driver/commands'
 *
 * sensorElements.matrix // => { type: 2, count: 36, models: { 'gsv-8': 'any', 'gsv-6': 'any' } }
 * ```
 */
export const sensorElements = {
  serial: { type: 0, count: 1, models: { 'gsv-8': 'any', 'gsv-6': 'any' } },
  normalisation: { type: 1, count: 1, models: { 'gsv-8': 'any', 'gsv-6': 'any' } },
  matrix: { type: 2, count: 36, models: { 'gsv-8': 'any', 'gsv-6': 'any' } },
  offset: { type: 3, count: 3, models: { 'gsv-8': 'any', 'gsv-6': 'any' } },
  maximum: { type: 4, count: 6, models: { 'gsv-8': 'any', 'gsv-6': 'any' } },
  sensitivity: { type: 5, count: 1, models: { 'gsv-8': 'any', 'gsv-6': 'any' } },
  zero: { type: 6, count: 6, models: { 'gsv-8': 'any' } },
  kind: { type: 7, count: 1, models: { 'gsv-8': '1.39', 'gsv-6': '3.47' } },
  matrixB: { type: 8, count: 36, models: { 'gsv-8': '1.39', 'gsv-6': '3.47' } },
  firstFactors: { type: 9, count: 36, models: { 'gsv-8': '1.39', 'gsv-6': '3.47' } },
  secondFactors: { type: 10, count: 36, models: { 'gsv-8': '1.39', 'gsv-6': '3.47' } },
  units: { type: 11, count: 6, models: { 'gsv-8': '1.54', 'gsv-6': '3.47' } },
  date: { type: 12, count: 3, models: { 'gsv-8': '1.54' } }
} as const

/**
 * A calibration of a six-axis sensor. Matrices are row by row (row 1 gives force_x), axes in the order force_x,
 * force_y, force_z, torque_x, torque_y, torque_z.
 *
 * @example
 * ```ts
 * import type { SensorCalibration } from '@messwerk/gsv-driver/commands'
 *
 * const calibration: SensorCalibration = { serial: [4711], maximum: [50, 50, 100, 5, 5, 5] }
 * calibration.maximum?.length // => 6
 * ```
 */
export type SensorCalibration = { readonly [E in keyof typeof sensorElements]?: readonly number[] }

/**
 * The parameters of WriteFTSensorCal that write a calibration, one after the other; the order is that of the types.
 *
 * @throws RangeError when an element is unknown or has another number of values
 *
 * @example
 * ```ts
 * import { sensorWrites } from '@messwerk/gsv-driver/commands'
 *
 * sensorWrites({ serial: [4711], offset: [0, 0, 12.5] }).length // => 4
 * sensorWrites({ serial: [4711] }) // => [{ type: 0, index: 0, value: 4711 }]
 * ```
 */
export function sensorWrites(calibration: SensorCalibration): RequestOf<'WriteFTSensorCal'>[] {
  for (const name of Object.keys(calibration)) {
    if (name in sensorElements) continue
    const names = Object.keys(sensorElements).join(', ')
    throw new RangeError(`sensorWrites: elements must be of ${names}, got '${name}'`)
  }
  return Object.entries(sensorElements).flatMap(([name, { type, count }]) => {
    const values = calibration[name as keyof SensorCalibration]
    if (values && values.length !== count) {
      throw new RangeError(`sensorWrites: ${name} must have ${count} values, got ${values.length}`)
    }
    return (values ?? []).map((value, index) => ({ type, index, value }))
  })
}

/**
 * The parameters of ReadFTSensorCal that read these elements of a calibration, in the order of `sensorWrites`.
 *
 * @example
 * ```ts
 * import { sensorReads } from '@messwerk/gsv-driver/commands'
 *
 * sensorReads(['normalisation', 'sensitivity']) // => [{ type: 1, index: 0 }, { type: 5, index: 0 }]
 * ```
 */
export function sensorReads(elements: readonly (keyof SensorCalibration)[]): RequestOf<'ReadFTSensorCal'>[] {
  return Object.entries(sensorElements)
    .filter(([name]) => (elements as readonly string[]).includes(name))
    .flatMap(([, { type, count }]) => Array.from({ length: count }, (_, index) => ({ type, index })))
}

/**
 * The calibration that single elements make; elements that are missing within a kind are NaN.
 *
 * @example
 * ```ts
 * import { sensorCalibration } from '@messwerk/gsv-driver/commands'
 *
 * sensorCalibration([{ type: 5, index: 0, value: 2 }]) // => { sensitivity: [2] }
 * ```
 */
export function sensorCalibration(
  elements: Iterable<{ readonly type: number; readonly index: number; readonly value: number }>
): SensorCalibration {
  const calibration: { -readonly [E in keyof SensorCalibration]: number[] } = {}
  for (const { type, index, value } of elements) {
    const known = Object.entries(sensorElements).find(([, row]) => row.type === type)
    if (!known || index >= known[1].count) continue
    const name = known[0] as keyof SensorCalibration
    const values = calibration[name] ?? new Array<number>(known[1].count).fill(Number.NaN)
    calibration[name] = values
    values[index] = value
  }
  return calibration
}
