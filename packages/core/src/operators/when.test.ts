import { describe, expect, it } from 'vitest'
import { type Block, column, timeNs } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { sliceBlock } from '../model/cut.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import { Quality } from '../model/quality.ts'
import { extendStream, type Stream } from '../model/stream.ts'
import { asyncOperator } from '../rx/async-operator.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { operatorSuite } from '../testing/operator-suite.ts'
import { through } from './fixtures/through.ts'
import { mean } from './mean.ts'
import { scale } from './scale.ts'
import { when } from './when.ts'

/** Adds how many scans it has seen; forgets at a hole only when told to reset. */
function counter(onGap: 'reset' | 'hold'): Operator<'flow', 'count'> {
  return operator({ id: 'counter', needs: ['flow'], adds: ['count'], onGap, kernel: (stream) => new Counter(stream) })
}

class Counter implements Kernel {
  readonly output: Stream
  #count = 0

  constructor(stream: Stream) {
    this.output = extendStream(stream, [{ name: 'count', unit: '1' }], 'counter')
  }

  process({ length, values, time, quality, gap, origin }: Block): Block {
    const extended = new Float64Array(values.length + length)
    extended.set(values)
    for (let i = 0; i < length; i += 1) extended[values.length + i] = this.#count += 1
    const marks = quality && new Uint8Array(extended.length)
    if (quality) marks?.set(quality)
    return { stream: this.output, length, values: extended, time, quality: marks, gap, origin }
  }

  snapshot(): unknown {
    return this.#count
  }

  restore(state: unknown): void {
    this.#count = state as number
  }

  relearn(): void {
    this.#count = 0
  }

  progress(): string {
    return `learning ${this.#count}`
  }
}

const pump = { stream: 'pump', channels: { on: '1', flow: 'L/s' }, rate: 10, start: 1_700_000_000_000 } as const

function flagged(on: number[]): Block {
  return blockOf(pump, { on, flow: on.map((_, i) => i) })
}

function list(emission: Emission): readonly Block[] {
  return emission === undefined ? [] : Array.isArray(emission) ? emission : [emission as Block]
}

function counts(emission: Emission): number[] {
  return list(emission).flatMap((block) => Array.from(column(block, 'count')))
}

const none = Number.NaN
const pattern = [
  0,
  1,
  1,
  1,
  1,
  0,
  Number.NaN,
  1,
  1,
  1,
  1,
  1,
  Number.POSITIVE_INFINITY,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  1,
  0,
  0,
  1,
  1,
  1,
  1,
  1,
  1
]
const blocks = [flagged(pattern)]
operatorSuite(
  'when around one that extends',
  { operator: () => when('on', counter('hold'), { settle: '200ms' }), blocks },
  { describe, it }
)
operatorSuite('when around one that resets', { operator: () => when('on', counter('reset')), blocks }, { describe, it })
operatorSuite(
  'when around one that replaces',
  { operator: () => when('on', mean({ window: '200ms', channels: ['flow'] })), blocks },
  { describe, it }
)

describe('when', () => {
  it('hands over only scans with the flag on and settled, and keeps all others', () => {
    const input = flagged([1, 1, 1, 0, 1, 1, 1, 1, Number.NaN, 1])
    const out = when('on', counter('hold'), { settle: '200ms' }).kernel(input.stream).process(input)
    expect(counts(out)).toEqual([none, none, 1, none, none, none, 2, 3, none, none])
    expect(list(out).flatMap((block) => Array.from(column(block, 'flow')))).toEqual(Array.from(column(input, 'flow')))
    const first = list(out)[0] as Block
    expect(Array.from(first.quality ?? [])).toEqual([0, 0, 0, 0, Quality.missing, Quality.missing])
  })

  it('settles in event time over blocks', () => {
    const kernel = when('on', counter('hold'), { settle: '500ms' }).kernel(blocks[0]!.stream)
    const input = flagged([0, 1, 1, 1, 1, 1, 1, 1])
    expect(input.values.length).toBe(16)
    const out = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => counts(kernel.process(sliceBlock(input, i, i + 1))))
    expect(out).toEqual([none, none, none, none, none, none, 1, 2])
  })

  it('is a hole to the inner operator, not to those behind', () => {
    const input = flagged([1, 1, 0, 0, 1, 1])
    const out = through(when('on', counter('reset')), [input])
    expect(counts(out)).toEqual([1, 2, none, none, 1, 2])
    expect(out.map((block) => block.gap)).toEqual([undefined, undefined, undefined])
  })

  it('passes on a hole that is real, also while the flag is off', () => {
    const [a, b] = [flagged([1, 1, 0]), flagged([0, 1, 1])]
    const later = {
      ...b,
      time: { ...b.time, start: b.time.start + 3_000_000_000n },
      gap: { scans: 27, cause: 'lost' }
    } as Block
    const out = through(when('on', counter('reset')), [a, later])
    expect(out.map((block) => block.gap)).toEqual([undefined, undefined, { scans: 27, cause: 'lost' }, undefined])
    expect(counts(out)).toEqual([1, 2, none, none, 1, 2])
  })

  it('bridges no off time with a window, and declares the hole', () => {
    const input = flagged([1, 1, 1, 0, 0, 0, 1, 1, 1, 1])
    const out = through(when('on', mean({ window: '200ms', channels: ['flow'] })), [input])
    expect(out.flatMap((block) => Array.from(block.values))).toEqual([0.5, 6.5, 8.5])
    expect(out.map((block) => [Number(timeNs(block) - input.time.start) / 1e6, block.gap])).toEqual([
      [200, undefined],
      [800, { scans: 2, cause: 'shed' }]
    ])
  })

  it('leaves channels that are changed in place as they are while off', () => {
    const input = flagged([0, 0, 1, 1])
    const out = through(when('on', scale({ channels: { flow: { factor: 10 } } })), [input])
    expect(out.flatMap((block) => Array.from(column(block, 'flow')))).toEqual([0, 1, 20, 30])
  })

  it('says what it waits for, and lets the inner operator be told to learn anew', () => {
    const kernel = when('on', counter('hold'), { settle: '2s' }).kernel(blocks[0]!.stream)
    expect(kernel.progress?.()).toBe('waiting for on')
    kernel.process(flagged(new Array(13).fill(1)))
    expect(kernel.progress?.()).toBe('on is on, settling 1 of 2 s')
    const late = flagged(new Array(13).fill(1))
    kernel.process({ ...late, time: { ...late.time, start: late.time.start + 1_300_000_000n } })
    expect(kernel.progress?.()).toBe('learning 6')
    kernel.relearn?.()
    expect(kernel.progress?.()).toBe('learning 0')
  })

  it('continues from a snapshot taken while it settles', () => {
    const make = (): Kernel => when('on', counter('hold'), { settle: '300ms' }).kernel(blocks[0]!.stream)
    const input = flagged([1, 1, 1, 1, 0, 1, 1, 1, 1, 1])
    const [one, two] = [make(), make()]
    one.process(sliceBlock(input, 0, 7))
    two.restore?.(structuredClone(one.snapshot?.()))
    expect(counts(two.process(sliceBlock(input, 7)))).toEqual([none, 2, 3])
    expect(() => two.restore?.({ kind: 'z-score', version: 1 })).toThrow(/it is of 'z-score'/)
  })

  it('refuses wrong arguments, and a stream without the flag', () => {
    expect(() => when('', counter('hold'))).toThrow(/flag must be the name/)
    expect(() => when('on', (() => {}) as never)).toThrow(/needs an operator/)
    expect(() => when('on', counter('hold'), { settle: 5 as never })).toThrow(/when: settle must be a span of time/)
    const later = asyncOperator({
      id: 'later',
      kernel: (stream) => ({ output: stream, process: async (block) => block })
    })
    expect(() => when('on', later)).toThrow("'later' is asynchronous")
    expect(() => when('running', counter('hold')).kernel(blocks[0]!.stream)).toThrow(
      /no channel 'running'; it has: on, flow/
    )
    expect(when('on', counter('hold')).needs).toEqual(['on', 'flow'])
  })
})
