import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryBlock } from '../testing/arbitrary-block.ts'
import { blockText } from '../testing/block-text.ts'
import type { Block } from './block.ts'
import { blockOf } from './block-builder.ts'
import { checksum } from './block-layout.ts'
import { decodeBlock } from './decode-block.ts'
import { encodeBlock } from './encode-block.ts'
import { DecodeError } from './errors.ts'

const block: Block = {
  ...blockOf({ stream: 'pump', channels: { p: 'bar', q: 'L/min' }, rate: 10 }, { p: [1, 2, 3], q: [4, 5, Number.NaN] }),
  quality: Uint8Array.of(0, 0, 0, 0, 1, 2),
  origin: { split: 'x', position: 3, positions: Float64Array.of(1, 2, 3) }
}

/** The bytes at an address that is or is not a multiple of 8. */
function movedBy(bytes: Uint8Array, by: number): Uint8Array {
  const moved = new Uint8Array(bytes.length + by)
  moved.set(bytes, by)
  return moved.subarray(by)
}

function failure(bytes: Uint8Array): unknown {
  try {
    return decodeBlock(bytes)
  } catch (error) {
    return error
  }
}

describe('round trip', () => {
  it('gives an equal block, wherever the bytes lie', () => {
    fc.assert(
      fc.property(arbitraryBlock(), fc.nat({ max: 8 }), fc.boolean(), fc.boolean(), (one, by, withSum, copy) => {
        const bytes = encodeBlock(one, { checksum: withSum })
        const back = decodeBlock(movedBy(bytes, by), { copy })
        expect(blockText(back)).toBe(blockText(one))
        expect(back.stream).toBe(one.stream)
        expect(back).toEqual(one)
        expect(encodeBlock(back, { checksum: withSum })).toEqual(bytes)
      }),
      { numRuns: 300 }
    )
  })

  it('keeps the bits of a NaN', () => {
    const values = new Float64Array(BigUint64Array.of(0x7ff8_0000_0000_beefn, 1n).buffer)
    const odd = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [0, 0] })
    const back = decodeBlock(encodeBlock({ ...odd, values }))
    expect(new BigUint64Array(back.values.slice().buffer)).toEqual(BigUint64Array.of(0x7ff8_0000_0000_beefn, 1n))
  })

  it('is compact', () => {
    const large = blockOf(
      { stream: 'press-3', channels: { x: 'N', y: 'N' }, rate: 1000 },
      { x: new Float64Array(256), y: new Float64Array(256) }
    )
    expect(encodeBlock(large).length - 256 * 2 * 8).toBeLessThan(300)
  })

  it('keeps views of aligned bytes and copies the others', () => {
    const bytes = encodeBlock(block)
    expect(decodeBlock(bytes).values.buffer).toBe(bytes.buffer)
    expect(decodeBlock(bytes).quality?.buffer).toBe(bytes.buffer)
    expect(decodeBlock(movedBy(bytes, 4)).values.buffer).not.toBe(bytes.buffer)
    const copy = decodeBlock(bytes, { copy: true })
    bytes.fill(0)
    expect(blockText(copy)).toBe(blockText(block))
  })

  it('takes a Buffer and leaves it as it is', () => {
    const buffer = Buffer.concat([Buffer.from([0]), encodeBlock(block)])
    const before = buffer.toString('hex')
    const back = decodeBlock(buffer.subarray(1), { copy: true })
    expect(blockText(back)).toBe(blockText(block))
    expect(back.quality?.constructor).toBe(Uint8Array)
    expect(buffer.toString('hex')).toBe(before)
  })
})

describe('what is no block', () => {
  const bytes = encodeBlock(block)

  function changed(at: number, value: number, plain = encodeBlock(block, { checksum: false })): Uint8Array {
    const copy = plain.slice()
    copy[at] = value
    return copy
  }

  it.each([
    ['empty', new Uint8Array(0), 'block, byte 0: ends here; a block has at least 32 bytes'],
    ['short', bytes.subarray(0, 31), 'block, byte 31: ends here; a block has at least 32 bytes'],
    [
      'truncated',
      bytes.subarray(0, bytes.length - 1),
      `block, byte ${bytes.length - 1}: ends here; the block has ${bytes.length} bytes`
    ],
    [
      'followed',
      Buffer.concat([bytes, bytes]),
      `block, byte ${bytes.length}: ends here, but ${bytes.length} more bytes follow`
    ],
    ['foreign', changed(0, 0), "block, byte 0: is no block: its first four bytes are not 'MWBK'"],
    ['newer', changed(4, 2), 'block, byte 4: is of version 2; this release reads version 1'],
    ['of other flags', changed(5, 0x40), 'block, byte 5: has flags that this release does not know'],
    ['of other flags', changed(6, 1), 'block, byte 5: has flags that this release does not know'],
    ['damaged', changed(bytes.length - 1, 3, bytes), 'block, byte 12: is damaged: the CRC-32C does not match'],
    ['without scans', changed(24, 0), 'block, byte 24: has no scans or no channels'],
    ['of more scans', changed(24, 4), 'block, byte 8: has '],
    ['of wild scans', changed(27, 0xff), 'block, byte 8: has '],
    ['of wild text', changed(19, 0xff), 'block, byte 8: has '],
    ['of wild channels', changed(31, 0xff), 'block, byte 8: has '],
    ['of no JSON', changed(32, 0x21), 'block, byte 32: must be JSON'],
    ['of no UTF-8', changed(32, 0xff), 'block, byte 32: must be UTF-8 text'],
    [
      'of wrong quality',
      changed(bytes.length - 1, 9),
      `block, byte ${bytes.length - 1}: must be a quality: 0, 1, 2 or 3, got 9`
    ],
    [
      'of wrong positions',
      changed(bytes.length - 7, 0x7f),
      `block, byte ${bytes.length - 14}: must be a safe integer, got `
    ]
  ])('%s: names the byte', (_, wrong, message) => {
    const error = failure(wrong)
    expect(error).toBeInstanceOf(DecodeError)
    expect((error as DecodeError).message).toContain(message)
  })

  it('names the field of a wrong head', () => {
    const odd = { ...block, time: { ...block.time, period: -1 } } as Block
    expect((failure(encodeBlock(odd)) as DecodeError).message).toMatch(
      /^block, byte \d+: head\.time\.period: must be a positive number of ns, got -1$/
    )
  })

  it('notices any change of any byte', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const wrong = bytes.slice()
        wrong[at % bytes.length]! ^= bits
        const error = failure(wrong)
        // Clearing the flag of the checksum itself is the one change that a checksum cannot notice.
        if (at % bytes.length !== 5) expect(error).toBeInstanceOf(DecodeError)
      }),
      { numRuns: 2000 }
    )
  })

  it('throws nothing but DecodeError when no checksum protects it', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(arbitraryBlock(), changes, fc.boolean(), (one, list, repaired) => {
        const wrong = encodeBlock(one, { checksum: repaired })
        for (const [at, value] of list) wrong[at % wrong.length] = value
        if (repaired) new DataView(wrong.buffer).setUint32(12, checksum(wrong), true)
        const result = failure(wrong)
        if (result instanceof Error) expect(result).toBeInstanceOf(DecodeError)
        else expect((result as Block).values.byteLength).toBeLessThan(wrong.length)
      }),
      { numRuns: 2000 }
    )
  })

  it('takes any bytes for what they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void expect(failure(any)).toBeInstanceOf(DecodeError))
    )
  })
})
