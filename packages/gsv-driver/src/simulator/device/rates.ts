import type { DataType } from '../../codec/index.ts'
import type { Model } from './settings.ts'

/** Samples of the converter of a GSV-8 a second. */
const CONVERTER = 48_000
/** The rates of a GSV-6 are divisors of this; fits all pairs of asked and real rates that are known. */
const CLOCK = 25_000 / 3

/** Divisors of the converter's rate: the rates that a GSV-8 has. */
const RATES = Array.from({ length: CONVERTER }, (_, i) => i + 1).filter((rate) => CONVERTER % rate === 0)

/** Highest rates, Hz. Of a GSV-6 they are assumed. */
const MOST: Readonly<Record<Model['name'], Readonly<Record<DataType, number>>>> = {
  'gsv-8': { int16: 48_000, int24: 24_000, float32: 12_000 },
  'gsv-6': { int16: CLOCK / 4, int24: CLOCK / 4, float32: CLOCK / 4 }
}

/** Highest rate of a data type, Hz. @internal */
export function mostRate(model: Model['name'], dataType: DataType): number {
  return MOST[model][dataType]
}

/** Lowest rate, Hz. @internal */
export const LEAST_RATE: Readonly<Record<Model['name'], number>> = { 'gsv-8': 1, 'gsv-6': 0.6 }

/** The rate that a device makes of one that is asked for, Hz. @internal */
export function realRate(model: Model['name'], asked: number): number {
  if (model === 'gsv-6') return Math.fround(CLOCK / Math.max(4, Math.round(CLOCK / asked)))
  let best = 1
  for (const rate of RATES) if (Math.abs(rate - asked) < Math.abs(best - asked)) best = rate
  return best
}
