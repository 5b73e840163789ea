import { BehaviorSubject, type Observable, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Batch, Checkpoint, Source } from '../model/index.ts'
import { batchOf, collecting, scans } from '../pipeline/fixtures/test-doubles.ts'
import { pipeline } from '../pipeline/flow.ts'
import { type MemoryCheckpoints, memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { type AnyModel, type DetectModelsOptions, detect } from './detect.ts'
import { fitted, later } from './fixtures/models.ts'
import { joined } from './fixtures/through.ts'

const threshold = { raise: 3, clear: 2 }
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const ten = Array.from({ length: 10 }, (_, i) => batchOf(scans(i, [i])))

function source(batches: readonly Batch<'a'>[], before: (i: number) => unknown = () => {}): Source<'a'> {
  return {
    id: 'steps',
    replay: 'position',
    async *read({ from }) {
      for (let i = (from.split ?? -1) + 1; i < batches.length; i += 1) {
        await before(i)
        yield batches[i]!
      }
    }
  }
}

function started(
  models: Observable<AnyModel>,
  options: Pick<DetectModelsOptions, 'resolve' | 'restoreWithin'>,
  store: MemoryCheckpoints,
  before?: (i: number) => unknown
) {
  const sink = collecting()
  const watched = detect(models, Object.assign({ threshold }, options))
  const run = pipeline('p')
    .from(source(ten, before))
    .pipe(watched)
    .to(sink)
    .start({ checkpoint: { store, every: '5ms' } })
  return { run, versions: () => joined(sink.blocks)['score.version'] }
}

/** A checkpoint behind five scans: version 2 scores, in the place of 1. */
async function atTwo(): Promise<MemoryCheckpoints> {
  const store = memoryCheckpoints()
  const models = new BehaviorSubject<AnyModel>(fitted(1))
  await pipeline('p')
    .from(source(ten.slice(0, 5), (i) => i === 3 && models.next(fitted(2))))
    .pipe(detect(models, { threshold }))
    .to(collecting())
    .start({ checkpoint: { store } }).done
  return withNewest(store)
}

/** As another process finds it. */
async function withNewest(store: MemoryCheckpoints): Promise<MemoryCheckpoints> {
  const next = memoryCheckpoints()
  await (await next.claim('p')).save(store.saved('p').at(-1) as Checkpoint)
  return next
}

describe('a restart', () => {
  it('that ends while the model is waited for does not forget it', async () => {
    const store = await atTwo()
    const waiting = started(new BehaviorSubject<AnyModel>(fitted(3)), {}, store)
    await wait(40) // checkpoints are taken meanwhile
    await waiting.run.stop()
    const asked: number[] = []
    const resolve = ({ version }: { version: number }): AnyModel => {
      asked.push(version)
      return fitted(version)
    }
    const next = started(new BehaviorSubject<AnyModel>(fitted(3)), { resolve }, await withNewest(store))
    await next.run.done
    expect(asked).toEqual([2])
  })

  it('without any model to be had fails and says why', async () => {
    const away = () => new Error('the registry is down')
    const resolve = () => Promise.reject(away())
    const { run } = started(throwError(away), { resolve, restoreWithin: '20ms' }, await atTwo())
    await expect(run.done).rejects.toThrow('the registry is down')
  })

  it('with a reason that is none is no unhandled rejection', async () => {
    const resolve = () => Promise.reject()
    const { run, versions } = started(new BehaviorSubject<AnyModel>(fitted(3)), { resolve }, await atTwo())
    await run.done
    expect(versions()).toEqual([3, 3, 3, 3, 3])
  })

  it('refuses a newer model that does not fit the streams, and the old one goes on', async () => {
    const resolve = ({ version }: { version: number }): AnyModel => fitted(version)
    const models = new BehaviorSubject<AnyModel>(fitted(3, ['b']))
    const { run, versions } = started(models, { resolve }, await atTwo(), () => wait(2))
    await run.done
    expect(versions()).toEqual([2, 2, 2, 2, 2])
  })

  it('closes each model that it has opened, also one that came while another opened', async () => {
    const [two, three] = [later(2, { opens: () => wait(10) }), later(3, { opens: () => wait(30) })]
    const { run } = started(new BehaviorSubject<AnyModel>(three), { resolve: async () => two }, await atTwo(), () =>
      wait(10)
    )
    await run.done
    await wait(50)
    expect([two.open.count, three.open.count]).toEqual([0, 0])
  })
})

it('a candidate that cannot be opened is closed', async () => {
  const bad = later(2, { opens: () => Promise.reject(new Error('no such file')) })
  const run = pipeline('p').from(source(ten)).pipe(detect(bad, { threshold })).to(collecting()).start()
  await run.done.catch(() => {})
  expect(bad.log.filter((what) => what === 'close').length).toBeGreaterThan(0)
})

it('an iterable of models is told when nobody wants more', async () => {
  let isTold = false
  const models: AsyncIterable<AnyModel> = {
    [Symbol.asyncIterator]() {
      let isFirst = true
      return {
        next: () => {
          const value = fitted(1)
          const result = isFirst ? Promise.resolve({ value, done: false as const }) : new Promise<never>(() => {})
          isFirst = false
          return result
        },
        return: async () => {
          isTold = true
          return { value: undefined, done: true }
        }
      }
    }
  }
  const run = pipeline('p').from(source(ten)).pipe(detect(models, { threshold })).to(collecting()).start()
  await run.done
  expect(isTold).toBe(true)
})
