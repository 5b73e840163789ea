import { type ByteLink, type Scheduler, systemTime } from '@messwerk/core/driver'
import { type SerialportLib, serialLink } from './serial-link.ts'

/**
 * How a link is opened.
 *
 * @example
 * ```ts
 * import type { LinkOptions } from '@messwerk/gsv-driver'
 *
 * const options: LinkOptions = { baudRate: 230_400 }
 * options.baudRate // => 230400
 * ```
 */
export interface LinkOptions {
  /** Of a serial port with a UART behind it; USB ignores it. @defaultValue 115200, that of a GSV-8; GSV-6: 230400 */
  readonly baudRate?: number | undefined
  /** The package `serialport`, where it cannot be imported by its name. */
  readonly lib?: SerialportLib | undefined
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler | undefined
  /** Longest wait for a TCP connection, ms. @defaultValue 5000 */
  readonly connectTimeoutMs?: number | undefined
}

/**
 * Opens a link to an amplifier: `tcp://host:port` or `serial:/dev/ttyACM0`.
 *
 * @throws RangeError at once when the URL is of another kind; NotConnectedError (rejected) with what to try when the
 * peer cannot be reached; InUseError (rejected) when another program has the port; MissingDependencyError (rejected) when the package `serialport` is needed and not installed
 *
 * @example
 * ```ts
 * import { openLink } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier = simulateGsv()
 * const link = await openLink(await amplifier.listen())
 * await link.close()
 * await amplifier.close() // => undefined
 * ```
 */
export function openLink(url: string, options: LinkOptions = {}): Promise<ByteLink> {
  const { baudRate = 115_200, lib, scheduler = systemTime, connectTimeoutMs = 5000 } = options
  checkUrl(url, 'openLink')
  if (url.startsWith('serial:')) return serialLink(url.slice('serial:'.length), baudRate, scheduler, lib)
  return import('./tcp-link.ts').then(({ tcpLink }) => tcpLink(url, scheduler, connectTimeoutMs))
}

/** @throws RangeError when the URL is none that a link can be opened for. @internal */
export function checkUrl(url: string, option: string): void {
  const tcp = /^tcp:\/\/(\[[^\]]+\]|[^/:\s]+):(\d+)\/?$/.exec(url)
  if (tcp ? Number(tcp[2]) > 0 && Number(tcp[2]) < 65_536 : /^serial:.+/.test(url)) return
  throw new RangeError(`${option}: url must be 'tcp://host:port' or 'serial:/dev/ttyACM0', got '${url}'`)
}
