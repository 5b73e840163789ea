import { type ByteLink, type Scheduler, sleep } from '@messwerk/core/driver'
import {
  type Batch,
  defineStream,
  type NotConnectedError,
  type ReadOptions,
  ShapeMismatchError,
  type Stream
} from '@messwerk/core/model'
import { Amplifier, release } from '../device/amplifier.ts'
import { GsvSession } from '../device/gsv-session.ts'
import { probed } from '../device/open-gsv.ts'
import { type GsvDevice, probeAgain } from '../device/probe.ts'
import { writeRate } from '../device/write-rate.ts'
import { openLink } from '../link/open-link.ts'
import { BlockQueue } from './block-queue.ts'
import { FaultWatch } from './fault-watch.ts'
import type { GsvSourceOptions } from './gsv-source.ts'
import { Intake } from './intake.ts'
import type { LastRead } from './last-read.ts'
import { readingGuard } from './reading-guard.ts'
import { SilenceWatch } from './silence-watch.ts'

/** Options of a source with their defaults. @internal */
export interface ReadSettings {
  readonly scans: number
  readonly ageMs: number
  readonly timeoutMs: number
  readonly bufferBytes: number
  readonly scheduler: Scheduler
}

/** Frames that the device had queued may come behind the response to the stop. */
const TAIL_MS = 20

/**
 * One reading of a source: from the opening of the link until it is lost or the reader has enough.
 *
 * @internal
 */
export async function* readGsv(
  o: GsvSourceOptions,
  settings: ReadSettings,
  last: LastRead,
  { signal, from, report }: ReadOptions
): AsyncGenerator<Batch> {
  if (signal.aborted) return
  const { scheduler, timeoutMs, scans } = settings
  const link = await openFor(o, scheduler)
  const session = new GsvSession({ link, scheduler, timeoutMs, capacity: scans })
  let stop: (() => void) | undefined
  let watch: SilenceWatch | undefined
  try {
    const device = await describe(session, o.rate)
    const faults = new FaultWatch(session, device)
    await faults.begin()
    session.guard = readingGuard(session.url, device)
    o.onDevice?.(device, new Amplifier(session, device))
    const { intake, queue } = takeIn({ session, device, faults, o, settings, lastRead: last, from })
    const silent = (error: NotConnectedError): void => intake.finish(error)
    const { rate } = device
    watch = new SilenceWatch({ session, scheduler, rate, isHeld: () => intake.isHeld, report, silent })
    stop = () => {
      watch?.stop()
      void halt(session, scheduler, link).then(() => intake.finish(undefined))
    }
    if (signal.aborted) return
    signal.addEventListener('abort', stop, { once: true })
    await session.command('StartTransmission')
    if (!signal.aborted) watch.start()
    for (;;) {
      intake.resume()
      const batch = await queue.next()
      if (!batch) return
      last.note(batch)
      yield batch
    }
  } finally {
    watch?.stop()
    if (stop) signal.removeEventListener('abort', stop)
    await leave(session, signal, watch?.isOver ?? false)
  }
}

/** Leaves the device silent and free; one that does not answer is not waited for. */
async function leave(session: GsvSession, signal: AbortSignal, isAway: boolean): Promise<void> {
  if (!signal.aborted) {
    const stopped = session.command('StopTransmission').catch(() => {})
    if (!isAway) await stopped
  }
  if (!isAway) await release(session)
  await session.close()
}

/** What {@link takeIn} works with. */
interface TakeIn {
  readonly session: GsvSession
  readonly device: GsvDevice
  readonly faults: FaultWatch
  readonly o: GsvSourceOptions
  readonly settings: ReadSettings
  readonly lastRead: LastRead
  readonly from: ReadOptions['from']
}

/** Makes ready what takes the frames and notes the changes. */
function takeIn({ session, device, faults, o, settings, lastRead, from }: TakeIn): {
  intake: Intake
  queue: BlockQueue
} {
  const { scheduler, bufferBytes, ageMs } = settings
  const { stream, columns } = streamOf(device, o)
  const queue = new BlockQueue(stream.id, bufferBytes)
  const after = from[stream.id]
  const lastScan = lastRead.before(after)
  const intake = new Intake({ session, device, stream, columns, queue, faults, scheduler, ageMs, after, lastScan })
  const field = (key: 'scale' | 'offset'): number[] => device.channels.map((channel) => channel[key])
  session.receive(intake, device.encoding, field('scale'), field('offset'))
  session.changed = (command, status, values) => {
    const channel = typeof values?.channel === 'number' ? { channel: values.channel } : {}
    intake.notice(command, status === 1 ? { ...channel, changedMore: true } : channel)
  }
  return { intake, queue }
}

/** Stops the transmission and waits for what was on its way. A device that does not answer has sent what it will. */
async function halt(session: GsvSession, scheduler: Scheduler, link: ByteLink): Promise<void> {
  const stopped = session.command('StopTransmission').catch(() => {})
  session.resume()
  await stopped
  if (!link.pause) await sleep(TAIL_MS, scheduler)
}

async function openFor({ url, link, baudRate, lib }: GsvSourceOptions, scheduler: Scheduler): Promise<ByteLink> {
  if (link) return typeof link === 'function' ? link() : link
  return openLink(url as string, { baudRate, lib, scheduler })
}

/** What the device is; writes the rate where another is wanted, and takes what the device made of it. */
async function describe(session: GsvSession, rate: number | undefined): Promise<GsvDevice> {
  const device = await probed(session)
  if (rate === undefined) return device
  return (await writeRate(session, device, rate)) ? probeAgain(session, device) : device
}

/** The stream of the channels that are wanted, and where each is in the frame. */
function streamOf(device: GsvDevice, o: GsvSourceOptions): { stream: Stream; columns: number[] } {
  const numbers = o.channels ? Object.keys(o.channels).map(Number) : device.channels.map(({ number }) => number)
  const most = Math.max(...numbers)
  if (most > device.channels.length)
    throw new ShapeMismatchError(`gsvSource: ${o.url ?? 'link'}`, most, device.channels.length)
  const channels = numbers.map((number) => {
    const { unit, range, resolution, name } = device.channels[number - 1] as GsvDevice['channels'][number]
    const described = { name: o.channels?.[number] ?? name, unit }
    return range && resolution ? { ...described, range, resolution } : described
  })
  const tags = { model: device.model, serial: String(device.serial), firmware: device.firmware }
  const id = o.id ?? `gsv-${device.serial}`
  return {
    stream: defineStream({ id, channels, rate: device.rate, tags }),
    columns: numbers.map((number) => number - 1)
  }
}
