import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import { InUseError, MissingDependencyError, NotConnectedError } from '@messwerk/core/model'
import { type DuplexBytes, socketLink } from './socket-link.ts'

/**
 * The part of the package `serialport` that is used; give the package itself, or a double of it.
 *
 * @example
 * ```ts
 * import type { SerialportLib } from '@messwerk/gsv-driver'
 *
 * const open = (lib: SerialportLib): unknown => new lib.SerialPort({ path: '/dev/ttyACM0', baudRate: 115_200, autoOpen: false })
 * typeof open // => 'function'
 * ```
 */
export interface SerialportLib {
  readonly SerialPort: new (options: { path: string; baudRate: number; autoOpen: false }) => SerialPortLike
}

/**
 * The part of a serial port that is used.
 *
 * @example
 * ```ts
 * import type { SerialPortLike } from '@messwerk/gsv-driver'
 *
 * const state = (port: SerialPortLike): string => (port.isOpen ? 'open' : 'closed')
 * typeof state // => 'function'
 * ```
 */
export interface SerialPortLike extends DuplexBytes {
  /** Opens the port. */
  open(done: (error: Error | null) => void): void
  /** Releases the port; destroying the stream would leave it locked. */
  close(done: (error: Error | null) => void): void
  readonly isOpen: boolean
}

/**
 * Loads the client library when it is needed.
 *
 * @throws MissingDependencyError (rejected) when it is not installed
 *
 * @internal
 */
export async function loadSerialport(
  load: () => Promise<unknown> = () => import('serialport')
): Promise<SerialportLib> {
  try {
    return (await load()) as SerialportLib
  } catch (cause) {
    throw new MissingDependencyError('serialport', 'serial ports', { cause })
  }
}

/**
 * A link to a serial port. Ports are opened by their path and never listed: that would need udev.
 *
 * @throws MissingDependencyError, NotConnectedError, InUseError (rejected), with what to try
 *
 * @internal
 */
export async function serialLink(
  path: string,
  baudRate: number,
  scheduler: Scheduler,
  lib?: SerialportLib
): Promise<ByteLink> {
  const { SerialPort } = lib ?? (await loadSerialport())
  const url = `serial:${path}`
  const port = new SerialPort({ path, baudRate, autoOpen: false })
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(explained(error, url, path)) : resolve()))
  })
  return socketLink(url, port, scheduler, () => ended(port))
}

async function ended(port: SerialPortLike): Promise<void> {
  if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()))
}

function explained(cause: Error, url: string, path: string): NotConnectedError | InUseError {
  if (/lock|busy|EBUSY|in use/i.test(cause.message)) {
    return new InUseError(url, 'the port is in use by another program; close that, then try again', { cause })
  }
  return new NotConnectedError(url, adviceFor(cause, path), { cause })
}

function adviceFor({ message }: Error, path: string): string {
  if (/No such file|ENOENT|File not found/i.test(message))
    return `there is no port ${path}; is the amplifier plugged in?`
  // Windows says this too of a port that another program has.
  if (/Access denied/i.test(message)) return `no access to ${path}; does another program use it?`
  if (/Permission denied|EACCES/i.test(message)) {
    return `no permission for ${path}; add the user to the group that owns it, often dialout`
  }
  return message
}
