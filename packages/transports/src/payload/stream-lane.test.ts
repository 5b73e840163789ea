import { type Block, defineStream, Quality, timeNs } from '@messwerk/core/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScanBuffer } from './scan-buffer.ts'
import { StreamLane } from './stream-lane.ts'

const stream = defineStream({
  id: 's',
  channels: [
    { name: 'a', unit: 'V' },
    { name: 'b', unit: 'V' }
  ]
})
const lane = (clock: 'source' | 'arrival' = 'source') => new StreamLane(stream, { split: 'x', clock, uncertainty: 5 })

function message(rows: readonly { a: number; b?: number; ms?: number; ns?: number; sequence?: number }[]): ScanBuffer {
  const scans = new ScanBuffer(2)
  for (const { a, b = Number.NaN, ms = Number.NaN, ns = 0, sequence = Number.NaN } of rows) {
    const at = scans.begin()
    scans.values.set([a, b], at * 2)
    scans.ms[at] = ms
    scans.ns[at] = ns
    scans.sequence[at] = sequence
  }
  return scans
}

const gaps = (blocks: readonly Block[]) => blocks.map(({ gap }) => gap)

describe('a lane', () => {
  it('makes columns with time, position and quality of each scan', () => {
    const on = lane()
    on.add(message([{ a: 1, b: 2, ms: 1000, ns: 7 }]), 4, false)
    on.add(message([{ a: 3, ms: 1001 }]), 6, false)
    const [block] = on.take() as [Block]
    expect(Array.from(block.values)).toEqual([1, 3, 2, Number.NaN])
    expect(Array.from(block.quality as Uint8Array)).toEqual([0, 0, 0, Quality.missing])
    expect([timeNs(block, 0), timeNs(block, 1)]).toEqual([1_000_000_007n, 1_001_000_000n])
    expect(block.origin).toEqual({ split: 'x', position: 6, positions: Float64Array.of(4, 6) })
    expect([block.time.clock, block.time.uncertainty]).toEqual(['source', 5])
    expect(on.take()).toEqual([])
  })

  it('keeps every value in its column while it grows and is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }), (cuts) => {
        const on = lane()
        const blocks: Block[] = []
        let n = 0
        for (const cut of cuts) {
          for (let i = 0; i < cut; i += 1, n += 1) on.add(message([{ a: n, b: -n, ms: n }]), n, false)
          blocks.push(...on.take())
        }
        const column = (c: number) =>
          blocks.flatMap(({ values, length }) => Array.from(values.subarray(c * length, (c + 1) * length)))
        expect(column(0)).toEqual(Array.from({ length: n }, (_, i) => i))
        expect(column(1)).toEqual(Array.from({ length: n }, (_, i) => -i))
        expect(blocks.every(({ quality }) => quality === undefined)).toBe(true)
      }),
      { numRuns: 30 }
    )
  })

  it('arrival times strictly increase, over the edge of a millisecond too', () => {
    const on = lane('arrival')
    const times: bigint[] = []
    for (const now of [1000.999_999, 1000.999_999, 1000.5, 1002]) {
      const scans = message([{ a: 1 }])
      on.stampArrival(scans, now)
      on.add(scans, times.length, false)
      times.push(timeNs(on.take()[0] as Block))
    }
    expect(times[1]).toBe((times[0] as bigint) + 1n)
    expect(times).toEqual(times.slice().sort((a, b) => Number(a - b)))
    expect(new Set(times).size).toBe(4)
  })

  it('knows what is late, within a message too', () => {
    const on = lane()
    on.add(message([{ a: 1, ms: 1000, ns: 5 }]), 0, false)
    expect(on.isLate(message([{ a: 1, ms: 1000, ns: 4 }]))).toBe(true)
    expect(on.isLate(message([{ a: 1, ms: 1000, ns: 5 }]))).toBe(false)
    expect(
      on.isLate(
        message([
          { a: 1, ms: 1002 },
          { a: 1, ms: 1001 }
        ])
      )
    ).toBe(true)
  })
})

describe('sequence numbers', () => {
  const feed = (numbers: readonly number[], repeats: readonly number[] = []) => {
    const on = lane()
    const verdicts = numbers.map((sequence, i) => on.add(message([{ a: i, ms: i, sequence }]), i, repeats.includes(i)))
    return { blocks: on.take(), verdicts }
  }

  it('are silent when nothing is skipped', () => {
    expect(gaps(feed([5, 6, 7]).blocks)).toEqual([undefined])
  })

  it('declare what was skipped, on the block behind it', () => {
    const { blocks } = feed([5, 6, 10, 11])
    expect(gaps(blocks)).toEqual([undefined, { scans: 3, cause: 'sequence' }])
    expect(blocks.map(({ length }) => length)).toEqual([2, 2])
  })

  it('that go back mean a publisher that counts anew: a gap of unknown size', () => {
    const { blocks, verdicts } = feed([5, 6, 1, 2])
    expect(gaps(blocks)).toEqual([undefined, { scans: 'unknown', cause: 'sequence' }])
    expect(verdicts).toEqual([undefined, undefined, 'restarted', undefined])
  })

  it('of a redelivery that was there before mean nothing; new ones count', () => {
    expect(gaps(feed([5, 6, 6, 7], [2]).blocks)).toEqual([undefined])
    expect(gaps(feed([5, 6, 8], [2]).blocks)).toEqual([undefined, { scans: 1, cause: 'sequence' }])
  })

  it('that go on leave a gap before them as it was declared', () => {
    expect(gaps(feed([5, 9, 10, 11]).blocks)).toEqual([undefined, { scans: 3, cause: 'sequence' }])
  })

  it('replace the gap of a lost session: they know better', () => {
    const on = lane()
    on.add(message([{ a: 1, ms: 1, sequence: 1 }]), 0, false)
    on.tear()
    on.add(message([{ a: 1, ms: 2, sequence: 2 }]), 1, false)
    expect(gaps(on.take())).toEqual([undefined])
  })

  it('a rejected message that carried the next number is not counted twice', () => {
    const on = lane()
    on.add(message([{ a: 1, ms: 1, sequence: 1 }]), 0, false)
    on.declare({ scans: 1, cause: 'rejected' })
    on.add(message([{ a: 1, ms: 3, sequence: 3 }]), 2, false)
    expect(gaps(on.take())).toEqual([undefined, { scans: 1, cause: 'rejected' }])
  })
})
