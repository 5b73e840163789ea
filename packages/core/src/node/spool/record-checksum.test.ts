import { expect, it } from 'vitest'
import { crc32c } from '../../model/crc-32c.ts'
import { checksumOfWords } from './record-checksum.ts'

it('is the CRC-32C of the bytes, from any beginning', () => {
  const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * 2654435761) >>> 13)
  const words = new Int32Array(bytes.buffer)
  for (let from = 0; from < 9; from += 1) {
    for (let to = from; to <= 100; to += 1) {
      expect(checksumOfWords(words, from, to, 4711)).toBe(crc32c(bytes.subarray(4 * from, 4 * to), 4711))
    }
  }
})

it('is 0x8a9136aa for 32 zero bytes (RFC 3720)', () => {
  expect(checksumOfWords(new Int32Array(8), 0, 8, 0)).toBe(0x8a9136aa)
})
