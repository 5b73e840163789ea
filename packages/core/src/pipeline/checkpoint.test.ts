import { describe, expect, it } from 'vitest'
import { asyncOperator, operator, pipeline, rms } from '../index.ts'
import {
  type Batch,
  type Block,
  type Gap,
  NotConnectedError,
  type Positions,
  type Sink,
  type Source,
  type Splits,
  StorageError,
  withGap
} from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { batchOf, collecting, counted, listed, ManualSink, scans, until, valuesOf } from './fixtures/test-doubles.ts'

/** Adds up all values of a stream; its state is the sum so far. */
const sums = operator({
  id: 'sums',
  onGap: 'hold',
  kernel(stream) {
    let sum = 0
    return {
      output: stream,
      process(block) {
        const values = block.values.map((value) => {
          sum += value
          return sum
        })
        const { length, time, quality, gap, origin } = block
        return { stream, length, values, time, quality, gap, origin }
      },
      snapshot: () => sum,
      restore: (state) => {
        sum = state as number
      }
    }
  }
})

/** A log that is read from a position, and remembers from where it was read. */
function log(count: number): Source<'a'> & { readonly starts: Positions[]; readonly commits: Positions[] } {
  const starts: Positions[] = []
  const commits: Positions[] = []
  return {
    id: 'log',
    replay: 'position',
    starts,
    commits,
    async *read({ from }) {
      starts.push(from)
      for (const batch of counted(count)) if (batch.position > (from.split ?? -1)) yield batch
    },
    commit: async (at) => void commits.push(at)
  }
}

/** A log that goes on when told to. */
function gated(): Source<'a'> & { give(batch: Batch<'a'>): void; end(): void; readonly commits: Positions[] } {
  const queue: (Batch<'a'> | undefined)[] = []
  let wake = (): void => {}
  const commits: Positions[] = []
  const put = (batch: Batch<'a'> | undefined): void => {
    queue.push(batch)
    wake()
  }
  return {
    id: 'gated',
    replay: 'session',
    commits,
    give: put,
    end: () => put(undefined),
    async *read({ signal }) {
      signal.addEventListener('abort', () => wake(), { once: true })
      for (;;) {
        while (queue.length === 0 && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const next = queue.shift()
        if (next === undefined) return
        yield next
      }
    },
    commit: async (at) => void commits.push(at)
  }
}

const quick = { items: 1, age: '1ms' } as const

describe('checkpoints', () => {
  it('1: are captured between turns: not while an asynchronous operator works', async () => {
    const store = memoryCheckpoints()
    let answer = (): void => {}
    const slow = asyncOperator({
      id: 'slow',
      kernel: (stream) => ({
        output: stream,
        process: (block) =>
          new Promise<Block>((resolve) => {
            answer = () => resolve(block)
          })
      })
    })
    const source = gated()
    const sink = collecting()
    const run = pipeline('p')
      .from(source)
      .pipe(slow)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1ms' } })
    source.give(batchOf(scans(0, [1])))
    await new Promise((resolve) => setTimeout(resolve, 20))
    source.give(batchOf(scans(1, [2])))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(store.saved('p')).toEqual([])
    answer()
    await until(() => store.saved('p').length > 0, 'a checkpoint')
    expect(store.saved('p')[0]?.splits.map(({ at }) => at)).toEqual([0])
    await until(() => sink.blocks.length === 1)
    answer()
    source.end()
    await until(() => {
      answer()
      return sink.blocks.length === 2
    })
    await run.done
  })

  it('2: hold positions, ids and copies of the state', async () => {
    const store = memoryCheckpoints()
    const source = gated()
    const run = pipeline('p')
      .from(source)
      .pipe(sums)
      .to(collecting(), { batch: quick })
      .start({ checkpoint: { store, every: '1h' } })
    source.give({ split: 'split', position: 1, blocks: [scans(1, [1, 2])], ids: [77] })
    await until(() => run.metrics.batches === 1)
    await run.checkpoint()
    source.give({ split: 'split', position: 2, blocks: [scans(2, [3])], ids: [78] })
    await until(() => run.metrics.batches === 2)
    const [split] = store.saved('p').at(-1)?.splits ?? []
    expect([split?.source, split?.split, split?.at, Array.from(split?.seen ?? [])]).toEqual(['gated', 'split', 1, [77]])
    expect(split?.lanes[0]?.steps[0]).toMatchObject({ step: '0 sums', version: 1, state: { kernel: 3 } })
    source.end()
    await run.done
  })

  it('3: are saved only when all before is durable', async () => {
    const store = memoryCheckpoints()
    const source = gated()
    const sink = new ManualSink()
    const run = pipeline('p')
      .from(source)
      .pipe(sums)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1ms' } })
    source.give(batchOf(scans(0, [1])))
    await until(() => sink.pending.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(store.saved('p')).toEqual([])
    sink.pending[0]?.done()
    await until(() => store.saved('p').length === 1, 'a checkpoint')
    source.end()
    await run.done
  })

  it('4: come before the commit, and settling alone commits nothing', async () => {
    const store = memoryCheckpoints()
    const release = store.hold()
    const source = gated()
    const sink = collecting()
    const run = pipeline('p')
      .from(source)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1ms' } })
    source.give(batchOf(scans(0, [1])))
    await until(() => sink.blocks.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([run.metrics.unsettledBytes, source.commits]).toEqual([0, []])
    release()
    await until(() => source.commits.length === 1, 'a commit')
    expect(source.commits).toEqual([{ split: 0 }])
    source.end()
    await run.done
  })

  it('5: a start goes on from there, with the state', async () => {
    const store = memoryCheckpoints()
    const first = log(5)
    const sink = collecting()
    await pipeline('p').from(first).pipe(sums).to(sink).start({ checkpoint: { store } }).done
    const second = log(8)
    await pipeline('p').from(second).pipe(sums).to(sink).start({ checkpoint: { store } }).done
    expect(second.starts).toEqual([{ split: 4 }])
    expect(valuesOf(sink.blocks)).toEqual([0, 1, 3, 6, 10, 15, 21, 28])
    expect(second.commits.at(-1)).toEqual({ split: 7 })
  })

  it('5: what was saved and whose commit was lost is committed again, also when nothing new comes', async () => {
    const store = memoryCheckpoints()
    const source = gated()
    Object.assign(source, { commit: () => new Promise(() => {}) }) // killed before the peer got it
    pipeline('p')
      .from(source)
      .to(collecting())
      .start({ checkpoint: { store, every: '1ms' } })
    source.give(batchOf(scans(7, [1])))
    await until(() => store.saved('p').length === 1)
    const again = gated()
    const { commits } = again
    const run = pipeline('p')
      .from(again)
      .to(collecting())
      .start({ checkpoint: { store, every: '1ms' } })
    await until(() => commits.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([commits, run.metrics.batches]).toEqual([[{ split: 7 }], 0])
    expect(run.metrics.checkpoints?.saved).toBe(1) // and then there is nothing to save
    again.end()
    await run.done
  })

  it('5: a message that is delivered again enters no operator, and is committed with the next checkpoint', async () => {
    const store = memoryCheckpoints()
    const first = gated()
    const sink = collecting()
    const run = pipeline('p')
      .from(first)
      .pipe(sums)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1h' } })
    first.give({ split: 'split', position: 1, blocks: [scans(1, [1])], ids: [7] })
    await until(() => sink.blocks.length === 1)
    await run.stop()

    const second = gated()
    const next = pipeline('p')
      .from(second)
      .pipe(sums)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1ms' } })
    second.give({ split: 'split', position: 2, blocks: [scans(1, [1])], ids: [7], redelivered: true })
    second.give({ split: 'split', position: 3, blocks: [scans(3, [10])], ids: [8], redelivered: true })
    second.give({ split: 'split', position: 4, blocks: [scans(4, [100])], ids: [7], redelivered: false })
    await until(() => sink.blocks.length === 3)
    await until(() => second.commits.at(-1)?.split === 4, 'the commit')
    expect(valuesOf(sink.blocks)).toEqual([1, 11, 111])
    expect(next.metrics.sources.gated?.redelivered).toBe(1)
    second.end()
    await next.done
  })

  it('6: a source that failed is read again behind what went through the operators', async () => {
    const starts: Positions[] = []
    const source: Source<'a'> = {
      id: 'flaky',
      replay: 'position',
      async *read({ from }) {
        starts.push(from)
        for (const batch of counted(6)) {
          if (batch.position <= (from.split ?? -1)) continue
          if (batch.position === 2 * starts.length) throw new NotConnectedError('tcp://plant')
          yield batch
        }
      }
    }
    const sink = collecting()
    const states: string[] = []
    const run = pipeline('p')
      .from(source)
      .pipe(sums)
      .to(sink)
      .start({ retry: { first: '1ms' } })
    run.status$.subscribe(({ components }) => {
      const { state, why } = components.flaky ?? {}
      const line = why === undefined ? `${state}` : `${state}: ${why.replace(/\d+\.\d/, 'x')}`
      if (states.at(-1) !== line) states.push(line)
    })
    await run.done
    expect(starts).toEqual([{}, { split: 1 }, { split: 3 }])
    expect(valuesOf(sink.blocks)).toEqual([0, 1, 3, 6, 10, 15])
    const down = 'degraded: No connection to tcp://plant; next try in x s'
    expect(states).toEqual(['connecting', 'running', down, 'running', down, 'running', 'stopped'])
    expect(run.metrics.sources.flaky?.retries).toBe(2)
  })

  it('6: what a source that cannot replay sent meanwhile is a declared hole', async () => {
    expect(await gapAfterReconnect(undefined)).toEqual({ scans: 'unknown', cause: 'reconnect' })
  })

  it('6: the number of scans is that of a source that counts by the clock', async () => {
    const counted = { scans: 7, cause: 'reconnect' } as const
    expect(await gapAfterReconnect(counted)).toEqual(counted)
  })

  it('6: gives up after the time that the retry allows', async () => {
    const source: Source<'a'> = {
      id: 'dead',
      replay: 'position',
      // biome-ignore lint/correctness/useYield: it never gets that far
      async *read() {
        throw new NotConnectedError('tcp://plant')
      }
    }
    const run = pipeline('p')
      .from(source)
      .to(collecting())
      .start({ retry: { first: '1ms', giveUpAfter: '10ms' } })
    await expect(run.done).rejects.toThrow('No connection to tcp://plant')
  })

  it('7: a stop saves and commits and does not flush; the end of data flushes', async () => {
    const store = memoryCheckpoints()
    const source = gated()
    const sink = collecting()
    const windows = rms({ window: '10ms' })
    const run = pipeline('p')
      .from(source)
      .pipe(windows)
      .to(sink)
      .start({ checkpoint: { store, every: '1h' } })
    source.give(
      batchOf(
        scans(
          0,
          Array.from({ length: 15 }, () => 2)
        ),
        'split'
      )
    )
    await until(() => run.metrics.batches === 1)
    await run.stop()
    expect(valuesOf(sink.blocks)).toEqual([2])
    expect(source.commits).toEqual([{ split: 0 }])
    expect(store.saved('p')).toHaveLength(1)
  })

  it('8: a revoked split is captured and committed in time; of a lost one nothing is committed', async () => {
    const store = memoryCheckpoints()
    let splits: Splits | undefined
    const inner = gated()
    const source: Source<'a'> = {
      id: 'group',
      replay: 'position',
      read: (options) => {
        splits = options.splits
        return inner.read(options)
      },
      commit: inner.commit?.bind(inner) as NonNullable<Source['commit']>
    }
    const sink = new ManualSink()
    const run = pipeline('p')
      .from(source)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1h' } })
    inner.give(batchOf(scans(5, [1]), 'one'))
    await until(() => sink.pending.length === 1)
    const revoked = splits?.revoked('one', 5000)
    sink.pending.shift()?.done()
    await revoked
    expect(inner.commits).toEqual([{ one: 5 }])
    expect(
      store
        .saved('p')
        .at(-1)
        ?.splits.map(({ split, at }) => [split, at])
    ).toEqual([['one', 5]])
    inner.give(batchOf(scans(6, [2]), 'two'))
    await until(() => sink.pending.length === 1)
    splits?.lost('two')
    sink.pending.shift()?.done()
    await run.checkpoint()
    inner.end()
    await run.done
    expect(inner.commits).toEqual([{ one: 5 }])
  })

  it('9: state belongs to a stream of a split, so a later owner of a split goes on', async () => {
    const store = memoryCheckpoints()
    const sink = collecting()
    const batches = (from: number): Batch<'a'>[] => [
      { split: 'one', position: from, blocks: [scans(from, [1], 'x'), scans(from, [10], 'y')] },
      { split: 'two', position: from, blocks: [scans(from, [100], 'x')] }
    ]
    await pipeline('p')
      .from(listed(batches(1)))
      .pipe(sums)
      .to(sink)
      .start({ checkpoint: { store } }).done
    await pipeline('p')
      .from(listed(batches(2)))
      .pipe(sums)
      .to(sink)
      .start({ checkpoint: { store } }).done
    expect(valuesOf(sink.blocks)).toEqual([1, 10, 100, 2, 20, 200])
  })

  it('10: without a store settling commits, and the status says that state is in memory', async () => {
    const source = log(3)
    const run = pipeline('p').from(source).to(collecting()).start()
    let keepsState: string | undefined
    run.status$.subscribe((status) => {
      keepsState = status.keepsState
    })
    await run.done
    expect([source.commits.at(-1), keepsState]).toEqual([{ split: 2 }, 'in memory'])
  })
})

describe('a checkpoint store', () => {
  it('that fails for a while holds the commits back, not the data', async () => {
    const store = memoryCheckpoints()
    store.failNext(new StorageError('checkpoints', 'the disk is full', true), 2)
    const source = gated()
    const sink = collecting()
    const seen: string[] = []
    const run = pipeline('p')
      .from(source)
      .to(sink, { batch: quick })
      .start({ checkpoint: { store, every: '1ms' } })
    run.status$.subscribe(({ components }) => seen.push(components.checkpoints?.state ?? 'none'))
    source.give(batchOf(scans(0, [1])))
    await until(() => run.metrics.checkpoints?.failed === 1)
    source.give(batchOf(scans(1, [2])))
    await until(() => sink.blocks.length === 2)
    expect(source.commits).toEqual([])
    await until(() => source.commits.at(-1)?.split === 1)
    expect(seen).toContain('degraded')
    source.end()
    await run.done
  })

  it('that was taken over ends the run', async () => {
    const store = memoryCheckpoints()
    const source = gated()
    const run = pipeline('p')
      .from(source)
      .to(collecting(), { batch: quick })
      .start({ checkpoint: { store, every: '1ms' } })
    source.give(batchOf(scans(0, [1])))
    await until(() => source.commits.length === 1)
    await store.claim('p')
    source.give(batchOf(scans(1, [1])))
    await expect(run.done).rejects.toThrow(/has taken over/)
    expect(source.commits).toEqual([{ split: 0 }])
  })
})

describe('a pipeline that changed since its checkpoint', () => {
  const window = (size: string): Promise<void> => {
    const flow = pipeline('p')
      .from(log(3))
      .pipe(sums)
      .pipe(operator({ id: 'w', settings: { size }, kernel: pass }))
    return flow.to(collecting()).start({ checkpoint: { store } }).done
  }
  const pass = (stream: Block['stream']) => ({ output: stream, process: (block: Block) => block })
  let store = memoryCheckpoints()

  it('is refused with what changed and what to do', async () => {
    store = memoryCheckpoints()
    await window('1s')
    await expect(window('2s')).rejects.toThrow(
      /Cannot restore the checkpoint of pipeline p: '1 w {"size":"1s"}' is gone; '1 w {"size":"2s"}' is new\. To go on: .*startAfresh/
    )
  })

  it('may start afresh at the positions of the checkpoint', async () => {
    store = memoryCheckpoints()
    await window('1s')
    const source = log(5)
    const sink = collecting()
    const options = { checkpoint: { store, onMismatch: 'startAfresh' } } as const
    await pipeline('p').from(source).pipe(sums).to(sink).start(options).done
    expect([source.starts, valuesOf(sink.blocks)]).toEqual([[{ split: 2 }], [3, 7]])
  })

  it('migrates the state of an operator of an older version, and refuses that of a newer one', async () => {
    store = memoryCheckpoints()
    const versioned = (version: number, migrate?: (state: unknown, version: number) => unknown): typeof sums =>
      operator({ id: 'sums', onGap: 'hold', version, migrate, kernel: sums.kernel })
    const sink = collecting()
    const run = (count: number, step: typeof sums): Promise<void> =>
      pipeline('p').from(log(count)).pipe(step).to(sink).start({ checkpoint: { store } }).done
    await run(2, versioned(1))
    await run(
      3,
      versioned(2, (state, version) => (state as number) + 1000 * version)
    )
    expect(valuesOf(sink.blocks)).toEqual([0, 1, 1003])
    await expect(run(4, versioned(1))).rejects.toThrow(
      /the state of sums: it is of version 2, the operator of 1, and it is newer/
    )
  })
})

describe('sinks and sources', () => {
  it('refuse two sources with one id, when a checkpoint must tell them apart', () => {
    const flow = pipeline('p').from(log(1), log(1)).to(collecting())
    expect(() => flow.start({ checkpoint: { store: memoryCheckpoints() } })).toThrow(/two sources have the id 'log'/)
  })

  it('a source that goes back is refused: operators would count twice', async () => {
    const source = listed([batchOf(scans(3, [1])), batchOf(scans(3, [1]))])
    await expect(pipeline('p').from(source).to(collecting()).start().done).rejects.toThrow(
      'source listed handed over position 3 of split split after 3; positions must increase'
    )
  })

  it('payloads that could not be decoded go to the dead letters and cost nothing else', async () => {
    const { DecodeError } = await import('../model/index.ts')
    const error = new DecodeError('line/1', 'not JSON')
    const payload = Uint8Array.of(1, 2, 3)
    const source = listed([
      { split: 'split', position: 0, blocks: [], rejected: [{ error, payload, from: 'line/1' }] },
      batchOf(scans(1, [5]))
    ])
    const letters: unknown[] = []
    const deadLetters: Sink<unknown> = { write: async (items) => void letters.push(...items) }
    const sink = collecting()
    const run = pipeline('p').from(source).to(sink).start({ deadLetters })
    await run.done
    expect(letters).toEqual([{ error, from: 'line/1', split: 'split', position: 0, at: expect.any(Number), payload }])
    expect([valuesOf(sink.blocks), run.metrics.rejected]).toEqual([[5], 1])
  })
})

/** The gap of the first block behind a lost link, where the source says this of it. */
async function gapAfterReconnect(known: Gap | undefined): Promise<Gap | undefined> {
  let reads = 0
  const source: Source<'a'> = {
    id: 'serial',
    replay: 'none',
    async *read() {
      reads += 1
      yield batchOf(withGap(scans(reads, [reads]), reads > 1 ? known : undefined))
      if (reads === 1) throw new NotConnectedError('serial:/dev/ttyACM0')
    }
  }
  const sink = collecting()
  await pipeline('p')
    .from(source)
    .to(sink)
    .start({ retry: { first: '1ms' } }).done
  return sink.blocks[1]?.gap
}
