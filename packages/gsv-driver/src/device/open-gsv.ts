import { type ByteLink, type Scheduler, systemTime } from '@messwerk/core/driver'
import { type Duration, durationMs, ProtocolError } from '@messwerk/core/model'
import type { LegacyModel } from '../codec/index.ts'
import { type DuplexStream, duplexLink } from '../link/duplex-link.ts'
import { checkUrl, openLink } from '../link/open-link.ts'
import type { SerialportLib } from '../link/serial-link.ts'
import { Amplifier } from './amplifier.ts'
import type { Gsv } from './gsv.ts'
import { GsvSession } from './gsv-session.ts'
import type { LegacyGsv } from './legacy/legacy-gsv.ts'
import { BAUD_RATES, checkModel, isLegacy } from './legacy/legacy-model.ts'
import type { LegacyScale } from './legacy/legacy-probe.ts'
import { checkLegacy, openLegacy } from './legacy/open-legacy.ts'
import { type GsvDevice, probe } from './probe.ts'

/**
 * Options of {@link openGsv}. Either `url` or `link`.
 *
 * @example
 * ```ts
 * import type { OpenGsvOptions } from '@messwerk/gsv-driver'
 *
 * const options: OpenGsvOptions = { url: 'serial:/dev/ttyACM0', timeout: '2s' }
 * options.timeout // => '2s'
 * ```
 */
export interface OpenGsvOptions {
  /** `tcp://host:port` or `serial:/dev/ttyACM0`. */
  readonly url?: string
  /** A link of one's own, or a duplex stream of bytes: Node's, or a pair of `readable` and `writable`. */
  readonly link?: ByteLink | DuplexStream
  /** Longest wait for an answer; five times as long where a device stores something. @defaultValue '1s' */
  readonly timeout?: Duration
  /** Which model has to be there; `auto` is whichever of the two. @defaultValue 'auto' */
  readonly model?: 'auto' | 'gsv-8' | 'gsv-6'
  /** Whether requests, answers and measured frames carry checksums; until it is opened again. @defaultValue as it is */
  readonly crc?: boolean
  /** Of a serial port with a UART behind it; USB ignores it. @defaultValue 115200; with `model: 'gsv-6'` 230400 */
  readonly baudRate?: number
  /** The package `serialport`, where it cannot be imported by its name. */
  readonly lib?: SerialportLib
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
}

/**
 * Options of {@link openGsv} for the models with a protocol of their own.
 *
 * @example
 * ```ts
 * import type { OpenLegacyOptions } from '@messwerk/gsv-driver'
 *
 * const scales = { 1: { scale: 50, unit: 'kN' } }
 * const options: OpenLegacyOptions<'gsv-3'> = { url: 'serial:/dev/ttyUSB0', model: 'gsv-3', scales }
 * options.model // => 'gsv-3'
 * ```
 */
export interface OpenLegacyOptions<M extends LegacyModel = LegacyModel>
  extends Pick<OpenGsvOptions, 'url' | 'link' | 'timeout' | 'lib' | 'scheduler'> {
  /** These devices cannot be told from one another safely: it has to be said. */
  readonly model: M
  /** Of a serial port with a UART behind it. @defaultValue 38400; GSV-4: 115200 */
  readonly baudRate?: number
  /** What the values mean, by channel, where the device does not know it or says otherwise. */
  readonly scales?: Readonly<Record<number, LegacyScale>>
  /** Of a GSV-2, which does not say it. @defaultValue 'bipolar' */
  readonly polarity?: 'bipolar' | 'unipolar'
}

/** Scans that wait at most: they are thrown away. */
const CAPACITY = 64

/**
 * Opens a session with an amplifier: stops its transmission, asks what it is, and writes nothing.
 *
 * A GSV-2, GSV-3 or GSV-4 needs its `model`: the question for a GSV-8 or GSV-6 contains bytes that these take for commands, so nothing
 * else is tried there. The session is then a `LegacyGsv` with what the model has.
 *
 * An opening that fails does so within the wait for the link (5 s for TCP) and three times `timeout` (GSV-3: five times); the longer wait
 * behind the first is for an answer that comes late, since the error then says how late.
 *
 * @throws TypeError or RangeError at once for wrong options. Rejected: NotConnectedError when there is no link (no such
 * port, no permission, connection refused), InUseError when another program has the port, TimeoutError when the device
 * does not answer or answers late, ProtocolError when something else answers, at a wrong baud rate for example, or another
 * model than was given or is known, GsvError when the device refuses a command, MissingDependencyError when the package
 * `serialport` is needed and not installed
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv({ serial: 4711, rate: 1000 })
 * const gsv = await openGsv({ url: await amplifier.listen() })
 * const { model, serial, firmware, rate } = gsv.device
 * ;[model, serial, firmware, rate] // => ['gsv-8', 4711, '1.56', 1000]
 * await gsv.change({ rate: 2000 }, { dryRun: true }) // => [{ setting: 'rate', from: 1000, to: 2000 }]
 * await gsv.setRate(1900) // => 1920
 * await gsv.close()
 * await amplifier.close()
 * ```
 */
export function openGsv(options: OpenGsvOptions): Promise<Gsv>
export function openGsv<M extends LegacyModel>(options: OpenLegacyOptions<M>): Promise<LegacyGsv<M>>
export function openGsv(options: OpenGsvOptions | OpenLegacyOptions): Promise<Gsv | LegacyGsv>
export function openGsv(options: OpenGsvOptions | OpenLegacyOptions): Promise<Gsv | LegacyGsv> {
  const { url, link, timeout = '1s', scheduler = systemTime } = options
  if ((url === undefined) === (link === undefined)) throw new TypeError('openGsv: give either url or link')
  if (url !== undefined) checkUrl(url, 'openGsv')
  checkModel(options.model, 'openGsv')
  const isOlder = isLegacy(options)
  if (isOlder) checkLegacy(options, 'openGsv')
  const timeoutMs = durationMs(timeout, 'openGsv: timeout')
  const given = link && ('start' in link ? link : duplexLink(link, scheduler))
  return isOlder
    ? linked(options, given, scheduler).then((opened) => openLegacy(options, opened, timeoutMs, scheduler))
    : open(options, given, timeoutMs, scheduler)
}

async function open(
  options: OpenGsvOptions,
  given: ByteLink | undefined,
  timeoutMs: number,
  scheduler: Scheduler
): Promise<Gsv> {
  const { crc, model } = options
  const link = await linked(options, given, scheduler)
  const session = new GsvSession({ link, scheduler, timeoutMs, capacity: CAPACITY, crc: crc ?? false })
  const device = await probed(session, { crc, model })
  return new Amplifier(session, device)
}

async function linked(
  { url = '', baudRate, lib, model = 'auto' }: OpenGsvOptions | OpenLegacyOptions,
  given: ByteLink | undefined,
  scheduler: Scheduler
): Promise<ByteLink> {
  return given ?? openLink(url, { baudRate: baudRate ?? BAUD_RATES[model], lib, scheduler })
}

/**
 * What a device is. Where it does not say it, or is another than `model`, the session is closed.
 *
 * @internal
 */
export async function probed(
  session: GsvSession,
  { crc, model = 'auto' }: { readonly crc?: boolean | undefined; readonly model?: OpenGsvOptions['model'] } = {}
): Promise<GsvDevice> {
  try {
    const device = await probe(session, { crc })
    if (model !== 'auto' && device.model !== model) {
      throw new ProtocolError(`${session.url} is a ${device.model}, and model says that it is a ${model}`)
    }
    const field = (key: 'scale' | 'offset'): number[] => device.channels.map((channel) => channel[key])
    session.parser.scale(field('scale'), field('offset'), device.encoding)
    return device
  } catch (error) {
    const explained = await session.settled(error)
    await session.close().catch(() => {})
    throw explained
  }
}
