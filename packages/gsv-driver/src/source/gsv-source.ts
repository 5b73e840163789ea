import { type ByteLink, type Scheduler, sleep, systemTime } from '@messwerk/core/driver'
import {
  type Batch,
  type Duration,
  defineStream,
  durationMs,
  type Positions,
  ShapeMismatchError,
  type Size,
  type Source,
  type Stream,
  sizeBytes
} from '@messwerk/core/model'
import { Amplifier, release } from '../device/amplifier.ts'
import type { Gsv } from '../device/gsv.ts'
import { GsvSession } from '../device/gsv-session.ts'
import { probed } from '../device/open-gsv.ts'
import { type GsvDevice, probeAgain } from '../device/probe.ts'
import { writeRate } from '../device/write-rate.ts'
import { checkUrl, openLink } from '../link/open-link.ts'
import type { SerialportLib } from '../link/serial-link.ts'
import { BlockQueue } from './block-queue.ts'
import { ENOUGH, Intake } from './intake.ts'
import { LastRead } from './last-read.ts'

/**
 * Options of {@link gsvSource}. Either `url` or `link`.
 *
 * @example
 * ```ts
 * import type { GsvSourceOptions } from '@messwerk/gsv-driver'
 *
 * const options: GsvSourceOptions<'force_x'> = { url: 'serial:/dev/ttyACM0', channels: { 1: 'force_x' } }
 * options.url // => 'serial:/dev/ttyACM0'
 * ```
 */
export interface GsvSourceOptions<C extends string = string> {
  /** `tcp://host:port` or `serial:/dev/ttyACM0`. */
  readonly url?: string
  /** A link of one's own, or what opens one each time that the source is read. */
  readonly link?: ByteLink | (() => ByteLink | Promise<ByteLink>)
  /** Name by channel of the device, 1 to 16; others are left out. @defaultValue all, by the names of the device */
  readonly channels?: Readonly<Record<number, C>>
  /** Id of the stream. @defaultValue `gsv-` and the serial number */
  readonly id?: string
  /** Scans per second, Hz; written to the device when it has another. @defaultValue the device's own, nothing written */
  readonly rate?: number
  /** Longest wait for an answer of the device. @defaultValue '1s' */
  readonly timeout?: Duration
  /** Longest block, and longest time that a scan waits for its block to fill. @defaultValue { scans: 256, age: '20ms' } */
  readonly block?: { readonly scans?: number; readonly age?: Duration }
  /** What is decoded and not asked for, at most; what is beyond becomes a gap `overflow`. @defaultValue '16MiB' */
  readonly buffer?: Size
  /** Of a serial port with a UART behind it; USB ignores it. @defaultValue 115200 */
  readonly baudRate?: number
  /** The package `serialport`, where it cannot be imported by its name. */
  readonly lib?: SerialportLib
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
  /**
   * Called when the device has said what it is, before it transmits; again after each reconnection. With `gsv` commands
   * can be given while scans flow, zero or digital lines for example; it ends with the reading.
   */
  readonly onDevice?: (device: GsvDevice, gsv: Gsv) => void
}

/** Options with their defaults. */
interface Settings {
  readonly scans: number
  readonly ageMs: number
  readonly timeoutMs: number
  readonly bufferBytes: number
  readonly scheduler: Scheduler
}

/** Frames that the device had queued may come behind the response to the stop. */
const TAIL_MS = 20

/**
 * Measurements of a GSV-8 or GSV-6 amplifier.
 *
 * - Values are physical, in the unit of the device as a UCUM code; integers are scaled by user scale and offset.
 * - Times are those of a fitted sample clock (`device`), with its uncertainty: the device sends none.
 * - Scans that the device flags as saturated, or as beyond a six-axis sensor's limits, are `uncertain` in all channels.
 * - Gaps: `resync` for damaged frames, `lost` for frames that never came, `overflow` for what nobody asked for in time;
 *   at the very end as a notice with the rule `gap`. `reconnect` when it is read again: counted by the clock where this
 *   source was read before, unknown where another process was.
 * - Position: number of the scan, missing ones counted. Replay: none.
 *
 * Nothing is written to the device unless `rate` is given. The transmission is stopped first and at the end.
 *
 * @throws TypeError or RangeError at once for wrong options. While reading: NotConnectedError when the device cannot be
 * reached or the link is lost (after all that was received), TimeoutError when it does not answer, ProtocolError when
 * something else answers, GsvError when it refuses a command, ShapeMismatchError when it has fewer channels than
 * are named, MissingDependencyError when the package `serialport` is needed and not installed
 *
 * @example
 * ```ts
 * import { gsvSource } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv({ rate: 1000 })
 * const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration: '10s' }), channels: { 1: 'force_x' } })
 * const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
 * let scans = 0
 * for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
 *   for (const block of batch.blocks) scans += block.length
 * }
 * scans // => 10000
 * ```
 */
export function gsvSource<const C extends string = string>(options: GsvSourceOptions<C>): Source<C> {
  const settings = check(options)
  const last = new LastRead()
  return {
    id: options.id ?? options.url ?? (typeof options.link === 'object' ? options.link.url : 'gsv'),
    replay: 'none',
    read: ({ signal, from }) => read(options, settings, last, signal, from) as AsyncIterable<Batch<C>>
  }
}

async function* read(
  o: GsvSourceOptions,
  settings: Settings,
  last: LastRead,
  signal: AbortSignal,
  from: Positions
): AsyncGenerator<Batch> {
  if (signal.aborted) return
  const { scheduler, timeoutMs, scans, ageMs } = settings
  const link = await openFor(o, scheduler)
  const session = new GsvSession({ link, scheduler, timeoutMs, capacity: scans })
  let stop: (() => void) | undefined
  try {
    const device = await describe(session, o.rate)
    o.onDevice?.(device, new Amplifier(session, device))
    const { stream, columns } = streamOf(device, o)
    const queue = new BlockQueue(stream.id, settings.bufferBytes)
    const after = from[stream.id]
    const lastScan = last.before(after)
    const intake = new Intake({ session, device, stream, columns, queue, scheduler, ageMs, after, lastScan })
    const field = (key: 'scale' | 'offset'): number[] => device.channels.map((channel) => channel[key])
    session.receive(intake, device.encoding, field('scale'), field('offset'))
    stop = () => void halt(session, scheduler, link).then(() => intake.finish(undefined))
    if (signal.aborted) return
    signal.addEventListener('abort', stop, { once: true })
    await session.command('StartTransmission')
    for (;;) {
      if (queue.bytes < ENOUGH / 2) session.resume()
      const batch = await queue.next()
      if (!batch) return
      last.note(batch)
      yield batch
    }
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
    if (!signal.aborted) await session.command('StopTransmission').catch(() => {})
    await release(session)
    await session.close()
  }
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

function check(o: GsvSourceOptions): Settings {
  if ((o.url === undefined) === (o.link === undefined)) throw new TypeError('gsvSource: give either url or link')
  if (o.url !== undefined) checkUrl(o.url, 'gsvSource')
  const scans = o.block?.scans ?? 256
  if (!(Number.isInteger(scans) && scans > 0)) {
    throw new RangeError(`gsvSource: block.scans must be a positive whole number, got ${scans}`)
  }
  if (o.rate !== undefined && !(o.rate > 0)) throw new RangeError(`gsvSource: rate must be above 0 Hz, got ${o.rate}`)
  for (const number of Object.keys(o.channels ?? { 1: '' })) {
    if (!(Number(number) >= 1 && Number(number) <= 16 && Number.isInteger(Number(number)))) {
      throw new RangeError(`gsvSource: channels must be numbered 1 to 16 as on the device, got '${number}'`)
    }
  }
  if (o.channels && Object.keys(o.channels).length === 0)
    throw new RangeError('gsvSource: channels must name at least one')
  return {
    scans,
    ageMs: durationMs(o.block?.age ?? '20ms', 'gsvSource: block.age'),
    timeoutMs: durationMs(o.timeout ?? '1s', 'gsvSource: timeout'),
    bufferBytes: sizeBytes(o.buffer ?? '16MiB', 'gsvSource: buffer'),
    scheduler: o.scheduler ?? systemTime
  }
}
