import { describe, expect, it } from 'vitest'
import type { Block } from './block.ts'
import { blockOf } from './block-builder.ts'
import { dueAfter, scansBetween } from './scans-between.ts'

const at = (start: number, rate = 1000): Block =>
  blockOf({ stream: 's', channels: { a: 'V' }, rate, start }, { a: [1, 2, 3] })

describe('scansBetween', () => {
  it('counts periods from when the next scan was due', () => {
    const due = dueAfter(at(1000)) as bigint
    expect(due).toBe(1_003_000_000n)
    expect([at(1003), at(1004), at(2003)].map((block) => scansBetween(due, block))).toEqual([0, 1, 1000])
  })

  it('rounds to whole scans, a late or early one included', () => {
    const due = dueAfter(at(1000)) as bigint
    expect([at(1003.4), at(1003.6), at(1002.6)].map((block) => scansBetween(due, block))).toEqual([0, 1, 0])
  })

  it('does not know where the clock went back, or leapt by more than a stream can miss', () => {
    const due = dueAfter(at(1000)) as bigint
    expect([at(990), at(1e16)].map((block) => scansBetween(due, block))).toEqual(['unknown', 'unknown'])
  })

  it('does not know without a period', () => {
    const { start, clock, uncertainty } = at(1).time
    const uneven: Block = { ...at(1), time: { start, clock, uncertainty, offsets: Float64Array.of(0, 1, 5) } }
    expect([dueAfter(uneven), scansBetween(0n, uneven)]).toEqual([undefined, 'unknown'])
  })
})
