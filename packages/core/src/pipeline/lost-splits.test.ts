import { describe, expect, it } from 'vitest'
import { pipeline, type Run } from '../index.ts'
import type { Batch, Positions, Source, Splits } from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { batchOf, ManualSink, scans, until } from './fixtures/test-doubles.ts'

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
