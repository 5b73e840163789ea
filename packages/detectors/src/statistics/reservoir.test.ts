import { describe, expect, it } from 'vitest'
import { SnapshotReader } from '../detector/snapshot-reader.ts'
import { Reservoir } from './reservoir.ts'

describe('Reservoir', () => {
  it('holds every row up to its capacity, in order', () => {
    const reservoir = new Reservoir(20, 2, 1)
    for (let i = 0; i < 20; i += 1) expect(reservoir.add(Float64Array.of(i, -i))).toBe(i)
    expect(reservoir.count).toBe(20)
    expect(reservoir.rows.slice(0, 40)).toEqual(
      Float64Array.from({ length: 40 }, (_, k) => (k % 2 ? -1 : 1) * (k >> 1))
    )
  })

  it('holds each of many rows equally often', () => {
    const held = new Float64Array(100)
    for (let seed = 0; seed < 2000; seed += 1) {
      const reservoir = new Reservoir(10, 1, seed)
      for (let i = 0; i < 100; i += 1) reservoir.add(Float64Array.of(i))
      for (const i of reservoir.rows.subarray(0, 10)) held[i] = held[i]! + 1
    }
    // 200 each; the standard deviation of a count is 13.4.
    for (const count of held) expect(Math.abs(count - 200)).toBeLessThan(5 * 13.4)
  })

  it('goes on from its state with the same rows', () => {
    const one = new Reservoir(8, 1, 7)
    for (let i = 0; i < 50; i += 1) one.add(Float64Array.of(i))
    const reader = new SnapshotReader({ kind: 'x', version: 1, state: one.state() }, 'x', 1)
    const two = Reservoir.restored(reader, 8, 1, 7)
    for (let i = 50; i < 200; i += 1) expect(two.add(Float64Array.of(i))).toBe(one.add(Float64Array.of(i)))
    expect(two.state()).toEqual(one.state())
  })
})
