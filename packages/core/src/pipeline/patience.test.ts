import { expect, it } from 'vitest'
import { pipeline } from '../index.ts'
import { type Checkpoint, type CheckpointStore, NotConnectedError, type Source, StorageError } from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { sleep } from '../time/scheduler.ts'
import { batchOf, collecting, scans } from './fixtures/test-doubles.ts'

const WAITS = { first: '100ms', most: '30s', jitter: 0 } as const

/** A source whose connections last as long as this says, ms; 0: it cannot be reached. Where it is up it reports, without data. */
function upFor(time: VirtualTime, lasting: (attempt: number) => number): Source<'a'> & { readonly tries: number[] } {
  const tries: number[] = []
  return {
    id: 'plant',
    replay: 'session',
    tries,
    // biome-ignore lint/correctness/useYield: there is no data
    async *read({ report, signal }) {
      tries.push(time.elapsed())
      const ms = lasting(tries.length)
      if (ms > 0) {
        report?.({ state: 'running' })
        await sleep(ms, time, signal)
      }
      throw new NotConnectedError('tcp://plant')
    }
  }
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((at, i) => at - (times[i] as number))

it('the wait for a source grows while it cannot be reached, and begins anew after a connection that lasted', async () => {
  const time = new VirtualTime()
  const source = upFor(time, (attempt) => (attempt % 6 === 0 ? 5000 : 0))
  const run = pipeline('p').from(source).to(collecting()).start({ retry: WAITS, scheduler: time })
  await time.advance(60_000)
  const once = [100, 200, 400, 800, 1600, 5000 + 100]
  expect(gaps(source.tries).slice(0, 18)).toEqual([
    ...once,
    200,
    400,
    800,
    1600,
    3200,
    5100,
    ...once.slice(1, -1),
    3200,
    5100
  ])
  await run.stop()
})

it('connections that break at once do not begin it anew: nobody is called ten times a second for ever', async () => {
  const time = new VirtualTime()
  const source = upFor(time, () => 10)
  const run = pipeline('p').from(source).to(collecting()).start({ retry: WAITS, scheduler: time })
  await time.advance(200_000)
  expect(gaps(source.tries).slice(0, 10)).toEqual([110, 210, 410, 810, 1610, 3210, 6410, 12810, 25610, 30010])
  await run.stop()
})

it('nor does the time count in which a source has worked, where it is to be given up', async () => {
  const time = new VirtualTime()
  const source = upFor(time, (attempt) => (attempt < 40 ? 1500 : 0))
  const run = pipeline('p')
    .from(source)
    .to(collecting())
    .start({ retry: { ...WAITS, most: '100ms', giveUpAfter: '2s' }, scheduler: time })
  const failed = expect(run.done).rejects.toThrow('No connection')
  await time.advance(100_000)
  await failed
  expect(source.tries.length).toBeGreaterThan(50)
})

it('data begins the waits anew at once', async () => {
  const time = new VirtualTime()
  const tries: number[] = []
  const source: Source<'a'> = {
    id: 'plant',
    replay: 'position',
    async *read() {
      tries.push(time.elapsed())
      if (tries.length % 3 === 0) yield batchOf(scans(tries.length, [1]))
      throw new NotConnectedError('tcp://plant')
    }
  }
  const run = pipeline('p').from(source).to(collecting()).start({ retry: WAITS, scheduler: time })
  await time.advance(3000)
  expect(gaps(tries).slice(0, 8)).toEqual([100, 200, 100, 200, 400, 100, 200, 400])
  await run.stop()
})

it('a start, a save and a commit that fail for long go on within two seconds of the end of it', async () => {
  const time = new VirtualTime()
  const inner = memoryCheckpoints()
  let isAway = true
  const failing = (): void => {
    if (isAway) throw new StorageError('state/', 'the disk is full', true)
  }
  const store: CheckpointStore = {
    async claim(pipeline) {
      failing()
      const { generation, latest, save } = await inner.claim(pipeline)
      const saved = async (checkpoint: Checkpoint): Promise<number> => {
        failing()
        return save(checkpoint)
      }
      return { generation, latest, save: saved }
    }
  }
  const commits: number[] = []
  const source: Source<'a'> = {
    id: 'plant',
    replay: 'position',
    async *read({ signal }) {
      yield batchOf(scans(1, [1]))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    async commit() {
      failing()
      commits.push(time.elapsed())
    }
  }
  const run = pipeline('p')
    .from(source)
    .to(collecting())
    .start({ retry: WAITS, scheduler: time, checkpoint: { store } })
  const outage = async (): Promise<void> => {
    isAway = true
    await time.advance(120_000)
    isAway = false
    await time.advance(2000)
  }
  await outage() // of the claim
  expect(run.metrics.batches).toBe(1)
  await outage() // of the save
  expect(run.metrics.checkpoints?.saved).toBe(1)
  await time.advance(2000)
  expect(commits).toHaveLength(1)
  await run.stop()
})

it('a commit that fails for long goes on within two seconds of the end of it', async () => {
  const time = new VirtualTime()
  const commits: number[] = []
  const source: Source<'a'> = {
    id: 'plant',
    replay: 'position',
    async *read({ signal }) {
      yield batchOf(scans(1, [1]))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    async commit() {
      if (time.elapsed() < 120_000) throw new NotConnectedError('tcp://plant')
      commits.push(time.elapsed())
    }
  }
  const run = pipeline('p').from(source).to(collecting()).start({ scheduler: time })
  await time.advance(122_000)
  expect(commits).toHaveLength(1)
  await run.stop()
})
