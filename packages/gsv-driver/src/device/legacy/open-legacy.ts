import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import type { LegacyModel } from '../../codec/index.ts'
import { checkScales } from './check-scales.ts'
import { LegacyAmplifier } from './legacy-amplifier.ts'
import { type LegacyGsvDevice, type LegacyKnown, legacyProbe } from './legacy-probe.ts'
import { LegacySession } from './legacy-session.ts'

/** Scans that wait at most: they are thrown away. */
const CAPACITY = 64

/** What is known of the device before it is asked. @internal */
export interface OpenLegacy<M extends LegacyModel> extends LegacyKnown {
  readonly model: M
}

/** Opens a session with a GSV-2, GSV-3 or GSV-4: stops its transmission and asks what it is. @internal */
export async function openLegacy<M extends LegacyModel>(
  o: OpenLegacy<M>,
  link: ByteLink,
  timeoutMs: number,
  scheduler: Scheduler
): Promise<LegacyAmplifier<M>> {
  const session = new LegacySession({ link, model: o.model, scheduler, timeoutMs, capacity: CAPACITY })
  return new LegacyAmplifier(session, await legacyProbed(session, o), o)
}

/** What a device is, its transmission stopped. Where it does not say it, the session is closed. @internal */
export async function legacyProbed<M extends LegacyModel>(
  session: LegacySession,
  { model, ...known }: OpenLegacy<M>
): Promise<LegacyGsvDevice<M>> {
  try {
    await session.request('StopTransmission')
    return await legacyProbe(session, model, known)
  } catch (error) {
    const explained = await session.settled(error)
    await session.close().catch(() => {})
    throw explained
  }
}

/** @throws TypeError or RangeError for options that do not go with the model @internal */
export function checkLegacy(o: OpenLegacy<LegacyModel>, caller: string): void {
  if ('crc' in o && o.crc !== undefined) throw new TypeError(`${caller}: crc is not for a ${o.model}, which has none`)
  const { polarity } = o
  if (polarity !== undefined && (o.model !== 'gsv-2' || !['bipolar', 'unipolar'].includes(polarity))) {
    throw new RangeError(`${caller}: polarity must be 'bipolar' or 'unipolar', of a gsv-2 only, got '${polarity}'`)
  }
  checkScales(o, caller)
}
