import { type ByteLink, type Scheduler, systemTime } from '@messwerk/core/driver'
import { type Duration, durationMs } from '@messwerk/core/model'
import { type DuplexStream, duplexLink } from '../link/duplex-link.ts'
import { checkUrl, openLink } from '../link/open-link.ts'
import type { SerialportLib } from '../link/serial-link.ts'
import { Amplifier } from './amplifier.ts'
import type { Gsv } from './gsv.ts'
import { GsvSession } from './gsv-session.ts'
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
  /** Whether requests, answers and measured frames carry checksums; until it is opened again. @defaultValue as it is */
  readonly crc?: boolean
  /** Of a serial port with a UART behind it; USB ignores it. @defaultValue 115200, that of a GSV-8; GSV-6: 230400 */
  readonly baudRate?: number
  /** The package `serialport`, where it cannot be imported by its name. */
  readonly lib?: SerialportLib
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
}

/** Scans that wait at most: they are thrown away. */
const CAPACITY = 64

/**
 * Opens a session with a GSV-8 or GSV-6: stops its transmission, asks what it is, and writes nothing.
 *
 * An opening that fails does so within the wait for the link (5 s for TCP) and three times `timeout`; the longer wait
 * behind the first is for an answer that comes late, since the error then says how late.
 *
 * @throws TypeError or RangeError at once for wrong options. Rejected: NotConnectedError when there is no link (no such
 * port, no permission, connection refused), InUseError when another program has the port, TimeoutError when the device
 * does not answer or answers late, ProtocolError when something else answers, at a wrong baud rate for example, or a
 * model that is not known, GsvError when the device refuses a command, MissingDependencyError when the package
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
export function openGsv(options: OpenGsvOptions): Promise<Gsv> {
  const { url, link, timeout = '1s', scheduler = systemTime } = options
  if ((url === undefined) === (link === undefined)) throw new TypeError('openGsv: give either url or link')
  if (url !== undefined) checkUrl(url, 'openGsv')
  const timeoutMs = durationMs(timeout, 'openGsv: timeout')
  const given = link && ('start' in link ? link : duplexLink(link, scheduler))
  return open(options, given, timeoutMs, scheduler)
}

async function open(
  { url = '', baudRate, lib, crc }: OpenGsvOptions,
  given: ByteLink | undefined,
  timeoutMs: number,
  scheduler: Scheduler
): Promise<Gsv> {
  const link = given ?? (await openLink(url, { baudRate, lib, scheduler }))
  const session = new GsvSession({ link, scheduler, timeoutMs, capacity: CAPACITY, crc: crc ?? false })
  const device = await probed(session, crc)
  return new Amplifier(session, device)
}

/**
 * What a device is. Where it does not say it, the session is closed.
 *
 * @internal
 */
export async function probed(session: GsvSession, crc?: boolean): Promise<GsvDevice> {
  try {
    const device = await probe(session, { crc })
    const field = (key: 'scale' | 'offset'): number[] => device.channels.map((channel) => channel[key])
    session.parser.scale(field('scale'), field('offset'), device.encoding)
    return device
  } catch (error) {
    const explained = await session.settled(error)
    await session.close().catch(() => {})
    throw explained
  }
}
