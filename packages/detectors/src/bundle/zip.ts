import { ModelError } from '@messwerk/core/model'
import { Inflate, zipSync } from 'fflate'
import { crc32 } from './crc-32.ts'
import { type ZipEntry, zipDirectory } from './zip-directory.ts'

/** What one step of unpacking may take is this many times 1032. */
const STEP = 16_384
/** Midnight of the first day that zip knows: equal files, equal archives. In parts, so that no time zone moves it. */
const TIME = /* @__PURE__ */ new Date(1980, 0, 1)
/** What packs better than this is stored as it is: a loader takes it for a bomb. */
const MOST_RATIO = 100
const SMALL = 1_048_576
/** Weights hardly pack better with more effort. */
const LEVEL = 3
const ANY = { entries: Number.POSITIVE_INFINITY, unpacked: Number.POSITIVE_INFINITY, ratio: Number.POSITIVE_INFINITY }

/** An archive of these files, in their order. Equal input, equal bytes. @internal */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const archive = zipped(files, () => LEVEL)
  const bombs = Array.from(zipDirectory(archive, ANY, 'saveModel: the archive').values()).filter(
    ({ bytes, packed }) => bytes > SMALL && bytes > MOST_RATIO * packed.length
  )
  if (bombs.length === 0) return archive
  return zipped(files, (name) => (bombs.some((bomb) => bomb.name === name) ? 0 : LEVEL))
}

function zipped(files: ReadonlyMap<string, Uint8Array>, level: (name: string) => 0 | 3): Uint8Array<ArrayBuffer> {
  const entries: Record<string, [Uint8Array, { level: 0 | 3; mtime: Date; os: number }]> = {}
  for (const [name, bytes] of files) entries[name] = [bytes, { level: level(name), mtime: TIME, os: 0 }]
  return zipSync(entries) as Uint8Array<ArrayBuffer>
}

/**
 * The bytes of a file. Never more than it said are unpacked.
 *
 * @throws ModelError when it is damaged
 * @internal
 */
export function unzip(entry: ZipEntry, label: string): Uint8Array {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ModelError('malformed', `${label}: ${entry.name} ${why}`, { cause })
  }
  const bytes = entry.isDeflated ? inflate(entry, refuse) : entry.packed
  if (bytes.length !== entry.bytes) refuse(`unpacks to ${bytes.length} bytes, not ${entry.bytes}`)
  if (crc32(bytes) !== entry.crc) refuse('is damaged: its check sum is wrong')
  return bytes
}

function inflate({ packed, bytes }: ZipEntry, refuse: (why: string, cause?: unknown) => never): Uint8Array {
  const out = new Uint8Array(bytes)
  let [length, isOver] = [0, false]
  const stream = new Inflate((part) => {
    isOver ||= length + part.length > bytes
    if (isOver) return
    out.set(part, length)
    length += part.length
  })
  try {
    for (let from = 0; from < packed.length && !isOver; from += STEP)
      stream.push(packed.subarray(from, from + STEP), from + STEP >= packed.length)
  } catch (error) {
    refuse('is damaged: it cannot be unpacked', error)
  }
  if (isOver) refuse(`unpacks to more than the ${bytes} bytes that it says`)
  return out.subarray(0, length)
}
