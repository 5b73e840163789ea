import { expect, it } from 'vitest'
import { type FuzzResult, fuzz } from './fuzz.ts'

function shown(name: string, result: FuzzResult): void {
  const { chunks, bytes, damaged, reported, falseMeasured, falseResponses } = result
  console.log(
    `fuzz ${name}: ${chunks} chunks, ${(bytes / 1e6).toFixed(1)} MB, ${damaged} frames damaged; ${reported} reported, ` +
      `not sent so: ${falseMeasured} measured frames, ${falseResponses} responses`
  )
}

it('a million random and mutated chunks: neither throws nor hangs, and says what a second implementation says', () => {
  const plain = fuzz(500_000, 10_000_000, { crc: false })
  const checked = fuzz(500_000, 20_000_000, { crc: true })
  shown('without CRC', plain)
  shown('with CRC', checked)
  expect(plain.missed + checked.missed).toBe(0)
  expect(plain.reported + checked.reported).toBeGreaterThan(100_000)
  // One damaged frame of 65 536 has a right checksum.
  expect(checked.falseMeasured).toBeLessThan(10)
})
