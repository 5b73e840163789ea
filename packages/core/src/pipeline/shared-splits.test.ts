import { describe, expect, it } from 'vitest'
import { pipeline, type Run } from '../index.ts'
import { type CheckpointClaim, StorageError, type TakeListener } from '../model/index.ts'
import { type MemoryCheckpoints, memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { type Member, member, sums } from './fixtures/group-member.ts'
import { batchOf, collecting, listed, scans, until, valuesOf } from './fixtures/test-doubles.ts'

interface Worker extends Member {
  readonly run: Run
  readonly sums: () => number[]
  /** Resolves when so many sums are stored. */
  reached(count: number): Promise<void>
}

/** One of several processes that run the same pipeline. */
async function worker(store: MemoryCheckpoints): Promise<Worker> {
  const group = member()
  const sink = collecting()
  const run = pipeline('p')
    .from(group.source)
    .pipe(sums)
    .to(sink, { batch: { items: 1 } })
    .start({ checkpoint: { store, every: '1h' } })
  await until(() => group.splits() !== undefined)
  const reached = (count: number): Promise<void> => until(() => sink.blocks.length === count)
  return Object.assign(group, { run, sums: () => valuesOf(sink.blocks), reached })
}

describe('a split that moves from process to process', () => {
  it('takes its state along when it is handed over', async () => {
    const store = memoryCheckpoints({ shared: true })
    const [first, second] = [await worker(store), await worker(store)]
    expect(await first.splits().assigned('one')).toBeUndefined()
    first.give(1, 2)
    await first.reached(2)
    await first.splits().revoked('one', 10_000)
    expect(first.commits).toEqual([{ one: 2 }])
    expect(await second.splits().assigned('one')).toBe(2)
    second.give(3)
    await second.reached(1)
    await second.splits().revoked('one', 10_000)
    expect(await first.splits().assigned('one')).toBe(3) // not where this process had left it
    first.give(4)
    await first.reached(3)
    await Promise.all([first.run.stop(), second.run.stop()])
    expect([first.sums(), second.sums()]).toEqual([[1, 3, 10], [6]])
  })

  it('goes on from the last checkpoint where its process is gone, whatever that saves late', async () => {
    const store = memoryCheckpoints({ shared: true })
    const [first, second] = [await worker(store), await worker(store)]
    await first.splits().assigned('one')
    first.give(1)
    await first.reached(1)
    await first.run.checkpoint()
    first.give(2)
    await first.reached(2)
    expect(await second.splits().assigned('one')).toBe(1)
    await first.run.checkpoint() // it does not know yet that it has lost the split
    second.give(2)
    await second.reached(1)
    await second.run.stop()
    expect(store.saved('p').map(({ splits }) => splits.map(({ at }) => at))).toEqual([[2]])
    expect(second.sums()).toEqual([3])
    expect(first.commits).toEqual([{ one: 1 }]) // now it knows: what it has is nobody's
    first.give(3)
    expect(await first.splits().assigned('one')).toBe(2)
    first.give(3)
    await first.reached(3)
    await first.run.stop()
    expect(first.sums()).toEqual([1, 3, 6])
  })

  it('keeps what this process did since the last checkpoint where no other had it meanwhile', async () => {
    const store = memoryCheckpoints({ shared: true })
    const only = await worker(store)
    await only.splits().assigned('one')
    only.give(1, 2)
    await only.reached(2)
    expect(await only.splits().assigned('one')).toBe(2) // as a source that reads again asks
    only.give(3)
    await only.reached(3)
    await only.run.stop()
    expect(only.sums()).toEqual([1, 3, 6])
  })

  it('is forgotten where another had it meanwhile, though nobody said so', async () => {
    const store = memoryCheckpoints({ shared: true })
    const [first, second] = [await worker(store), await worker(store)]
    await first.splits().assigned('one')
    first.give(1, 2)
    await first.reached(2)
    await first.run.checkpoint()
    await second.splits().assigned('one')
    second.give(3)
    await second.reached(1)
    await second.run.stop()
    expect(await first.splits().assigned('one')).toBe(3)
    first.give(4)
    await first.reached(3)
    await first.run.stop()
    expect(first.sums()).toEqual([1, 3, 10])
  })

  it('waits for a store that is away', async () => {
    const store = memoryCheckpoints({ shared: true })
    const only = await worker(store)
    store.failNext(new StorageError('checkpoints', 'the broker is away', true))
    expect(await only.splits().assigned('one')).toBeUndefined()
    await only.run.stop()
  })

  it('says that its state is being read', async () => {
    const store = memoryCheckpoints({ shared: true })
    const only = await worker(store)
    const said: (string | undefined)[] = []
    only.run.status$.subscribe(({ components }) => {
      said.push(components.checkpoints?.why)
    })
    await only.splits().assigned('one')
    expect(said).toContain('reading the state of split one: 100 %')
    await only.run.stop()
  })
})

describe('a split that moves while the store is asked', () => {
  it.each(['lost', 'revoked'])('is not read when it was %s meanwhile', async (how) => {
    const store = memoryCheckpoints({ shared: true })
    const only = await worker(store)
    const release = store.hold()
    const assigned = only.splits().assigned('one')
    if (how === 'lost') only.splits().lost('one')
    else await only.splits().revoked('one', 100)
    release()
    expect(await assigned).toBeUndefined()
    only.give(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await only.run.stop()
    expect([only.sums(), only.commits, store.saved('p')]).toEqual([[], [], []])
  })

  it('is not dropped by what an earlier take has to say late', async () => {
    const tells: TakeListener[] = []
    const store = memoryCheckpoints({ shared: true })
    const told: MemoryCheckpoints = Object.assign(Object.create(store) as MemoryCheckpoints, {
      claim: async (pipeline: string): Promise<CheckpointClaim> => {
        const claim = await store.claim(pipeline)
        const take: NonNullable<CheckpointClaim['take']> = (source, split, tell) => {
          tells.push(tell)
          return claim.take!(source, split, tell)
        }
        return Object.assign({}, claim, { take })
      }
    })
    const only = await worker(told)
    await only.splits().assigned('one')
    only.give(1)
    await only.reached(1)
    await only.splits().assigned('one')
    tells[0]?.fenced()
    only.give(2)
    await only.reached(2)
    await only.run.stop()
    expect(only.sums()).toEqual([1, 3])
  })

  it('is not overwritten by a save that was tried again when it had come back', async () => {
    const store = memoryCheckpoints({ shared: true })
    const [first, second] = [await worker(store), await worker(store)]
    await first.splits().assigned('one')
    first.give(1)
    await first.reached(1)
    store.failNext(new StorageError('checkpoints', 'away', true))
    const saving = first.run.checkpoint() // waits for the next try
    await new Promise((resolve) => setTimeout(resolve, 5))
    first.splits().lost('one')
    await second.splits().assigned('one')
    second.give(1, 2, 3)
    await second.reached(3)
    await second.run.checkpoint()
    second.splits().lost('one')
    expect(await first.splits().assigned('one')).toBe(3)
    await saving
    expect(store.saved('p').map(({ splits }) => splits[0]?.at)).toEqual([3])
    await Promise.all([first.run.stop(), second.run.stop()])
  })
})

it('a source that does not ask for its splits is refused: nobody would give it their state', async () => {
  const store = memoryCheckpoints({ shared: true })
  const run = pipeline('p')
    .from(listed([batchOf(scans(1, [1]), 'one')]))
    .pipe(sums)
    .to(collecting())
    .start({ checkpoint: { store } })
  await expect(run.done).rejects.toThrow(/source .* does not say which splits are given to this process: keep its/)
})

it('operators that have changed are refused when the split is taken, or start afresh', async () => {
  const store = memoryCheckpoints({ shared: true })
  const first = await worker(store)
  await first.splits().assigned('one')
  first.give(1)
  await first.reached(1)
  await first.run.stop()
  const start = (onMismatch: 'refuse' | 'startAfresh') => {
    const group = member()
    const run = pipeline('p').from(group.source).to(collecting()).start({ checkpoint: { store, onMismatch } })
    return { group, run }
  }
  const refused = start('refuse')
  const failed = expect(refused.run.done).rejects.toMatchObject({ code: 'SNAPSHOT_INCOMPATIBLE' })
  await until(() => refused.group.splits() !== undefined)
  await expect(refused.group.splits().assigned('one')).rejects.toThrow("'0 sums' is gone")
  await failed
  const afresh = start('startAfresh')
  await until(() => afresh.group.splits() !== undefined)
  expect(await afresh.group.splits().assigned('one')).toBe(1)
  await afresh.run.stop()
})
