import { crc32c } from '../../model/crc-32c.ts'

/** 'MWSPOOL\n' · 8 version (u32) · 12 zero · 16 first position (float64) · 24 zero · 32 first record. @internal */
export const SEGMENT_HEADER = 32
const SEGMENT_VERSION = 1
const MAGIC = new TextEncoder().encode('MWSPOOL\n')
const NAME = /^(\d{16})\.spool$/

/** @internal */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, '0')}.spool`
}

/** First positions of the segments among these names, in order. @internal */
export function segmentsAmong(names: readonly string[]): number[] {
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** A record of another segment is never taken for one of this: their checksums begin differently. @internal */
export function saltOf(first: number): number {
  return crc32c(new TextEncoder().encode(segmentName(first)))
}

/** @internal */
export function putSegmentHeader(bytes: Uint8Array, view: DataView, first: number): void {
  bytes.fill(0, 0, SEGMENT_HEADER)
  bytes.set(MAGIC)
  view.setUint32(8, SEGMENT_VERSION, true)
  view.setFloat64(16, first, true)
}

/** What is wrong with the header of a segment. @internal */
export function wrongHeader(bytes: Uint8Array, view: DataView, first: number): string | undefined {
  if (bytes.length < SEGMENT_HEADER) return 'it ends within its header'
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return "its first bytes are not 'MWSPOOL'"
  const version = view.getUint32(8, true)
  if (version !== SEGMENT_VERSION) return `it is of version ${version}; this release reads version ${SEGMENT_VERSION}`
  if (view.getFloat64(16, true) !== first) return 'its first position is not that of its name'
  return undefined
}
