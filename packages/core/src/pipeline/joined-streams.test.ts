import { describe, expect, it } from 'vitest'
import { align, asyncOperator, mean, type Operator, pipeline, pushSource, threshold, toEvents } from '../index.ts'
import { type Block, blockOf, type MeasurementEvent, type Source, type Splits, timeOf } from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { member } from './fixtures/group-member.ts'
import { collecting, until, valuesOf } from './fixtures/test-doubles.ts'

interface Reel extends Source<'x'> {
  /** Lets it give so many batches in all. */
  upTo(count: number): void
  end(): void
}

/** A log of blocks that is read from a position and goes on when told to. */
function reel(id: string, blocks: readonly Block<'x'>[], more: Partial<Source> = {}): Reel {
  let limit = 0
  let wake = (): void => {}
  let hasEnded = false
  const go = (): void => wake()
  const moved = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
    })
  const source: Source<'x'> = {
    id,
    replay: 'position',
    async *read({ from, signal }) {
      signal.addEventListener('abort', go, { once: true })
      for (let i = (from[id] ?? -1) + 1; ; i += 1) {
        while (i >= limit && !signal.aborted && !hasEnded) await moved()
        if (signal.aborted || i >= limit) return
        yield { split: id, position: i, blocks: [blocks[i] as Block<'x'>] }
      }
    }
  }
  const upTo = (count: number): void => {
    limit = Math.min(count, blocks.length)
    go()
  }
  const end = (): void => {
    upTo(blocks.length)
    hasEnded = true
    go()
  }
  return Object.assign({}, source, more, { upTo, end })
}

/** So many blocks of three scans each. */
function blocksOf(id: string, rate: number, count: number): Block<'x'>[] {
  return Array.from({ length: count }, (_, i) => {
    const values = [0, 1, 2].map((k) => Math.sin(i * 3 + k))
    const block = blockOf({ stream: id, channels: { x: 'V' }, rate, start: 1000 + (3000 * i) / rate }, { x: values })
    return { ...block, origin: { split: id, position: i } }
  })
}

const pair = { a: { x: 'V' }, b: { x: 'V' } } as const
const both = (more: { readonly coPartitioned?: boolean } = {}): Operator<never, 'a.x' | 'b.x', 'replace'> =>
  align({ as: 'j', streams: pair, rate: 20, method: 'linear', maxGap: '1s', ...more })
const smooth = mean({ window: '200ms', channels: ['a.x', 'b.x'] })

function rowsOf(blocks: readonly Block[]): [string, ...number[]][] {
  return blocks.flatMap(({ stream, origin, time, length, values }) =>
    Array.from({ length }, (_, i): [string, ...number[]] => {
      const at = timeOf({ stream, origin, time, length, values }, i)
      return [`${stream.id} ${at}`, ...stream.channels.map((_, c) => values[c * length + i] as number)]
    })
  )
}

const logs = { a: blocksOf('a', 30, 40), b: blocksOf('b', 7, 10) }
const quick = { batch: { items: 1 } } as const

describe('joined streams', () => {
  it('of two sources go on from a checkpoint with the same rows, and so does what stands behind', async () => {
    const whole = collecting()
    const [a, b] = [reel('a', logs.a), reel('b', logs.b)]
    const through = pipeline('p').from(a, b).pipe(both(), smooth).to(whole, quick).start()
    a.end()
    b.end()
    await through.done
    const expected = new Map(rowsOf(whole.blocks).map(([key, ...values]) => [key, values]))
    expect(expected.size).toBeGreaterThan(15)
    for (const [saved, lost] of [
      [
        [3, 1],
        [5, 1]
      ],
      [
        [0, 2],
        [9, 2]
      ],
      [
        [7, 0],
        [7, 4]
      ],
      [
        [13, 2],
        [22, 5]
      ],
      [
        [31, 8],
        [40, 9]
      ]
    ] as const) {
      const store = memoryCheckpoints()
      const rows = new Map<string, number[]>()
      const keep = (blocks: readonly Block[]): void => {
        for (const [key, ...values] of rowsOf(blocks)) {
          expect(rows.get(key) ?? values, `row ${key} was changed`).toEqual(values)
          rows.set(key, values)
        }
      }
      const begin = () => {
        const [one, two, sink] = [reel('a', logs.a), reel('b', logs.b), collecting()]
        const run = pipeline('p')
          .from(one, two)
          .pipe(both(), smooth)
          .to(sink, quick)
          .start({ checkpoint: { store, every: '1h' } })
        const read = (): number => run.metrics.batches
        return { one, two, sink, run, read }
      }
      const first = begin()
      first.one.upTo(saved[0])
      first.two.upTo(saved[1])
      await until(() => first.read() === saved[0] + saved[1])
      first.run.done.catch(() => {}) // it is fenced
      await first.run.checkpoint()
      first.one.upTo(lost[0])
      first.two.upTo(lost[1])
      await until(() => first.read() === lost[0] + lost[1])
      const second = begin() // as after a crash: it takes over
      second.one.end()
      second.two.end()
      await second.run.done
      await first.run.stop().catch(() => {})
      keep(first.sink.blocks)
      keep(second.sink.blocks)
      expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected))
    }
  })

  it('give the rest when all sources have ended, also where one of them had nothing', async () => {
    const [sink, empty] = [collecting(), pushSource({ stream: 'b', channels: { y: 'V' } })]
    const a = reel('a', logs.a.slice(0, 2))
    const run = pipeline('p').from(a, empty).pipe(both(), smooth).to(sink, quick).start()
    a.end()
    await until(() => run.metrics.batches === 2)
    expect(sink.blocks).toEqual([])
    empty.end()
    await run.done
    expect(rowsOf(sink.blocks).map(([, , other]) => other)).toEqual([Number.NaN])
  })

  it('are joined once more behind that', async () => {
    const sink = collecting()
    const [a, b, c] = [reel('a', logs.a), reel('b', logs.b), reel('c', blocksOf('c', 11, 12))]
    const options = { rate: 20, method: 'previous', maxGap: '10s' } as const
    const second = align({ as: 'k', streams: { j: { 'a.x': 'V', 'b.x': 'V' }, c: { x: 'V' } }, ...options })
    const run = pipeline('p')
      .from(a, b, c)
      .pipe(align({ as: 'j', streams: pair, ...options }), second)
      .to(sink, quick)
      .start()
    for (const source of [a, b, c]) source.end()
    await run.done
    const rows = rowsOf(sink.blocks)
    expect(sink.blocks.at(-1)?.stream.channels.map(({ name }) => name)).toEqual(['j.a.x', 'j.b.x', 'c.x'])
    // up to the last scan of the longest, at 1000 + 29 / 7 s
    expect([rows[0]?.[0], rows.at(-1)?.[0], rows.length]).toEqual(['k 1000', 'k 5100', 83])
  })

  it('keep what they have at a stop', async () => {
    const [sink, store] = [collecting(), memoryCheckpoints()]
    const [a, b] = [reel('a', logs.a), reel('b', logs.b)]
    const run = pipeline('p').from(a, b).pipe(both()).to(sink, quick).start({ checkpoint: { store } })
    a.upTo(2)
    await until(() => run.metrics.batches === 2)
    await run.stop()
    expect(sink.blocks).toEqual([])
    const lanes =
      store
        .saved('p')
        .at(-1)
        ?.splits.flatMap((split) => split.lanes) ?? []
    expect(lanes.map(({ stream, steps }) => [stream.id, steps.length])).toEqual([['a', 1]])
  })

  it('give no row twice after a crash, also where what was joined was forgotten as idle before the checkpoint', async () => {
    const [sink, store] = [collecting(), memoryCheckpoints()]
    const at = (id: string, ...ms: number[]): Block<'x'>[] =>
      ms.map((start) => blockOf({ stream: id, channels: { x: 'V' }, rate: 1, start }, { x: [start] }))
    // the others need a place for their state, and what was joined has been idle longest by then
    const before = [
      ...at('a', 1000),
      ...at('b', 1000, 1300),
      ...at('a', 1060),
      ...at('b', 1310),
      ...at('a', 1070),
      ...at('c', 0),
      ...at('d', 0)
    ]
    const blocks = [...before, ...at('b', 1320), ...at('a', 1160, 1260)]
    const saved = before.length
    const begin = () => {
      const source = reel('one', blocks)
      const run = pipeline('p')
        .from(source)
        .pipe(both())
        .to(sink, quick)
        .start({ streams: 4, checkpoint: { store, every: '1h' } })
      return { source, run }
    }
    const first = begin()
    first.run.done.catch(() => {}) // it is fenced
    first.source.upTo(saved)
    await until(() => first.run.metrics.batches === saved)
    await first.run.checkpoint()
    const held = store
      .saved('p')
      .flatMap(({ splits }) => splits.flatMap(({ lanes }) => lanes.map((lane) => lane.stream.id)))
    expect(held).toEqual(['a', 'b', 'c', 'd'])
    const second = begin()
    second.source.end()
    await second.run.done
    await first.run.stop().catch(() => {})
    const given = [1000, 1050, 1100, 1150, 1200, 1250].map((ms) => [`j ${ms}`, ms, ms])
    expect(rowsOf(sink.blocks)).toEqual([...given, ['j 1300', Number.NaN, 1300]])
  })

  it('tell of what came too late, in the events, the metrics and the status', async () => {
    const events: MeasurementEvent[] = []
    const sink = collecting()
    const rising = pushSource({ stream: 'a', channels: { x: 'V' } })
    const slow = pushSource({ stream: 'b', channels: { x: 'V' } })
    const joining = align({ as: 'j', streams: pair, rate: 10, method: 'previous', maxGap: '1s', buffer: 4 })
    const run = pipeline('p')
      .from(rising, slow)
      .pipe(joining, threshold({ of: 'a.x', raise: 100 }))
      .to(sink, quick)
      .events(toEvents({ of: 'a.x' }), {
        write: async (items) => void events.push(...(items as MeasurementEvent[]))
      })
      .start()
    for (let i = 0; i < 10; i += 1) rising.push({ x: i }, 1000 + 100 * i)
    await until(() => sink.blocks.length > 0)
    slow.push({ x: 1 }, 1100)
    slow.push({ x: 2 }, 1850)
    rising.end()
    slow.end()
    await run.done
    expect(events.map(({ kind, rule, stream, data }) => [kind, rule, stream, data])).toEqual([
      ['notice', 'gap', 'b', { scans: 1, cause: 'late' }]
    ])
    expect([run.metrics.gaps, run.metrics.missingScans]).toEqual([1, 1])
  })
})

describe('a source that hands its splits over', () => {
  const handing = (id: string): Source<'x'> => reel(id, [], { handsOver: true })

  it('is refused with joined streams of several splits, at the start', () => {
    const flow = pipeline('p').from(handing('kafka:g')).pipe(both(), smooth).to(collecting())
    expect(() => flow.start()).toThrow(
      new RangeError(
        'pipeline p: align joins streams of several splits, but source kafka:g shares its splits out among processes, and one that takes a split over has not the other streams: give their messages one key and say align({ coPartitioned: true }), or join them in a second pipeline, whose source is read by one process'
      )
    )
    const branched = pipeline('p')
      .from(reel('a', []), handing('kafka:g'))
      .branch((flow) => flow.pipe(smooth as never, both() as never))
    expect(() => branched.start()).toThrow(/^pipeline p: align joins streams of several splits, but source kafka:g/)
  })

  it('is taken where the streams are said to be co-partitioned, and then alone', async () => {
    const flow = pipeline('p')
      .from(handing('kafka:g'))
      .pipe(both({ coPartitioned: true }))
      .to(collecting())
    await flow.start().stop()
    const two = pipeline('p')
      .from(handing('kafka:g'), reel('a', []))
      .pipe(both({ coPartitioned: true }))
    expect(() => two.start()).toThrow(
      new RangeError(
        'pipeline p: align with coPartitioned joins streams of one split, so all of them come from one source; this pipeline has kafka:g, a'
      )
    )
  })

  it('ends the run where it did not say so, before anything is read', async () => {
    const group = member()
    const run = pipeline('p').from(group.source).pipe(both()).to(collecting()).start()
    const failed = expect(run.done).rejects.toThrow(
      /^pipeline p: align joins streams of several splits, but source group/
    )
    await until(() => group.splits() !== undefined)
    await expect(group.splits().assigned('one')).rejects.toThrow(RangeError)
    await failed
  })

  it('takes what was joined of a split along when that is co-partitioned', async () => {
    const store = memoryCheckpoints({ shared: true })
    const worker = async () => {
      const [group, sink] = [member(), collecting()]
      const joining = align({
        as: 'j',
        streams: { s: { a: 'V' } },
        rate: 1000,
        method: 'previous',
        maxGap: '1s',
        coPartitioned: true
      })
      const total = mean({ window: { scans: 2 }, channels: ['s.a'] })
      const run = pipeline('p')
        .from(group.source)
        .pipe(joining, total)
        .to(sink, quick)
        .start({ checkpoint: { store, every: '1h' } })
      await until(() => group.splits() !== undefined)
      return { ...group, run, sink }
    }
    const [first, second] = [await worker(), await worker()]
    await first.splits().assigned('one')
    first.give(2, 3, 4, 5)
    await until(() => first.run.metrics.batches === 4)
    await first.splits().revoked('one', 10_000)
    expect(await second.splits().assigned('one')).toBe(5)
    second.give(6, 7)
    await until(() => second.run.metrics.batches === 2)
    await second.splits().revoked('one', 10_000)
    expect(await first.splits().assigned('one')).toBe(7)
    first.give(8, 9)
    await until(() => first.run.metrics.batches === 6)
    await Promise.all([first.run.stop(), second.run.stop()])
    const means = [first.sink, second.sink].map(({ blocks }) => blocks.flatMap(({ values }) => [...values]))
    expect(means).toEqual([[2.5, 6.5], [4.5]])
  })

  it('forgets what was joined of a split that is lost', async () => {
    const [group, sink] = [member(), collecting()]
    const joining = align({
      as: 'j',
      streams: { s: { a: 'V' } },
      rate: 1000,
      method: 'previous',
      maxGap: '1s',
      coPartitioned: true
    })
    const run = pipeline('p').from(group.source).pipe(joining).to(sink, quick).start()
    await until(() => group.splits() !== undefined)
    for (const count of [1, 2]) {
      await group.splits().assigned('one')
      group.give(2, 3)
      await until(() => run.metrics.batches === 2 * count)
      group.splits().lost('one')
    }
    await run.stop()
    expect(sink.blocks.map(({ origin, values }) => [origin.split, ...values])).toEqual([
      ['one', 2],
      ['one', 2]
    ])
  })

  it.each([
    ['lost', async (splits: Splits) => splits.lost('one')],
    ['revoked, and longer than its deadline', (splits: Splits) => splits.revoked('one', 1)]
  ])('drops results for a split that was %s while they were worked on', async (_, leave) => {
    const [group, sink] = [member(), collecting()]
    const results: (() => void)[] = []
    const slow = asyncOperator({
      id: 'slow',
      concurrency: 2,
      kernel: (output) => ({
        output,
        process: (block) => new Promise<Block>((resolve) => results.push(() => resolve(block)))
      })
    })
    const joining = align({
      as: 'j',
      streams: { s: { a: 'V' } },
      rate: 1000,
      method: 'previous',
      maxGap: '1s',
      coPartitioned: true
    })
    const run = pipeline('p').from(group.source).pipe(slow, joining).to(sink, quick).start()
    await until(() => group.splits() !== undefined)
    const answered = async (...positions: number[]): Promise<void> => {
      for (const answer of results.splice(0)) answer()
      await new Promise((resolve) => setTimeout(resolve, 5))
      group.give(...positions)
      await until(() => results.length === positions.length)
    }
    await group.splits().assigned('one')
    await answered(2, 3)
    await leave(group.splits())
    await group.splits().assigned('one')
    await answered(2, 3)
    await answered(4)
    await answered()
    await run.stop()
    expect(valuesOf(sink.blocks)).toEqual([2, 3])
    expect(run.metrics.rejected).toBe(0)
  })
})
