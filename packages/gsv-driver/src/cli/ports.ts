import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** A serial port that may be an amplifier. @internal */
export interface Port {
  /** The path that stays the same when it is plugged in again, where there is one. */
  readonly path: string
  /** What that path leads to. */
  readonly device?: string
}

const USB_PORT = /^(ttyACM\d+|ttyUSB\d+|cu\.usb(modem|serial).*)$/

/**
 * Serial ports as they appear in the file system; nothing is opened, and udev is not asked. None on Windows, where ports
 * are no files.
 *
 * @internal
 */
export async function ports(root = '/dev'): Promise<readonly Port[]> {
  const byId = join(root, 'serial', 'by-id')
  const found: Port[] = []
  for (const name of (await namesIn(byId)).sort()) {
    const path = join(byId, name)
    found.push({ path, device: await realpath(path).catch(() => path) })
  }
  const known = new Set(found.map(({ device }) => device))
  const top = await realpath(root).catch(() => root)
  for (const name of (await namesIn(root)).filter((file) => USB_PORT.test(file)).sort()) {
    if (!known.has(join(top, name))) found.push({ path: join(root, name) })
  }
  return found
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
