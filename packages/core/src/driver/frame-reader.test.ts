import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader } from './frame-reader.ts'
import { delimitedFrames, type FrameShape, lengthFrames } from './frame-shape.ts'

/** `7E length payload sum` */
const summed = lengthFrames({
  header: 2,
  maxBytes: 19,
  length: (bytes, at) => (bytes[at] === 0x7e ? (bytes[at + 1] as number) + 3 : 0),
  check: (bytes, from, to) => sum(bytes.subarray(from + 2, to - 1)) === bytes[to - 1]
})
const sentences = delimitedFrames({ start: 0x24, end: 0x0a, maxBytes: 12 })

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (total + byte) & 0xff, 0x55)
}

function framed(payload: number[]): number[] {
  return [0x7e, payload.length, ...payload, sum(Uint8Array.from(payload))]
}

/** What is told of chunks, one line a frame, `-n` for skipped bytes. */
function told(shape: FrameShape, chunks: readonly (readonly number[])[], reader?: (reader: FrameReader) => void) {
  const lines: string[] = []
  const one = new FrameReader(shape, {
    frame: (bytes, from, to) => lines.push(Buffer.from(bytes.subarray(from, to)).toString('hex')),
    skipped: (bytes) => lines.push(`-${bytes}`)
  })
  for (const chunk of chunks) one.push(Uint8Array.from(chunk))
  one.end()
  reader?.(one)
  return lines
}

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex')
const payloads = fc.array(fc.array(fc.nat(255), { maxLength: 16 }), { maxLength: 12 })
/** Garbage that holds no beginning of a frame. */
const noise = fc.array(fc.nat(0x23), { maxLength: 40 })

/** Cuts at random places. */
function cut(bytes: readonly number[], places: readonly number[]): number[][] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, i) => bytes.slice(from, at[i] ?? bytes.length))
}

describe('FrameReader', () => {
  it('finds every frame, however the chunks are cut and whatever lies between, and tells it', () => {
    fc.assert(
      fc.property(payloads, fc.array(noise), fc.array(fc.nat()), (all, garbage, places) => {
        const expected: string[] = []
        const bytes = all.flatMap((payload, i) => {
          const between = garbage[i] ?? []
          if (between.length > 0) expected.push(`-${between.length}`)
          expected.push(hex(framed(payload)))
          return [...between, ...framed(payload)]
        })
        expect(told(summed, cut(bytes, places))).toEqual(expected)
      })
    )
  })

  it('finds sentences in any cutting', () => {
    const text = fc.array(fc.integer({ min: 0x30, max: 0x39 }), { maxLength: 10 })
    fc.assert(
      fc.property(fc.array(text), fc.array(noise), fc.array(fc.nat()), (all, garbage, places) => {
        const frames = all.map((digits) => [0x24, ...digits, 0x0a])
        const bytes = frames.flatMap((frame, i) => [...(garbage[i] ?? []), ...frame])
        const found = told(sentences, cut(bytes, places)).filter((line) => !line.startsWith('-'))
        expect(found).toEqual(frames.map(hex))
      })
    )
  })

  it('tells the same of random bytes in any cutting, and accounts for each', () => {
    const bytes = fc.array(fc.constantFrom(0x7e, 0, 1, 2, 0x55, 0x24, 0x0a), { maxLength: 300 })
    fc.assert(
      fc.property(bytes, fc.array(fc.nat()), fc.constantFrom(summed, sentences), (all, places, shape) => {
        const whole = told(shape, [all])
        expect(told(shape, cut(all, places))).toEqual(whole)
        const length = whole.reduce((total, line) => total + (line[0] === '-' ? -Number(line) : line.length / 2), 0)
        expect(length).toBe(all.length)
      })
    )
  })

  it('loses no frame behind a length that is wrong', () => {
    const bytes = [0x7e, 16, ...framed([1, 2]), ...framed([3])]
    expect(told(summed, [bytes])).toEqual(['-2', hex(framed([1, 2])), hex(framed([3]))])
  })

  it('counts', () => {
    const damaged = framed([1, 2, 3]).map((byte, i) => (i === 3 ? byte ^ 1 : byte))
    told(
      summed,
      [
        [9, 9, ...framed([1])],
        [...damaged, ...framed([2]), 0x7e]
      ],
      ({ frames, skipped, resyncs, pending }) =>
        expect({ frames, skipped, resyncs, pending }).toEqual({ frames: 2, skipped: 9, resyncs: 3, pending: 0 })
    )
  })

  it('forgets what waits', () => {
    const lines: number[] = []
    const reader = new FrameReader(sentences, { frame: (_b, from, to) => lines.push(to - from), skipped: () => {} })
    reader.push(Uint8Array.of(0x24, 0x30))
    reader.reset()
    reader.push(Uint8Array.of(0x24, 0x31, 0x0a))
    expect(lines).toEqual([3])
  })

  it('gives up a frame that does not end', () => {
    expect(told(sentences, [[0x24, ...Array(20).fill(0x30), 0x24, 0x31, 0x0a]])).toEqual(['-21', '24310a'])
  })

  it('refuses what makes no sense', () => {
    expect(() => lengthFrames({ header: 9, maxBytes: 8, length: () => 8 })).toThrow(
      'lengthFrames: header must be from 1 to maxBytes (8), got 9'
    )
    expect(() => delimitedFrames({ end: 10, maxBytes: 0 })).toThrow(
      'delimitedFrames: maxBytes must be at least 1, got 0'
    )
  })
})
