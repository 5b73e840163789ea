import { describe, expect, it } from 'vitest'
import { column, timeNs, timeOf } from './block.ts'
import { BlockBuilder, blockOf } from './block-builder.ts'
import { defineStream } from './stream.ts'

const stream = defineStream({
  id: 's',
  channels: [
    { name: 'a', unit: 'V' },
    { name: 'b', unit: 'A' }
  ]
})

describe('BlockBuilder', () => {
  it('collects scans as columns with a time and a position each', () => {
    const builder = new BlockBuilder(stream, { split: 'x', clock: 'broker', uncertainty: 5, capacity: 3 })
    expect(builder.take()).toBeUndefined()
    expect(builder.add([1, 10], 1_700_000_000_000_000_001n, 7)).toBe(false)
    expect(builder.add([2, 20], 1_700_000_000_000_000_004n, 9)).toBe(false)
    expect([builder.length, builder.start]).toEqual([2, 1_700_000_000_000_000_001n])
    const block = builder.take()
    expect(block).toEqual({
      stream,
      length: 2,
      values: Float64Array.of(1, 2, 10, 20),
      time: { start: 1_700_000_000_000_000_001n, clock: 'broker', uncertainty: 5, offsets: Float64Array.of(0, 3) },
      origin: { split: 'x', position: 9, positions: Float64Array.of(7, 9) }
    })
    expect(builder.length).toBe(0)
  })

  it('says when it is full and refuses more', () => {
    const builder = new BlockBuilder(stream, { split: 'x', clock: 'source', capacity: 2 })
    expect(builder.add([1, 1], 0n, 0)).toBe(false)
    expect(builder.add([2, 2], 1n, 1)).toBe(true)
    expect(() => builder.add([3, 3], 2n, 2)).toThrow(RangeError)
    expect(builder.take()?.length).toBe(2)
    expect(builder.add([4, 4], 3n, 3)).toBe(false)
  })

  it('does not touch a block that it has given away', () => {
    const builder = new BlockBuilder(stream, { split: 'x', clock: 'source' })
    builder.add([1, 10], 0n, 0)
    const block = builder.take()!
    builder.add([2, 20], 5n, 5)
    builder.take()
    expect([column(block, 'a'), column(block, 'b'), block.time.offsets]).toEqual([
      Float64Array.of(1),
      Float64Array.of(10),
      Float64Array.of(0)
    ])
    expect(block.origin.positions).toEqual(Float64Array.of(0))
  })

  it('puts a gap before the next scan, once', () => {
    const builder = new BlockBuilder(stream, { split: 'x', clock: 'source' })
    builder.declareGap({ scans: 3, cause: 'lost' })
    builder.add([1, 1], 0n, 0)
    expect(() => builder.declareGap({ scans: 1, cause: 'lost' })).toThrow(RangeError)
    expect(builder.take()?.gap).toEqual({ scans: 3, cause: 'lost' })
    builder.add([1, 1], 1n, 1)
    expect(builder.take()?.gap).toBeUndefined()
  })

  it('takes a missing value for NaN', () => {
    const builder = new BlockBuilder(stream, { split: 'x', clock: 'source' })
    builder.add([1], 0n, 0)
    expect(column(builder.take()!, 'b')).toEqual(Float64Array.of(Number.NaN))
  })

  it.each([0, 1.5, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a capacity of %s', (capacity) => {
    expect(() => new BlockBuilder(stream, { split: 'x', clock: 'source', capacity })).toThrow(
      new RangeError(`BlockBuilder: capacity must be a positive whole number of scans, got ${capacity}`)
    )
  })
})

describe('blockOf', () => {
  it('makes an evenly spaced block', () => {
    const block = blockOf(
      { stream: 's', channels: { a: 'V', b: 'A' }, rate: 100, start: 1000 },
      { a: [1, 2], b: [3, 4] }
    )
    expect([block.values, block.time.period, block.stream.rate]).toEqual([Float64Array.of(1, 2, 3, 4), 1e7, 100])
    expect(timeNs(block, 1)).toBe(1_010_000_000n)
    expect(block.origin).toEqual({ split: 's', position: 1 })
  })

  it.each([1_700_000_000_001, 1_700_000_000_123, 1_800_000_000_777, -1, 0.5])('begins exactly at %s ms', (start) => {
    const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 100, start }, { a: [1] })
    expect(timeOf(block)).toBe(start)
    expect(timeNs(block)).toBe((BigInt(Math.floor(start * 2)) * 1_000_000n) / 2n)
  })

  it('refuses columns that are empty or differ in length', () => {
    const shape = { stream: 's', channels: { a: 'V', b: 'V' }, rate: 10 }
    expect(() => blockOf(shape, { a: [1, 2], b: [1] })).toThrow(
      new RangeError("blockOf: channel 'b' has 1 values, expected 2")
    )
    expect(() => blockOf(shape, { a: [], b: [] })).toThrow(
      new RangeError("blockOf: channel 'a' has 0 values, expected 1")
    )
  })
})
