import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtoWriter } from './proto-writer.ts'
import { WireReader } from './reader.ts'

const written = (write: (to: ProtoWriter) => void): Uint8Array => {
  const to = new ProtoWriter()
  write(to)
  return to.finish()
}
const bytes = (write: (to: ProtoWriter) => void): number[] => [...written(write)]

describe('ProtoWriter', () => {
  it('writes the bytes of the encoding guide', () => {
    expect(bytes((to) => to.int(1, 150))).toEqual([0x08, 0x96, 0x01])
    expect(bytes((to) => to.text(2, 'testing'))).toEqual([0x12, 0x07, ...new TextEncoder().encode('testing')])
    expect(bytes((to) => to.message(3, () => to.int(1, 150)))).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01])
    expect(bytes((to) => to.packedInts(4, [3, 270, 86_942]))).toEqual([0x22, 6, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05])
    expect(bytes((to) => to.int(1, -1))).toEqual([0x08, ...Array(9).fill(0xff), 0x01])
    expect(bytes((to) => to.float(2, 1))).toEqual([0x15, 0, 0, 0x80, 0x3f])
    expect(bytes((to) => to.packedDoubles(1, [1]))).toEqual([0x0a, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    expect(bytes((to) => to.rawInts(1, [-2]))).toEqual([0x0a, 8, 0xfe, ...Array(7).fill(0xff)])
    expect(bytes((to) => to.int(20, 2))).toEqual([0xa0, 0x01, 2])
  })

  it('is read back, whatever it is and however long', () => {
    const ints = fc.array(fc.maxSafeInteger(), { maxLength: 200 })
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 3000 }), { maxLength: 5 })
    fc.assert(
      fc.property(ints, texts, fc.array(fc.float(), { maxLength: 300 }), (numbers, words, floats) => {
        const file = written((to) => {
          for (const word of words) to.message(1, () => to.message(2, () => to.text(3, word)))
          for (const number of numbers) to.int(4, number)
          to.packedFloats(5, floats)
        })
        const seen: { words: string[]; numbers: number[]; floats: number[] } = { words: [], numbers: [], floats: [] }
        const reader = WireReader.of(file, 'the file')
        while (reader.next()) {
          if (reader.field === 1) seen.words.push(innerText(reader.message()))
          else if (reader.field === 4) seen.numbers.push(reader.int())
          else seen.floats.push(...floatsOf(reader.bytes()))
        }
        expect(seen).toEqual({ words, numbers, floats })
      }),
      { numRuns: 60 }
    )
  })

  it('gives a copy each time', () => {
    const to = new ProtoWriter()
    to.int(1, 1)
    const first = to.finish()
    to.int(1, 2)
    expect([...first]).toEqual([8, 1])
    expect([...to.finish()]).toEqual([8, 1, 8, 2])
  })
})

function innerText(reader: WireReader): string {
  reader.next()
  const inner = reader.message()
  inner.next()
  return inner.text()
}

function floatsOf(raw: Uint8Array): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  return Array.from({ length: raw.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true))
}
