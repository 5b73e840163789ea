import { decodeFrame, type Frame } from '../decode-frame.ts'
import type { FrameLayout } from '../frame-layout.ts'
import type { Log } from './log.ts'

/** A frame that the reference found: where, and how long. @internal */
export interface Found {
  readonly at: number
  readonly length: number
}

/**
 * The rules of the protocol's receiver written down a second time, for whole recordings, slowly and with another decoder,
 * to judge the incremental parser by.
 *
 * @internal
 */
export function referenceParse(bytes: Uint8Array, known: FrameLayout | undefined, log: Log): Found[] {
  const found: Found[] = []
  let layout = known
  let synced = false
  let at = 0
  while (at < bytes.length) {
    const frame = candidate(bytes, at, synced)
    if (!frame || (frame.type === 'measured' && !believed(bytes, at, frame, layout, known))) {
      log.skipped(1)
      synced = false
      at += 1
      continue
    }
    const length = sizeAt(bytes, at)
    if (frame.type === 'measured') {
      layout = frame.layout
      log.scan(frame.flags, frame.values, 0, 1, frame.values.length)
    } else if (frame.type === 'response') log.response(frame.status, frame.data)
    synced = true
    found.push({ at, length })
    at += length
  }
  return found
}

/** A frame without checksum that is not like the last or as stated needs one like it behind it, or a response, or the end. */
function believed(
  bytes: Uint8Array,
  at: number,
  { layout }: Frame & { type: 'measured' },
  ...known: readonly (FrameLayout | undefined)[]
): boolean {
  if (layout.crc) return true
  if (known.some((one) => one?.objects === layout.objects && one.dataType === layout.dataType && !one.crc)) return true
  const next = at + sizeAt(bytes, at)
  if (next === bytes.length) return true
  const header = bytes[next + 1] ?? 0
  if ((header & 0xd0) === 0x50) return candidate(bytes, next, false) !== undefined
  const alike = header === bytes[at + 1] && (bytes[next + 2] ?? 0) >> 4 === (bytes[at + 2] as number) >> 4
  return bytes[next] === 0xaa && alike && bytes[2 * next - at - 1] === 0x85
}

/** Length that header and status of a measured frame or a response speak of. */
function sizeAt(bytes: Uint8Array, at: number): number {
  const header = bytes[at + 1] as number
  const second = bytes[at + 2] as number
  const count = header & 15
  if (header & 0x40) return 4 + count + (count === 15 ? second : 0) + (header & 0x20 ? 1 : 0)
  return 4 + (count + 1) * (((second >> 4) & 7) + 1) + (header & 0x20 ? 2 : 0)
}

function candidate(bytes: Uint8Array, at: number, synced: boolean): Frame | undefined {
  const header = bytes[at + 1] ?? 0
  const second = bytes[at + 2] ?? 0
  if (bytes[at] !== 0xaa || bytes.length - at < 4 || (header & 0x90) !== 0x10) return undefined
  const response = (header & 0x40) !== 0
  const short = header & 15
  if (response && short === 15 && !synced) return undefined
  if (response && short > 0 && short < 15 && second > 1) return undefined
  if (!response && !synced && (second & 0x0c) !== 0) return undefined
  const length = sizeAt(bytes, at)
  if (at + length > bytes.length || bytes[at + length - 1] !== 0x85) return undefined
  try {
    return decodeFrame(bytes.subarray(at, at + length))
  } catch {
    return undefined
  }
}
