import { describe, expect, it } from 'vitest'
import { GsvParser } from '../gsv-parser.ts'
import { LegacyParser } from '../legacy/legacy-parser.ts'
import { LegacyRequestParser } from '../legacy/legacy-request.ts'
import { RequestParser } from '../request-parser.ts'
import { fuzz } from './fuzz.ts'
import { noiseStream } from './mutated-stream.ts'
import { Random } from './random.ts'

/** The whole million is in `fuzz.soak.test.ts`. */
const CHUNKS = 100_000

describe('fuzz', () => {
  it('100 000 random and mutated chunks: neither throws nor hangs, and says what a second implementation says', () => {
    const result = fuzz(CHUNKS, 1)
    expect(result.chunks).toBeGreaterThanOrEqual(CHUNKS)
    expect(result.reported).toBeGreaterThan(10_000)
    // Whatever arrives whole is reported, unless a false frame that the protocol cannot tell covers it.
    expect(result.missed).toBe(0)
  })
  it('with checksums next to nothing is reported that was not sent', () => {
    const { damaged, falseMeasured, falseResponses } = fuzz(CHUNKS / 5, 1_000_000, { crc: true })
    expect(damaged).toBeGreaterThan(500)
    expect(falseMeasured).toBeLessThan(3)
    // Responses without a checksum are four bytes, and the noise is made of bytes that mean something.
    expect(falseResponses).toBeLessThan(damaged / 20)
  })
  const parsers = {
    GsvParser: () => new GsvParser({ full() {}, response() {}, skipped() {} }, { channels: 2, capacity: 9 }),
    RequestParser: () => new RequestParser({ request() {}, refused() {}, skipped() {} }),
    'LegacyParser of a GSV-2': () => new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-2' }),
    'LegacyParser of text': () =>
      new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-2', frames: 'text' }),
    'LegacyParser of a GSV-3': () => new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-3' }),
    'LegacyParser of a GSV-4': () => new LegacyParser({ full() {}, answer() {}, skipped() {} }, { model: 'gsv-4' })
  }
  for (const [name, parser] of Object.entries(parsers)) {
    it(`${name}: noise never throws, hangs or piles up`, () => {
      const random = new Random(7)
      for (let round = 0; round < 50; round += 1) {
        const one = parser()
        const { bytes } = noiseStream(random, 4000)
        for (let at = 0; at < bytes.length; ) {
          const size = 1 + random.below(round % 2 === 0 ? 40 : 3000)
          one.push(bytes.subarray(at, at + size))
          expect(one.pending).toBeLessThan(700)
          at += size
        }
        one.idle()
        expect(one.pending).toBe(0)
      }
    })
  }
  it('LegacyRequestParser: noise never throws, hangs or piles up', () => {
    const random = new Random(8)
    const parser = new LegacyRequestParser(
      (command) => (command < 0x40 ? command % 8 : undefined),
      () => {}
    )
    for (let round = 0; round < 200; round += 1) {
      parser.push(random.fill(new Uint8Array(random.below(3000))))
      expect(parser.pending).toBeLessThan(8)
    }
  })
})
