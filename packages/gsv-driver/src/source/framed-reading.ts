import type { ByteLink } from '@messwerk/core/driver'
import { ShapeMismatchError } from '@messwerk/core/model'
import { frameBytes } from '../codec/index.ts'
import { Amplifier, release } from '../device/amplifier.ts'
import { GsvSession } from '../device/gsv-session.ts'
import { probed } from '../device/open-gsv.ts'
import { type GsvDevice, probeAgain } from '../device/probe.ts'
import { writeRate } from '../device/write-rate.ts'
import { FaultWatch } from './fault-watch.ts'
import type { GsvSourceOptions } from './gsv-source.ts'
import type { Intake } from './intake.ts'
import type { ReadSettings } from './read-gsv.ts'
import type { Reading } from './reading.ts'
import { readingGuard } from './reading-guard.ts'
import type { ScanCounterOptions } from './scan-counter.ts'

/**
 * A GSV-8 or GSV-6 that is read.
 *
 * @internal
 */
export function framedReading(o: GsvSourceOptions, settings: ReadSettings, link: ByteLink): Reading {
  const { scheduler, timeoutMs, scans } = settings
  const session = new GsvSession({ link, scheduler, timeoutMs, capacity: scans, crc: o.crc ?? false })
  let device: GsvDevice
  return {
    session,
    prepare: async () => {
      device = await describe(session, o)
      const faults = new FaultWatch(session, device)
      await faults.begin()
      session.guard = readingGuard(session.url, device)
      o.onDevice?.(device, new Amplifier(session, device))
      return { ...device, faults, frameBytes: frameBytes(device.layout), counter: counterOf(device, o) }
    },
    receive: (intake) => receive(session, device, intake),
    start: async () => void (await session.command('StartTransmission')),
    stop: async () => void (await session.command('StopTransmission')),
    release: () => release(session),
    close: () => session.close()
  }
}

function receive(session: GsvSession, device: GsvDevice, intake: Intake): void {
  const field = (key: 'scale' | 'offset'): number[] => device.channels.map((channel) => channel[key])
  session.receive(intake, device.encoding, field('scale'), field('offset'))
  session.changed = (command, status, values) => {
    const channel = typeof values?.channel === 'number' ? { channel: values.channel } : {}
    intake.notice(command, status === 1 ? { ...channel, changedMore: true } : channel)
  }
}

/** What the device is; writes the rate where another is wanted, and takes what the device made of it. */
async function describe(session: GsvSession, { rate, model, crc }: GsvSourceOptions): Promise<GsvDevice> {
  const device = await probed(session, { model, crc })
  if (rate === undefined) return device
  return (await writeRate(session, device, rate)) ? probeAgain(session, device) : device
}

/** Where the device sends the number of each scan. */
function counterOf(
  { channels, layout }: GsvDevice,
  { counterChannel, url }: GsvSourceOptions
): ScanCounterOptions | undefined {
  if (counterChannel === undefined) return undefined
  const channel = channels[counterChannel - 1]
  if (!channel) throw new ShapeMismatchError(`gsvSource: ${url ?? 'link'}`, counterChannel, channels.length)
  const { scale, offset } = channel
  return { column: counterChannel - 1, dataType: layout.dataType, scale, offset }
}
