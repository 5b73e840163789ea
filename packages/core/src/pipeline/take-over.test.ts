import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { operator, pipeline, type Run } from '../index.ts'
import { type CheckpointStore, NotConnectedError, type Source, StorageError } from '../model/index.ts'
import { fileCheckpoints } from '../node/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { batchOf, collecting, scans, until } from './fixtures/test-doubles.ts'

interface Session extends Source<'a'> {
  reads: number
  /** Cuts the connection. */
  cut(): void
}

/** A session that stands until it is cut; then another message comes. */
function session(): Session {
  let fail = (_error: Error): void => {}
  return {
    id: 'session',
    replay: 'session',
    reads: 0,
    cut: () => fail(new NotConnectedError('mqtt://broker')),
    async *read({ signal }) {
      this.reads += 1
      yield batchOf(scans(this.reads, [this.reads]))
      await new Promise<void>((resolve, reject) => {
        fail = reject
        signal.addEventListener('abort', () => resolve())
      })
    }
  }
}

const sized = (size: number, restore: (state: unknown) => void = () => {}) =>
  operator({
    id: 'w',
    settings: { size },
    kernel: (output) => ({ output, process: (block) => block, snapshot: () => size, restore })
  })

async function withFiles(check: (store: CheckpointStore) => Promise<void>): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'messwerk-take-over-'))
  try {
    await check(fileCheckpoints({ path }))
  } finally {
    rmSync(path, { recursive: true })
  }
}

const stores: readonly (readonly [string, (check: (store: CheckpointStore) => Promise<void>) => Promise<void>])[] = [
  ['memory', (check) => check(memoryCheckpoints())],
  ['files', withFiles]
]

describe.each(stores)('with checkpoints in %s', (_where, withStore) => {
  it('a run that was taken over does not read its source again', () =>
    withStore(async (store) => {
      const [source, sink] = [session(), collecting()]
      const flow = pipeline('p')
        .from(source)
        .to(sink, { batch: { items: 1 } })
      // it never saves by itself: the next save would fence it as well, but too late
      const run = flow.start({ checkpoint: { store, every: '1h' }, retry: { first: '1ms', classify: () => 'retry' } })
      await until(() => sink.blocks.length === 1)
      source.cut()
      await until(() => sink.blocks.length === 2)
      await store.claim('p')
      let error: unknown
      run.done.catch((cause: unknown) => {
        error = cause
      })
      source.cut()
      await until(() => error !== undefined || source.reads > 2)
      expect(error).toMatchObject({ code: 'FENCED' })
      expect([source.reads, sink.blocks.length]).toEqual([2, 2])
    }))

  it('a start that is refused leaves the one that runs alone', () =>
    withStore(async (store) => {
      const [source, sink] = [session(), collecting()]
      const options = { checkpoint: { store, every: '1h' }, retry: { first: '1ms' } } as const
      const start = (step: ReturnType<typeof sized>): Run =>
        pipeline('p').from(source).pipe(step).to(sink).start(options)
      const run = start(sized(1))
      await until(() => source.reads === 1)
      await run.checkpoint()
      await expect(start(sized(2)).done).rejects.toThrow(/'0 w {"size":2}' is new/)
      const broken = sized(1, () => {
        throw new Error('of another kind')
      })
      await expect(start(broken).done).rejects.toThrow(/Cannot restore the checkpoint of pipeline p: of another kind/)
      source.cut()
      await until(() => source.reads === 2)
      await run.checkpoint()
      await expect(run.stop()).resolves.toBeUndefined()
      expect(run.metrics.checkpoints?.saved).toBe(2)
    }))
})

it('while nobody can say whether it was taken over, the source is not read', async () => {
  const inner = memoryCheckpoints()
  let failures = 2
  const store: CheckpointStore = {
    async claim(pipeline) {
      const claim = await inner.claim(pipeline)
      const check = async (): Promise<void> => {
        failures -= 1
        if (failures >= 0) throw new StorageError('checkpoints', 'too many open files', true)
      }
      return Object.assign(claim, { check })
    }
  }
  const [source, sink] = [session(), collecting()]
  const run = pipeline('p')
    .from(source)
    .to(sink)
    .start({ checkpoint: { store }, retry: { first: '1ms' } })
  const seen: string[] = []
  run.status$.subscribe(({ components }) => seen.push(components.session?.why ?? ''))
  await until(() => source.reads === 1)
  source.cut()
  await until(() => source.reads === 2)
  expect([failures, seen.some((why) => why.includes('too many open files'))]).toEqual([-1, true])
  await run.stop()
})
