import { describe, expect, it } from 'vitest'
import { asyncOperator, pipeline, type Run } from '../index.ts'
import { type Batch, type Block, NotConnectedError, type Positions, type Source, type Splits } from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { type Member, member, sums } from './fixtures/group-member.ts'
import { batchOf, collecting, ManualSink, scans, until, valuesOf } from './fixtures/test-doubles.ts'

interface Group {
  readonly source: Source<'a'>
  readonly commits: Positions[]
  splits(): Splits
  end(): void
}

/** A member of a consumer group: hands over these batches, then waits. */
function group(batches: readonly Batch<'a'>[]): Group {
  const commits: Positions[] = []
  let splits: Splits | undefined
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const source: Source<'a'> = {
    id: 'group',
    replay: 'position',
    async *read(options) {
      splits = options.splits
      yield* batches
      await ended
    },
    commit: async (at) => void commits.push(at)
  }
  return { source, commits, splits: () => splits as Splits, end: () => end() }
}

/** Ends writes, those of the run's end too, until the run is over. */
async function drained(run: Run, sink: ManualSink): Promise<void> {
  let isOver = false
  const over = run.done.then(() => {
    isOver = true
  })
  while (!isOver) {
    sink.pending.shift()?.done()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await over
}

const ofOne = batchOf(scans(1, [1]), 'one')
const ofTwo = batchOf(scans(2, [2], 't'), 'two')

describe('what becomes durable after a split was given up', () => {
  it('is not committed where it was lost', async () => {
    const { source, commits, splits, end } = group([ofOne, ofTwo])
    const sink = new ManualSink()
    const run = pipeline('p').from(source).to(sink).start()
    await until(() => sink.pending.length > 0)
    splits().lost('one')
    end()
    await drained(run, sink)
    expect(commits).toEqual([{ two: 2 }])
  })

  it('is not committed where the deadline of a revocation has passed', async () => {
    const { source, commits, splits, end } = group([ofOne, ofTwo])
    const sink = new ManualSink()
    const run = pipeline('p').from(source).to(sink).start()
    await until(() => sink.pending.length > 0)
    await splits().revoked('one', 1)
    end()
    await drained(run, sink)
    expect(commits).toEqual([{ two: 2 }])
  })

  it('is in no checkpoint that was captured before and saved afterwards', async () => {
    const store = memoryCheckpoints()
    const { source, commits, splits, end } = group([ofOne, ofTwo])
    const sink = new ManualSink()
    const run = pipeline('p')
      .from(source)
      .to(sink)
      .start({ checkpoint: { store, every: '1h' } })
    await until(() => sink.pending.length > 0)
    const saving = run.checkpoint()
    await new Promise((resolve) => setTimeout(resolve, 5)) // it is captured, and waits for the sink
    splits().lost('one')
    sink.pending.shift()?.done()
    await saving
    expect(store.saved('p').map((saved) => saved.splits.map(({ split }) => split))).toEqual([['two']])
    end()
    await drained(run, sink)
    expect(commits).toEqual([{ two: 2 }])
  })
})

describe('a split that is given back', () => {
  const start = (from: Member, store = memoryCheckpoints(), sink = collecting()) => {
    const flow = pipeline('p')
      .from(from.source)
      .pipe(sums)
      .to(sink, { batch: { items: 1 } })
    return { run: flow.start({ checkpoint: { store, every: '1h' } }), sink, store }
  }

  it('goes on with its state, from where the last checkpoint had it', async () => {
    const group = member()
    const { run, sink } = start(group)
    await until(() => group.splits() !== undefined)
    expect(await group.splits().assigned('one')).toBeUndefined()
    group.give(1, 2)
    await until(() => sink.blocks.length === 2)
    await group.splits().revoked('one', 10_000)
    expect(group.commits).toEqual([{ one: 2 }])
    expect(await group.splits().assigned('one')).toBe(2)
    group.give(3)
    await until(() => sink.blocks.length === 3)
    group.splits().lost('one') // 3 was in no checkpoint: it is read again
    expect(await group.splits().assigned('one')).toBe(2)
    group.give(3, 4)
    await until(() => sink.blocks.length === 5)
    expect(valuesOf(sink.blocks)).toEqual([1, 3, 6, 6, 10])
    await run.stop()
    expect(group.commits.at(-1)).toEqual({ one: 4 })
  })

  it('after a restart goes on with its state, also where a checkpoint was taken before it was assigned', async () => {
    const store = memoryCheckpoints()
    const before = member()
    const first = start(before, store)
    await until(() => before.splits() !== undefined)
    await before.splits().assigned('one')
    before.give(1, 2)
    await until(() => first.sink.blocks.length === 2)
    await first.run.stop()
    const after = member()
    const second = start(after, store)
    await until(() => after.splits() !== undefined)
    await second.run.checkpoint() // the group takes its time
    expect(await after.splits().assigned('one')).toBe(2)
    after.splits().lost('one') // before anything was saved
    expect(await after.splits().assigned('one')).toBe(2)
    after.give(3)
    await until(() => second.sink.blocks.length === 1)
    expect(valuesOf(second.sink.blocks)).toEqual([6])
    await second.run.stop()
  })

  it('is not read by one that was taken over: its state is with the other', async () => {
    const group = member()
    const { run, store } = start(group)
    const failed = expect(run.done).rejects.toMatchObject({ code: 'FENCED' })
    await until(() => group.splits() !== undefined)
    await store.claim('p')
    await expect(group.splits().assigned('one')).rejects.toMatchObject({ code: 'FENCED' })
    await failed
  })

  it('and so it does over a restart, also where it was away when that was saved', async () => {
    const store = memoryCheckpoints()
    const before = member()
    const first = start(before, store)
    await until(() => before.splits() !== undefined)
    await before.splits().assigned('one')
    await before.splits().assigned('two')
    before.give(1, 2)
    await until(() => first.sink.blocks.length === 2)
    await before.splits().revoked('one', 10_000)
    before.giveOther(9)
    await until(() => first.sink.blocks.length === 3)
    await first.run.checkpoint()
    await first.run.stop()
    const after = member()
    const second = start(after, store)
    await until(() => after.splits() !== undefined)
    await after.splits().assigned('two')
    await second.run.checkpoint()
    expect(after.commits).toEqual([{ two: 9 }]) // the other one may be someone else's
    expect(await after.splits().assigned('one')).toBe(2)
    after.give(3)
    await until(() => second.sink.blocks.length === 1)
    await second.run.stop()
    expect(valuesOf(second.sink.blocks)).toEqual([6])
    expect(after.commits).toEqual([{ two: 9 }, { one: 3 }])
  })

  it("is not read while it is someone else's, nor is its commit repeated", async () => {
    const group = member()
    const { run, sink } = start(group)
    await until(() => group.splits() !== undefined)
    await group.splits().assigned('one')
    const fail = group.holdCommits()
    group.give(1)
    await until(() => sink.blocks.length === 1)
    void run.checkpoint()
    await until(() => group.commits.length === 1)
    group.splits().lost('one')
    fail(new NotConnectedError('tcp://plant'))
    group.give(2) // it was on its way
    await new Promise((resolve) => setTimeout(resolve, 300)) // longer than the wait of a failed commit
    expect([group.commits, valuesOf(sink.blocks)]).toEqual([[{ one: 1 }], [1]])
    await run.stop()
  })

  it('drops what was pulled before and waited for a checkpoint', async () => {
    const group = member()
    const results: (() => void)[] = []
    const slow = asyncOperator({
      id: 'slow',
      concurrency: 2,
      kernel: (output) => ({
        output,
        process: (block) => new Promise<Block>((resolve) => results.push(() => resolve(block)))
      })
    })
    const sink = collecting()
    const run = pipeline('p')
      .from(group.source)
      .pipe(sums)
      .pipe(slow)
      .to(sink, { batch: { items: 1 } })
      .start({ checkpoint: { store: memoryCheckpoints(), every: '1h' } })
    await until(() => group.splits() !== undefined)
    await group.splits().assigned('one')
    group.give(1)
    await until(() => results.length === 1)
    void run.checkpoint() // no turn begins until the operator is idle
    group.give(2)
    await new Promise((resolve) => setTimeout(resolve, 5))
    group.splits().lost('one')
    expect(await group.splits().assigned('one')).toBeUndefined()
    results.shift()?.()
    await until(() => sink.blocks.length === 1)
    for (const position of [1, 2]) {
      group.give(position)
      await until(() => results.length === 1)
      results.shift()?.()
      await until(() => sink.blocks.length === position + 1)
    }
    expect(valuesOf(sink.blocks)).toEqual([1, 1, 3])
    await run.stop()
  })
})
