import { checksumOfWords } from './record-checksum.ts'

// 0 'MWSR' · 4 bytes in all, a multiple of 8 · 8 CRC-32C of all but itself, begun with the salt of the segment ·
// 12 kind · 14 zeros at the end · 16 position (float64) · 24 first arrival, ms (float64) · 32 payload, zeros.
// Little-endian throughout. The mark at the beginning is how the next record is found behind damage.
const MARK = 0x5253574d
/** @internal */
export const RECORD_HEADER = 32
/** @internal */
export const KIND = { batch: 1, note: 2 } as const
/** No record is longer: a length above is damage. @internal */
export const LONGEST_RECORD = 2 ** 30

/** Completes the record that lies from `at` to `end`, its payload already there. @internal */
export function sealRecord(
  words: Int32Array,
  view: DataView,
  at: number,
  end: number,
  record: { readonly kind: number; readonly zeros: number; readonly position: number; readonly at: number },
  salt: number
): void {
  view.setUint32(at, MARK, true)
  view.setUint32(at + 4, end - at, true)
  view.setUint16(at + 12, record.kind, true)
  view.setUint16(at + 14, record.zeros, true)
  view.setFloat64(at + 16, record.position, true)
  view.setFloat64(at + 24, record.at, true)
  view.setUint32(at + 8, checksum(words, at, end, salt), true)
}

/** Bytes of the whole record at `at`; 0 when there is none; -n when n bytes are needed to tell. @internal */
export function recordLength(words: Int32Array, view: DataView, at: number, salt: number): number {
  if (at + RECORD_HEADER > view.byteLength) return -RECORD_HEADER
  if (view.getUint32(at, true) !== MARK) return 0
  const length = view.getUint32(at + 4, true)
  if (length < RECORD_HEADER || length % 8 !== 0 || length > LONGEST_RECORD) return 0
  if (at + length > view.byteLength) return -length
  return view.getUint32(at + 8, true) === checksum(words, at, at + length, salt) ? length : 0
}

/** Whether a record may begin here. @internal */
export function isMarked(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === MARK
}

function checksum(words: Int32Array, at: number, end: number, salt: number): number {
  return checksumOfWords(words, (at + 12) / 4, end / 4, checksumOfWords(words, at / 4, at / 4 + 2, salt))
}
