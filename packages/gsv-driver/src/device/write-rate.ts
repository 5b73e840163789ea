import { DeviceError } from '@messwerk/core/model'
import { changeSettings } from './change-settings.ts'
import type { GsvSession } from './gsv-session.ts'
import type { GsvDevice } from './probe.ts'

/**
 * Writes a rate unless the device has it, or the one that it makes of it: writing it again would only wear its memory. A
 * GSV-6 is restarted for it.
 *
 * @returns whether it was written
 * @throws DeviceError when a GSV-6 is too old to be restarted by a command
 *
 * @internal
 */
export async function writeRate(session: GsvSession, device: GsvDevice, rate: number): Promise<boolean> {
  if (meets(device, rate)) return false
  await changeSettings(session, { rate }, false)
  if (device.model === 'gsv-8' || session.has('ResetDevice')) return true
  throw new DeviceError(
    'WriteDataRate',
    1,
    `${rate} Hz is stored, but a GSV-6 with firmware ${device.firmware} takes it on only when it is switched on; do that`
  )
}

/** A GSV-8 divides 48 kHz by whole numbers, a GSV-6 is up to 2.5 % off as a rule. */
function meets({ model, rate }: GsvDevice, wanted: number): boolean {
  if (model === 'gsv-6') return Math.abs(rate - wanted) <= 0.025 * wanted
  const nearest = 48_000 / Math.max(1, Math.round(48_000 / wanted))
  return Math.min(Math.abs(rate - wanted), Math.abs(rate - nearest)) <= 1e-4 * wanted
}
