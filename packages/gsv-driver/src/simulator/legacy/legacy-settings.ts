import type { LegacyModel } from '../../codec/index.ts'
import { gsv2Norm, gsv4RateCode, gsv4Rates, unitCodeOf } from '../../commands/index.ts'
import type { SimulatedChannel } from '../signal.ts'

/** What an older amplifier keeps: plain data. @internal */
export interface LegacySettings {
  rate: number
  /** As it is read, where the rate does not say it. */
  rateRegister: { exponent: number; register: number } | undefined
  /** Parts of the nominal range. */
  zero: number[]
  unit: number
  norm: number
  point: number
  mode: number
  txMode: number
  polarity: 'bipolar' | 'unipolar'
  threshold: { upper: number; lower: number }
  inputs: number[]
  /** Further registers by the name of what they hold. */
  registers: Record<string, number>
}

/** @internal */
export function legacySettings(
  model: LegacyModel,
  channels: readonly SimulatedChannel[],
  rate: number
): LegacySettings {
  const [{ unit = 'mV/V', scale = 1000 } = {}] = channels
  return {
    rate: model === 'gsv-4' ? nearestRate(rate) : rate,
    rateRegister: undefined,
    zero: channels.map(() => 0),
    unit: unitCodeOf(unit) ?? 0,
    ...normOf(model, scale),
    mode: 0,
    txMode: 0x08,
    polarity: 'bipolar',
    threshold: { upper: 0xffff, lower: 0 },
    inputs: [1, 1, 1, 1],
    registers: {}
  }
}

/** How a GSV-2 keeps the physical value at its nominal range. */
function normOf(model: LegacyModel, scale: number): { norm: number; point: number } {
  if (model !== 'gsv-2') return { norm: 0x501be4, point: 1 }
  const { register, point } = gsv2Norm(scale)
  return { norm: register, point }
}

/** A GSV-4 has thirteen rates. */
function nearestRate(rate: number): number {
  const rates = [...gsv4Rates.values()]
  return rates.reduce((best, one) => (Math.abs(one - rate) < Math.abs(best - rate) ? one : best))
}

/** @internal */
export function rateCode(rate: number): number {
  return gsv4RateCode(rate) ?? 0xa0
}
