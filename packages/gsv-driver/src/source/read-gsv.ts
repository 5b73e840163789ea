import { type ByteLink, type Scheduler, sleep } from '@messwerk/core/driver'
import {
  type Batch,
  defineStream,
  type NotConnectedError,
  type ReadOptions,
  ShapeMismatchError,
  type Stream
} from '@messwerk/core/model'
import { BAUD_RATES, isLegacy } from '../device/legacy/legacy-model.ts'
import { openLink } from '../link/open-link.ts'
import { BlockQueue } from './block-queue.ts'
import { framedReading } from './framed-reading.ts'
import type { GsvSourceOptions } from './gsv-source.ts'
import { Intake } from './intake.ts'
import type { LastRead } from './last-read.ts'
import type { LegacySourceOptions } from './legacy/legacy-options.ts'
import { legacyReading } from './legacy/legacy-reading.ts'
import type { ReadableDevice, Reading } from './reading.ts'
import { SilenceWatch } from './silence-watch.ts'

/** Options of a source for any model. @internal */
export type AnySourceOptions<C extends string = string> = GsvSourceOptions<C> | LegacySourceOptions<C>

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
  o: AnySourceOptions,
  settings: ReadSettings,
  last: LastRead,
  { signal, from, memos, report }: ReadOptions
): AsyncGenerator<Batch> {
  if (signal.aborted) return
  const { scheduler } = settings
  const link = await openFor(o, scheduler)
  const reading = isLegacy(o) ? legacyReading(o, settings, link) : framedReading(o, settings, link)
  const { session } = reading
  let stop: (() => void) | undefined
  let watch: SilenceWatch | undefined
  try {
    const device = await reading.prepare()
    const { intake, queue } = takeIn({ reading, device, o, settings, lastRead: last, from, memos })
    const silent = (error: NotConnectedError): void => intake.finish(error)
    const { rate } = device
    watch = new SilenceWatch({ session, scheduler, rate, isHeld: () => intake.isHeld, report, silent })
    stop = () => {
      watch?.stop()
      void halt(reading, scheduler, link).then(() => intake.finish(undefined))
    }
    if (signal.aborted) return
    signal.addEventListener('abort', stop, { once: true })
    await reading.start()
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
    await leave(reading, signal, watch?.isOver ?? false)
  }
}

/** Leaves the device silent and free; one that does not answer is not waited for. */
async function leave(reading: Reading, signal: AbortSignal, isAway: boolean): Promise<void> {
  if (!signal.aborted) {
    const stopped = reading.stop().catch(() => {})
    if (!isAway) await stopped
  }
  if (!isAway) await reading.release()
  await reading.close()
}

/** What {@link takeIn} works with. */
interface TakeIn {
  readonly reading: Reading
  readonly device: ReadableDevice
  readonly o: AnySourceOptions
  readonly settings: ReadSettings
  readonly lastRead: LastRead
  readonly from: ReadOptions['from']
  readonly memos: ReadOptions['memos']
}

/** Makes ready what takes the frames and notes the changes. */
function takeIn({ reading, device, o, settings, lastRead, from, memos }: TakeIn): {
  intake: Intake
  queue: BlockQueue
} {
  const { bufferBytes } = settings
  const { session } = reading
  const { rate, frameBytes, faults, counter } = device
  const { stream, columns } = streamOf(device, o)
  const queue = new BlockQueue(stream.id, bufferBytes)
  const after = from[stream.id]
  const lastScan = lastRead.before(after)
  const { scheduler, ageMs } = settings
  const keep = lastRead.keep.bind(lastRead)
  const memo = memos?.[stream.id]
  const known = { rate, frameBytes, faults, counter, stream, columns, after, lastScan, memo, keep }
  const intake = new Intake({ ...known, session, queue, scheduler, ageMs })
  reading.receive(intake)
  return { intake, queue }
}

/** Stops the transmission and waits for what was on its way. A device that does not answer has sent what it will. */
async function halt(reading: Reading, scheduler: Scheduler, link: ByteLink): Promise<void> {
  const stopped = reading.stop().catch(() => {})
  reading.session.resume()
  await stopped
  if (!link.pause) await sleep(TAIL_MS, scheduler)
}

async function openFor({ url, link, model, baudRate, lib }: AnySourceOptions, scheduler: Scheduler): Promise<ByteLink> {
  if (link) return typeof link === 'function' ? link() : link
  return openLink(url as string, { baudRate: baudRate ?? BAUD_RATES[model ?? 'auto'], lib, scheduler })
}

/** The stream of the channels that are wanted, and where each is in the frame. */
function streamOf(device: ReadableDevice, o: AnySourceOptions): { stream: Stream; columns: number[] } {
  const numbers = o.channels ? Object.keys(o.channels).map(Number) : device.channels.map(({ number }) => number)
  const most = Math.max(...numbers)
  if (most > device.channels.length)
    throw new ShapeMismatchError(`gsvSource: ${o.url ?? 'link'}`, most, device.channels.length)
  const channels = numbers.map((number) => {
    const { unit, range, resolution, name } = device.channels[number - 1] as ReadableDevice['channels'][number]
    const described = { name: o.channels?.[number] ?? name, unit }
    return range && resolution ? { ...described, range, resolution } : described
  })
  const { model, serial, firmware, rate } = device
  const tags = { model, ...(serial === undefined ? {} : { serial: String(serial) }), ...(firmware && { firmware }) }
  const id = o.id ?? (serial === undefined ? model : `gsv-${serial}`)
  return { stream: defineStream({ id, channels, rate, tags }), columns: numbers.map((number) => number - 1) }
}
