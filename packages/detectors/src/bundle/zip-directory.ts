import { ModelError } from '@messwerk/core/model'

/** What an archive may cost. @internal */
export interface ZipLimits {
  /** Files in it. */
  readonly entries: number
  /** Bytes of all files together, unpacked. */
  readonly unpacked: number
  /** How many times larger a file of more than a mebibyte may become. */
  readonly ratio: number
}

/** A file in an archive, where its packed bytes lie. @internal */
export interface ZipEntry {
  readonly name: string
  readonly isDeflated: boolean
  readonly crc: number
  readonly packed: Uint8Array
  readonly bytes: number
}

const END = { signature: 0x06054b50, size: 22, longestComment: 0xffff }
const CENTRAL = { signature: 0x02014b50, size: 46 }
const LOCAL = { signature: 0x04034b50, size: 30 }
/** Sizes of deflate effort (1, 2), sizes behind the data (3), UTF-8 names (11). */
const KNOWN_FLAGS = 0b1000_0000_1110
const SMALL = 1_048_576
/** One folder, plain names: there is no way out of it on any system. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/**
 * The files of a zip archive by name, nothing unpacked yet. Stricter than a zip tool: plain names only, no links, no folders, no file
 * twice, no two files in the same bytes, nothing encrypted, no zip64, no parts on other disks.
 *
 * @throws ModelError
 * @internal
 */
export function zipDirectory(archive: Uint8Array, limits: ZipLimits, label: string): ReadonlyMap<string, ZipEntry> {
  const refuse = (why: string): never => {
    throw new ModelError('malformed', `${label} ${why}`)
  }
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const end = endOf(view) ?? refuse('is not a whole zip archive: was it cut off?')
  const [count, size, from] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true)
  ]
  const isOnePart = view.getUint32(end + 4, true) === 0 && view.getUint16(end + 8, true) === count
  if (!isOnePart || from + size !== end) refuse('is a damaged zip archive: its directory is not where it says')
  if (count > limits.entries) tooLarge(label, `holds ${count} files, more than ${limits.entries}`)
  const files = new Map<string, ZipEntry>()
  const taken: [number, number][] = []
  let [at, unpacked] = [from, 0]
  for (let k = 0; k < count; k += 1) {
    const { entry, next, span } = entryAt(view, archive, at, end, from, refuse)
    if (files.has(entry.name)) refuse(`holds '${entry.name}' twice`)
    unpacked += entry.bytes
    checkSize(entry, unpacked, limits, label)
    files.set(entry.name, entry)
    taken.push(span)
    at = next
  }
  if (at !== end) refuse('is a damaged zip archive: its directory holds more than it says')
  taken.sort((a, b) => a[0] - b[0])
  if (taken.some(([start], k) => k > 0 && start < taken[k - 1]![1])) refuse('holds files that share bytes')
  return files
}

function checkSize({ name, bytes, packed }: ZipEntry, unpacked: number, limits: ZipLimits, label: string): void {
  if (unpacked > limits.unpacked) tooLarge(label, `unpacks to more than ${limits.unpacked} bytes`)
  if (bytes > SMALL && bytes > limits.ratio * packed.length)
    tooLarge(
      label,
      `holds '${name}', ${packed.length} bytes that unpack to ${bytes}, more than ${limits.ratio} times as many`
    )
}

function tooLarge(label: string, why: string): never {
  throw new ModelError('too-large', `${label} ${why}: raise limits if you trust where it is from`)
}

/** Where the end record begins: the last one whose comment reaches to the end. */
function endOf(view: DataView): number | undefined {
  const last = view.byteLength - END.size
  for (let at = last; at >= 0 && at >= last - END.longestComment; at -= 1)
    if (view.getUint32(at, true) === END.signature && view.getUint16(at + 20, true) === last - at) return at
  return undefined
}

function entryAt(
  view: DataView,
  archive: Uint8Array,
  at: number,
  end: number,
  directory: number,
  refuse: (why: string) => never
): { entry: ZipEntry; next: number; span: [number, number] } {
  if (at + CENTRAL.size > end || view.getUint32(at, true) !== CENTRAL.signature) refuse('has a damaged directory')
  const u16 = (offset: number): number => view.getUint16(at + offset, true)
  const u32 = (offset: number): number => view.getUint32(at + offset, true)
  const [nameLength, rest] = [u16(28), u16(30) + u16(32)]
  const next = at + CENTRAL.size + nameLength + rest
  if (next > end) refuse('has a damaged directory')
  const name = nameIn(archive, at + CENTRAL.size, nameLength)
  if (!NAME.test(name)) refuse(`holds a file with the name '${printable(name)}': only plain names, without folders`)
  const kind = (u32(38) >>> 16) & 0xf000
  if (u16(4) >> 8 === 3 && kind !== 0 && kind !== 0x8000) refuse(`holds '${name}', which is a link or no file`)
  if ((u16(8) & ~KNOWN_FLAGS) !== 0) refuse(`holds '${name}' encrypted, or in a way that is not known`)
  const method = u16(10)
  if (method !== 0 && method !== 8) refuse(`holds '${name}' packed by method ${method}; use deflate`)
  const [size, bytes, from] = [u32(20), u32(24), u32(42)]
  const start = dataStart(view, archive, from, name, method, directory) ?? refuse(`says wrongly where '${name}' lies`)
  if (start + size > directory || (method === 0 && size !== bytes)) refuse(`says wrongly how long '${name}' is`)
  const packed = archive.subarray(start, start + size)
  return { entry: { name, isDeflated: method === 8, crc: u32(16), packed, bytes }, next, span: [from, start + size] }
}

/** Behind the header in front of the file, which must say the same as the directory. */
function dataStart(
  view: DataView,
  archive: Uint8Array,
  at: number,
  name: string,
  method: number,
  directory: number
): number | undefined {
  if (at + LOCAL.size > directory || view.getUint32(at, true) !== LOCAL.signature) return undefined
  if (view.getUint16(at + 8, true) !== method || (view.getUint16(at + 6, true) & ~KNOWN_FLAGS) !== 0) return undefined
  const [nameLength, extraLength] = [view.getUint16(at + 26, true), view.getUint16(at + 28, true)]
  const start = at + LOCAL.size + nameLength + extraLength
  return start <= directory && nameIn(archive, at + LOCAL.size, nameLength) === name ? start : undefined
}

/** Byte by byte: names that are not plain are refused anyway. */
function nameIn(archive: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...archive.subarray(from, from + Math.min(length, 200)))
}

function printable(name: string): string {
  return name.slice(0, 60).replace(/[^\x20-\x7e]/g, '?')
}
