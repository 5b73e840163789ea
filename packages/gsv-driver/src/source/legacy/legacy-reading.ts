import type { ByteLink } from '@messwerk/core/driver'
import { ShapeMismatchError } from '@messwerk/core/model'
import { OVERLOAD } from '../../codec/frame-layout.ts'
import type { LegacyLayout, LegacyModel } from '../../codec/index.ts'
import { LegacyAmplifier } from '../../device/legacy/legacy-amplifier.ts'
import { type LegacyGsvDevice, legacyProbe } from '../../device/legacy/legacy-probe.ts'
import { writeLegacyRate } from '../../device/legacy/legacy-rate.ts'
import { LegacySession } from '../../device/legacy/legacy-session.ts'
import { legacyProbed } from '../../device/legacy/open-legacy.ts'
import type { Intake } from '../intake.ts'
import type { ReadSettings } from '../read-gsv.ts'
import type { Reading } from '../reading.ts'
import type { ScanCounterOptions } from '../scan-counter.ts'
import { legacyFaults } from './legacy-faults.ts'
import { legacyGuard } from './legacy-guard.ts'
import type { LegacySourceOptions } from './legacy-options.ts'

/**
 * A GSV-2, GSV-3 or GSV-4 that is read.
 *
 * @internal
 */
export function legacyReading(o: LegacySourceOptions, settings: ReadSettings, link: ByteLink): Reading {
  const { scheduler, timeoutMs, scans: capacity } = settings
  const session = new LegacySession({ link, model: o.model, scheduler, timeoutMs, capacity })
  return {
    session,
    prepare: async () => {
      const device = await describe(session, o)
      session.guard = legacyGuard(session.url)
      o.onDevice?.(device, new LegacyAmplifier<LegacyModel>(session, device, o))
      const faults = legacyFaults(device.channels, device.layout, capacity)
      return { ...device, faults, frameBytes: bytesOf(device.layout), counter: counterOf(device, o) }
    },
    receive: (intake) => receive(session, intake),
    start: async () => void (await session.request('StartTransmission')),
    stop: async () => void (await session.request('StopTransmission')),
    release: async () => {},
    close: () => session.close()
  }
}

function receive(session: LegacySession, intake: Intake): void {
  session.receive(intake)
  session.changed = (command, values) => {
    intake.notice(command, typeof values?.channel === 'number' ? { channel: values.channel } : {})
  }
}

async function describe(session: LegacySession, o: LegacySourceOptions): Promise<LegacyGsvDevice> {
  const device = await legacyProbed(session, o)
  if (o.rate === undefined) return device
  const rate = await writeLegacyRate(session, o.rate)
  return rate === device.rate ? device : legacyProbe(session, o.model, o)
}

/** Where the device sends the number of each scan. */
function counterOf(
  { channels, layout }: LegacyGsvDevice,
  { counterChannel, url }: LegacySourceOptions
): ScanCounterOptions | undefined {
  if (counterChannel === undefined) return undefined
  const channel = channels[counterChannel - 1]
  if (!channel) throw new ShapeMismatchError(`gsvSource: ${url ?? 'link'}`, counterChannel, channels.length)
  const { scale, offset } = channel
  // The whole of a frame is the nominal range of a GSV-4, and 1.05 of the others'.
  const whole = layout.model === 'gsv-4' ? scale / OVERLOAD : scale
  return { column: counterChannel - 1, dataType: layout.frames === 'long' ? 'int24' : 'int16', scale: whole, offset }
}

/** Of a frame; text frames are as long as their unit makes them. */
function bytesOf({ model, frames }: LegacyLayout): number {
  if (model === 'gsv-4') return 11
  if (model === 'gsv-3' || frames === 'short') return 3
  return frames === 'text' ? TEXT_BYTES : 5
}

/** Sign, digits and point, blank, a unit such as `kN`, end of line. */
const TEXT_BYTES = 13
