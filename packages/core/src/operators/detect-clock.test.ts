import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, blockOf, sliceAxis, sliceBlock, type TimeAxis } from '../model/index.ts'
import { DetectClock } from './detect-clock.ts'

const DAY = 86_400n * 10n ** 9n

function block(start: bigint, length = 8): Block {
  const time: TimeAxis = { start, clock: 'source', uncertainty: 0, period: 1e9 / 3000 }
  return Object.assign({}, blockOf({ stream: 's', channels: { a: 'V' }, rate: 1 }, { a: new Float64Array(length) }), {
    time
  })
}

describe('DetectClock', () => {
  it('counts seconds from the first scan', () => {
    const clock = new DetectClock()
    clock.meet(sliceBlock(block(10n ** 18n), 1))
    expect(clock.seconds(3)).toBe(0.001)
    clock.meet(block(10n ** 18n + 5n * 10n ** 9n))
    expect(clock.seconds(0)).toBe((5e9 - 333_333) / 1e9)
    clock.meet(block(10n ** 18n - 10n ** 9n))
    expect(clock.seconds(0)).toBe((-1e9 - 333_333) / 1e9)
  })

  it('gives an instant the same bits in any block, also after months', () => {
    const limit = 2n ** 53n
    const start = fc.oneof(
      fc.bigInt({ min: -200n * DAY, max: 400n * DAY }),
      fc.bigInt({ min: 0n, max: 1_000_000n }),
      fc.bigInt({ min: limit - 4_000_000n, max: limit + 4_000_000n }),
      fc.bigInt({ min: limit / 2n - 4_000_000n, max: limit / 2n + 4_000_000n })
    )
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 7 }), (passed, from) => {
        const clock = new DetectClock()
        clock.meet(block(0n))
        const later = block(passed)
        clock.meet(later)
        const seconds = clock.seconds(7)
        clock.meet({ ...later, time: sliceAxis(later.time, from, 8) })
        expect(clock.seconds(7 - from)).toBe(seconds)
        expect(seconds).toBeCloseTo(Number(passed) / 1e9 + 7 / 3000, 3)
      }),
      { numRuns: 1000 }
    )
  })

  it('keeps its origin in a snapshot', () => {
    const clock = new DetectClock()
    clock.meet(block(1_700_000_000_000_000_001n))
    const other = new DetectClock()
    other.restore(clock.snapshot())
    other.meet(block(1_700_000_001_000_000_001n))
    expect(other.seconds(0)).toBe(1)
    other.restore(new DetectClock().snapshot())
    other.meet(block(7n))
    expect(other.seconds(0)).toBe(0)
  })
})
