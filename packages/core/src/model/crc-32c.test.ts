import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { crc32c } from './crc-32c.ts'

/** Bit by bit, from the definition: reflected, polynomial 0x1EDC6F41, all ones before and after. */
function naive(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

// RFC 3720 (iSCSI), appendix B.4
it.each([
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  [Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  [new TextEncoder().encode('123456789'), 0xe3069283],
  [new Uint8Array(0), 0]
])('agrees with the published values %#', (bytes, crc) => expect(crc32c(bytes)).toBe(crc))

it('agrees with the definition, in one piece or two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat({ max: 70 }), (bytes, cut) => {
      expect(crc32c(bytes)).toBe(naive(bytes))
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(naive(bytes))
    })
  )
})
