import type { LegacyModel } from '../../codec/index.ts'
import { INPUTS } from './legacy-model.ts'
import type { OpenLegacy } from './open-legacy.ts'

/** @throws RangeError when there is no such channel, or a number is none @internal */
export function checkScales({ model, scales = {} }: OpenLegacy<LegacyModel>, caller: string): void {
  for (const [number, { scale, offset = 0, unit }] of Object.entries(scales)) {
    if (!(Number(number) >= 1 && Number(number) <= INPUTS[model] && Number.isInteger(Number(number)))) {
      const channels = INPUTS[model] === 1 ? 'channel 1' : `channels 1 to ${INPUTS[model]}`
      throw new RangeError(`${caller}: scales must be for ${channels} of a ${model}, got '${number}'`)
    }
    if (!(Number.isFinite(scale) && scale !== 0 && Number.isFinite(offset) && typeof unit === 'string')) {
      throw new RangeError(
        `${caller}: scales.${number} must have a scale that is not 0, a unit and perhaps an offset, got ${scale}, '${unit}' and ${offset}`
      )
    }
  }
}
