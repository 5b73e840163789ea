// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KernelCell } from '../kernels/kernel-cell.ts'
import type { Block } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { fromText } from '../model/from-text.ts'
import type { Emission } from '../model/kernel.ts'
import { limits } from '../model/limits.ts'
import { defineStream, type Stream } from '../model/stream.ts'
import { toText } from '../model/text.ts'
import type { EventOperator } from '../rx/event-operator.ts'
import { arbitraryBlocks } from '../testing/arbitrary-blocks.ts'
import { blockText } from '../testing/block-text.ts'
import type { AnyOperator } from '../testing/operator-checks.ts'
import { convert } from './convert.ts'
import { derive } from './derive.ts'
import { detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { fitted } from './fixtures/models.ts'
import { mean } from './mean.ts'
import { minMax } from './min-max.ts'
import { peakToPeak } from './peak-to-peak.ts'
import { phaseUnbalance } from './phase-unbalance.ts'
import { rename } from './rename.ts'
import { rms } from './rms.ts'
import { scale } from './scale.ts'
import { select } from './select.ts'
import { sequenceComponents } from './sequence-components.ts'
import { standardDeviation } from './standard-deviation.ts'
import { threshold } from './threshold.ts'
import { toEvents } from './to-events.ts'
import { when } from './when.ts'

const channels = [
  { name: 'a', unit: 'V' },
  { name: 'b', unit: 'V' },
  { name: 'c', unit: 'V' },
  { name: 'running', unit: '1', role: 'flag' }
] as const
const even = defineStream({ id: 'pump-1', channels, rate: 100 })
const uneven = defineStream({ id: 'pump-2', channels })

/** Small whole numbers, so that limits are met and medians tie; the flag is on more often than not. */
function small(block: Block): Block {
  const flags = 3 * block.length
  const values = block.values.map((value, i) =>
    i < flags ? Math.round(value) % 7 : Number(Math.abs(value) % 13 > 0.5)
  )
  return { ...block, values }
}

const blocksOf = (stream: Stream, axis: 'uniform' | 'events'): fc.Arbitrary<readonly Block[]> =>
  arbitraryBlocks({ stream, axis, values: 'finite', maxBlocks: 20 }).map((blocks) => blocks.map(small))

interface Lane {
  process(block: Block): readonly string[]
  flush(): readonly string[]
  snapshot(): unknown
  restore(state: never): void
}

/** All of a block, to the bit; which of its NaNs an engine takes for NaN is up to it. */
function textOf(block: Block): string {
  return blockText({ ...block, values: block.values.map((value) => (Number.isNaN(value) ? Number.NaN : value)) })
}

function textsOf(emission: Emission): readonly string[] {
  const blocks: readonly Block[] =
    emission === undefined ? [] : Array.isArray(emission) ? emission : [emission as Block]
  return blocks.map(textOf)
}

function laneOf(operator: AnyOperator, stream: Stream): Lane {
  const cell = new KernelCell(operator, stream)
  return {
    process: (block) => textsOf(cell.process(block)),
    flush: () => textsOf(cell.flush()),
    snapshot: () => cell.snapshot(),
    restore: (state) => cell.restore(state)
  }
}

/** The kernel of events behind that of blocks. */
function eventLane(operator: AnyOperator, events: EventOperator, stream: Stream): Lane {
  const cell = new KernelCell(operator, stream)
  const last = events.kernel(cell.kernel.output)
  const eventsOf = (emission: Emission): readonly string[] => {
    const blocks = emission === undefined ? [] : Array.isArray(emission) ? emission : [emission]
    return (blocks as readonly Block[]).flatMap((block) => last.process(block)).map((event) => toText(event))
  }
  return {
    process: (block) => eventsOf(cell.process(block)),
    flush: () => eventsOf(cell.flush()).concat((last.flush?.() ?? []).map((event) => toText(event))),
    snapshot: () => ({ cell: cell.snapshot(), last: last.snapshot?.() }),
    restore: ({ cell: kept, last: open }: { cell: ReturnType<KernelCell['snapshot']>; last: unknown }) => {
      cell.restore(kept)
      last.restore?.(open)
    }
  }
}

const copies = { structuredClone, text: (state: unknown) => fromText(toText(state)) }

/** Whatever the cut, the outputs are those of a run without one; a snapshot is nobody's but the caller's. */
function survives(lane: () => Lane, blocks: readonly Block[], cut: number): void {
  const through = lane()
  const whole = blocks.map((block) => through.process(block)).concat([through.flush()])
  const left = lane()
  const before = blocks.slice(0, cut).map((block) => left.process(block))
  const state = left.snapshot()
  const text = toText(state)
  for (const copy of Object.values(copies)) {
    const right = lane()
    right.restore(copy(state) as never)
    const after = blocks.slice(cut).map((block) => right.process(block))
    expect(before.concat(after, [right.flush()])).toEqual(whole)
  }
  const second = lane()
  second.restore(state as never)
  for (const block of blocks.slice(cut)) {
    left.process(block)
    second.process(block)
  }
  expect(toText(state)).toBe(text)
}

const phases = ['a', 'b', 'c'] as const
const spans = [{ scans: 1 }, { scans: 7 }, '40ms', '1s'] as const
const bands = { raise: 8, clear: 5, warn: 4, delay: '30ms' } as const

// biome-ignore format: one operator a line
const operators: Readonly<Record<string, () => AnyOperator>> = {
  convert: () => convert({ channels: { a: 'mV' } }),
  derive: () => derive({ as: 'p', unit: 'V', from: ['a', 'b'], value: (a, b) => a * b }),
  rename: () => rename({ a: 'x' }),
  scale: () => scale({ channels: { a: { factor: 2, offset: 1 } } }),
  select: () => select({ channels: ['a', 'c'] }),
  phaseUnbalance: () => phaseUnbalance({ phases, definition: 'max-deviation' }),
  threshold: () => threshold({ of: 'a', raise: 4, clear: 1, delay: '20ms' }),
  'detect always': () => detect(distance(['a', 'b']), { learn: 'always', threshold: bands, explain: 'all' }),
  'detect then freeze': () => detect(distance(['a', 'b']), { learn: { scans: 9 }, then: 'freeze', threshold: bands, explain: 'all' }),
  'detect then adapt': () => detect(distance(['a']), { learn: '70ms', then: 'adapt', threshold: limits({ raise: 3 }), explain: 'raised' }),
  'detect a model': () => detect(fitted(1, ['a', 'b']), { threshold: bands, explain: 'all' }),
  'detect each': () => detect(distance(['a', 'b']), { learn: { scans: 9 }, then: 'adapt', threshold: bands, each: true, deviations: true }),
  'when detect': () => when('running', detect(distance(['a']), { learn: '30ms', threshold: bands }), { settle: '20ms' }),
  'when rms': () => when('running', rms({ window: '40ms', channels: ['a'] }), { settle: '10ms' }),
  'when held rms': () => when('running', rms({ window: { scans: 3 }, channels: ['a'], onGap: 'hold' })),
  'when when': () => when('running', when('b', threshold({ of: 'a', raise: 2, delay: '20ms' }), { settle: '10ms' })),
}

// biome-ignore lint/suspicious/noExplicitAny: one list of operators of many shapes
const windows: Readonly<Record<string, (options: any) => AnyOperator>> = {
  rms,
  mean,
  minMax,
  peakToPeak,
  standardDeviation,
  phaseUnbalance: ({ window, hop, onGap, maxGap }) =>
    phaseUnbalance({ phases, definition: 'max-deviation', window, hop, onGap, maxGap }),
  sequenceComponents: ({ window, hop }) =>
    sequenceComponents({ phases: [...phases] as never, frequency: 10, window, hop } as never)
}

for (const [name, make] of Object.entries(windows)) {
  for (const window of spans) {
    const hops =
      window === spans[1]
        ? [undefined, { scans: 3 }, { scans: 11 }]
        : window === '40ms'
          ? [undefined, '10ms', '90ms']
          : [undefined]
    for (const hop of hops) {
      const options = {
        window,
        ...(hop !== undefined && { hop }),
        ...(name !== 'sequenceComponents' && { channels: ['a', 'b'] })
      }
      const title = `${name} of ${JSON.stringify([window, hop])}`
      Object.assign(operators, {
        [title]: () => make(options),
        [`${title}, holding`]: () => make({ ...options, onGap: 'hold', maxGap: '200ms' })
      })
    }
  }
}

const axes = [
  ['evenly', even, 'uniform'],
  ['at times of its own', even, 'events'],
  ['without a rate', uneven, 'events']
] as const

describe.each(axes)('restarted on a stream that is sampled %s', (_how, stream, axis) => {
  const given = fc.tuple(blocksOf(stream, axis), fc.nat())

  for (const [name, make] of Object.entries(operators)) {
    if (name.startsWith('sequence') && stream.rate === undefined) continue // they need even spacing
    it(`${name} goes on with the same bits`, () => {
      fc.assert(
        fc.property(given, ([blocks, at]) => survives(() => laneOf(make(), stream), blocks, at % (blocks.length + 1))),
        { numRuns: name.startsWith('when') ? 150 : 15 }
      )
    })
  }

  const sources: Readonly<Record<string, () => readonly [AnyOperator, EventOperator]>> = {
    'threshold, high side': () => [threshold({ of: 'a', raise: 3, clear: 1 }), toEvents({ of: 'a' })],
    'threshold, low side': () => [threshold({ of: 'a', raise: -3, clear: 1 }), toEvents({ of: 'a' })],
    detect: () => [detect(distance(['a', 'b']), { learn: 'always', threshold: bands }), toEvents({ model: 'm' })],
    'detect a model': () => [detect(fitted(1, ['a', 'b']), { threshold: bands }), toEvents()]
  }
  for (const [name, make] of Object.entries(sources)) {
    it(`toEvents behind ${name} goes on with the same events and ids`, () => {
      fc.assert(
        fc.property(given, ([blocks, at]) =>
          survives(() => eventLane(...make(), stream), blocks, at % (blocks.length + 1))
        ),
        { numRuns: 80 }
      )
    })
  }
})

it('toEvents knows after a restart from which side a limit was reached', () => {
  const on = threshold({ of: 'a', raise: -3, clear: 1 })
  const before = new KernelCell(on, even)
  const scans = (start: number, a: readonly number[]): Block => {
    const zeros = a.map(() => 0)
    const block = blockOf({ stream: 'x', channels: { a: 'V' }, rate: 100, start }, { a })
    return { ...block, stream: even, values: Float64Array.from([...a, ...zeros, ...zeros, ...zeros]) }
  }
  const left = toEvents({ of: 'a' }).kernel(before.kernel.output)
  const right = toEvents({ of: 'a' }).kernel(before.kernel.output)
  const blocks = [scans(0, [2]), scans(10, [-3, -9, -2, 4])].map((block) => before.process(block) as Block)
  left.process(blocks[0] as Block)
  right.restore?.(fromText(toText(left.snapshot?.())))
  const events = right.process(blocks[1] as Block)
  expect(events).toEqual(left.process(blocks[1] as Block))
  expect(events.at(-1)?.peak).toBe(20)
})
