import { DeviceError } from '@messwerk/core/model'
import type { LegacyModel } from '../../codec/index.ts'
import {
  type FieldValues,
  gsv2Rate,
  gsv3Rate,
  gsv3RateRegisters,
  gsv4RateCode,
  gsv4Rates
} from '../../commands/index.ts'
import type { LegacySession } from './legacy-session.ts'

/** A GSV-2 takes the upper two bytes of its register. */
const GSV2_STEP = 256
const CLOCK = 5_000_000
/** What a model makes of a rate may be so far off, as part of it. */
const NEAR = 0.03

/** Rate as a model is told it. @throws RangeError when the model does not have it @internal */
export function rateRequest(model: LegacyModel, rate: number, caller: string): FieldValues {
  if (model === 'gsv-3') return gsv3RateRegisters(rate)
  if (model === 'gsv-4') {
    const code = gsv4RateCode(rate)
    if (code !== undefined) return { rate: code }
    throw new RangeError(
      `${caller}: rate of a gsv-4 must be one of ${[...gsv4Rates.values()].join(', ')} Hz, got ${rate}`
    )
  }
  const count = Math.round(CLOCK / rate / GSV2_STEP)
  if (count >= 1 && count <= 65_536) return { register: 65_536 - count }
  throw new RangeError(`${caller}: rate of a gsv-2 must be from 0.3 to 19531 Hz, got ${rate}`)
}

/** Asks for the rate, Hz. @throws what a session throws @internal */
export async function readRate(session: LegacySession): Promise<number> {
  if (session.model === 'gsv-4') return gsv4Rates.get(await number(session, 'GetRate', 'rate')) ?? Number.NaN
  if (session.model === 'gsv-2') return gsv2Rate(await number(session, 'ReadFrequency', 'register'))
  const { exponent, register } = await session.request('ReadSamplingRate')
  return gsv3Rate({ exponent: exponent as number, register: register as number })
}

/**
 * Writes a rate unless the device has it, and asks what became of it.
 *
 * @returns the rate that it has now
 * @throws RangeError when the model does not have it; DeviceError when the device did not take it
 *
 * @internal
 */
export async function writeLegacyRate(session: LegacySession, rate: number): Promise<number> {
  const { model } = session
  const request = rateRequest(model, rate, 'setRate')
  const before = await readRate(session)
  if (isThat(model, before, rate, request)) return before
  await unlocked(session, () => session.request(WRITES[model], request))
  const after = await readRate(session)
  if (Math.abs(after - rate) <= NEAR * rate) return after
  throw new DeviceError(
    WRITES[model],
    0,
    `it has ${after} Hz after it was told ${rate} Hz; the line may be too slow for it`
  )
}

const WRITES = { 'gsv-4': 'SetRate', 'gsv-3': 'WriteSamplingRate', 'gsv-2': 'SetFrequency' } as const

/** A GSV-4 takes settings after the unlock only; it is locked again. @internal */
export async function unlocked<T>(session: LegacySession, write: () => Promise<T>): Promise<T> {
  if (session.model !== 'gsv-4') return write()
  await session.request('UnlockConfiguration', { unlock: 1, key: 'berlin' })
  try {
    return await write()
  } finally {
    await session.request('UnlockConfiguration', { unlock: 0, key: 'berlin' })
  }
}

/** Whether a rate is what the device would make of the wanted one. */
function isThat(model: LegacyModel, rate: number, wanted: number, request: FieldValues): boolean {
  if (model === 'gsv-4') return rate === wanted
  if (model === 'gsv-3') {
    const { exponent, register } = request as { exponent: number; register: number }
    return rate === wanted || rate === gsv3Rate({ exponent, register })
  }
  return Math.abs(CLOCK / rate - CLOCK / wanted) <= GSV2_STEP / 2
}

async function number(session: LegacySession, name: string, field: string): Promise<number> {
  return (await session.request(name))[field] as number
}
