import { expect, it } from 'vitest'
import { ChunkBuffer } from './chunk-buffer.ts'
import { KIND, RECORD_HEADER, recordLength, sealRecord } from './record.ts'

function sealed(salt: number): ChunkBuffer {
  const chunk = new ChunkBuffer(64)
  chunk.bytes.fill(7, RECORD_HEADER)
  sealRecord(chunk.i32, chunk.view, 0, 64, { kind: KIND.batch, zeros: 0, position: 3, at: 5 }, salt)
  return chunk
}

it('is a record as it was sealed, none with a wrong bit anywhere, and none of another segment', () => {
  const { i32, view, bytes } = sealed(9)
  expect(recordLength(i32, view, 0, 9)).toBe(64)
  expect(recordLength(i32, view, 0, 8)).toBe(0)
  for (let bit = 0; bit < 8 * 64; bit += 1) {
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(recordLength(i32, view, 0, 9)).not.toBe(64)
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
  }
})
