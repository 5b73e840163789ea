import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { BehaviorSubject, concat, NEVER, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Batch, Block, Checkpoint, MeasurementEvent, ModelRef, Source } from '../model/index.ts'
import { batchOf, collecting, scans, until } from '../pipeline/fixtures/test-doubles.ts'
import { pipeline } from '../pipeline/flow.ts'
import { type MemoryCheckpoints, memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { type AnyModel, type DetectModelsOptions, detect } from './detect.ts'
import { fitted, later, refOf, windowScores } from './fixtures/models.ts'
import { joined } from './fixtures/through.ts'
import { twiceTheTop } from './fixtures/top-score.ts'
import { select } from './select.ts'
import { toEvents } from './to-events.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const threshold = { raise: 3, clear: 2 }
const pause = () => new Promise<void>((resolve) => setTimeout(resolve))

/** Batches at positions 0, 1, ..; `before` is called before each is handed over. */
function source(batches: readonly Batch<'a'>[], before: (i: number) => unknown = () => {}): Source<'a'> {
  return {
    id: 'steps',
    replay: 'position',
    async *read({ from }) {
      const start = (from.split ?? -1) + 1
      for (let i = start; i < batches.length; i += 1) {
        await before(i)
        yield batches[i]!
      }
    }
  }
}

const single = (...values: number[]): Batch<'a'>[] => values.map((value, i) => batchOf(scans(i, [value])))

async function versions(
  models: Parameters<typeof detect>[0],
  from: Source<'a'>,
  options: DetectModelsOptions = {}
): Promise<Block[]> {
  const sink = collecting()
  const run = pipeline('p')
    .from(from)
    .pipe(detect(models as never, { threshold, ...options }))
    .to(sink)
    .start()
  await run.done
  return sink.blocks
}

describe('detect(models$) in a pipeline', () => {
  it('waits for the first model, then swaps at a turn boundary', async () => {
    const models = new Subject<AnyModel>()
    const seen: number[] = []
    const from = source(single(2, 2, 2, 2), (i) => {
      seen.push(i)
      if (i === 2) models.next(fitted(2))
    })
    const done = versions(models, from)
    await pause()
    expect(seen).toEqual([])
    models.next(fitted(1))
    expect(joined(await done)).toMatchObject({ score: [0, 0, 2, 2], 'score.version': [1, 1, 2, 2] })
  })

  it('swaps between batches only, and only once the model is ready', async () => {
    const models = new BehaviorSubject<AnyModel>(later(1))
    let ready = (): void => {}
    const opens = () => new Promise<void>((resolve) => (ready = resolve))
    const two = (i: number): Batch<'a'> => ({
      split: 'split',
      position: i,
      blocks: [scans(i, [2]), scans(i, [2, 2])]
    })
    const slow = later(2, { opens })
    const from = source([two(0), two(1), two(2), two(3)], async (i) => {
      if (i === 1) models.next(slow)
      if (i === 3) ready()
      await pause()
    })
    const out = joined(await versions(models, from))
    expect(out['score.version']).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2])
  })

  it('takes the newest of those that come meanwhile, however long the others take', async () => {
    const models = new BehaviorSubject<AnyModel>(later(1))
    let ready = (): void => {}
    const slow = later(2, { opens: () => new Promise((resolve) => (ready = resolve)) })
    const from = source(single(1, 2, 3, 4, 5), async (i) => {
      if (i === 1) models.next(slow)
      if (i === 2) models.next(later(3))
      if (i === 3) ready()
      await pause()
    })
    expect(joined(await versions(models, from))['score.version']).toEqual([1, 1, 3, 3, 3])
    expect(slow.log).toEqual(['open', 'close'])
  })

  it('changes nothing for the model that scores, but for one that was coming', async () => {
    const models = new BehaviorSubject<AnyModel>(later(1))
    const slow = later(2, { opens: () => new Promise((resolve) => setTimeout(resolve, 1)) })
    const again = later(1)
    const from = source(single(1, 2, 3, 4, 5), async (i) => {
      if (i === 1) models.next(slow)
      if (i === 1) models.next(again)
      await new Promise((resolve) => setTimeout(resolve, 2))
    })
    expect(joined(await versions(models, from))['score.version']).toEqual([1, 1, 1, 1, 1])
    expect([slow.log, again.log]).toEqual([['open', 'close'], []])
  })

  it('keeps an open event, with its id; it names the model of its peak', async () => {
    const models = new BehaviorSubject<AnyModel>(fitted(1))
    const events: MeasurementEvent[] = []
    const from = source(single(2, 6, 9, 2, 4), (i) => i === 2 && models.next(fitted(2)))
    const run = pipeline('p')
      .from(from)
      .pipe(detect(models, { threshold }))
      .events(toEvents(), { write: async (items) => void events.push(...items) })
      .start()
    await run.done
    expect(events.map(({ phase, model, start, score }) => [phase, model, start, score])).toEqual([
      ['begin', 'pump@1', 1, 4],
      ['end', 'pump@2', 1, 5]
    ])
    expect(events[0]!.id).toBe(events[1]!.id)
  })

  it('calibrates the threshold anew on the scores of a new model', async () => {
    const given: { scores: Float64Array; seconds: Float64Array }[] = []
    const models = new BehaviorSubject<AnyModel>(fitted(1))
    const from = source(single(3, 4, 7, 7, 7, 13, 13), (i) => i === 3 && models.next(later(2)))
    const options = { learn: { scans: 2 }, threshold: twiceTheTop(given) } as const
    const out = joined(
      await versions(
        models,
        source(single(3, 4, 7), () => pause()),
        options
      )
    )
    expect(out).toMatchObject({ 'score.limit': [NaN, NaN, 4], 'score.flag': [0, 0, 2] })
    given.length = 0
    const slow: Source<'a'> = {
      id: from.id,
      replay: 'position',
      async *read(read) {
        for await (const batch of from.read(read)) {
          await pause()
          yield batch
        }
      }
    }
    expect(joined(await versions(models, slow, options))).toMatchObject({
      'score.version': [1, 1, 1, 2, 2, 2, 2],
      'score.limit': [NaN, NaN, 4, NaN, NaN, 6, 6],
      'score.flag': [0, 0, 2, 0, 0, 2, 2]
    })
    expect(given.map(({ scores }) => Array.from(scores))).toEqual([
      [1, 2],
      [3, 3]
    ])
  })

  it('takes synchronous and asynchronous models after one another, back too', async () => {
    const one = fitted(1)
    const models = new BehaviorSubject<AnyModel>(one)
    const second = later(2)
    const from = source(single(3, 3, 3, 3, 3, 3), async (i) => {
      if (i === 2) models.next(second)
      if (i === 4) models.next(one)
      await pause()
    })
    const out = joined(await versions(models, from))
    expect(out).toMatchObject({ score: [1, 1, 1, 1, 1, 1], 'score.version': [1, 1, 2, 2, 1, 1] })
    expect(second.log).toEqual(['open', 'close'])
  })

  it('opens and closes every model once, and keeps none that was swapped', async () => {
    const models = new Subject<AnyModel>()
    const all = Array.from({ length: 6 }, (_, i) => later(i + 1))
    let open = 0
    let most = 0
    const from = source(single(1, 2, 3, 4, 5, 6, 7, 8), async (i) => {
      if (i > 0) models.next(all[i] ?? all[5]!)
      await pause()
      open = all.reduce((sum, model) => sum + model.open.count, 0)
      most = Math.max(most, open)
    })
    const done = versions(models, from)
    await pause()
    models.next(all[0]!)
    expect(joined(await done)['score.version']).toEqual([1, 2, 3, 4, 5, 6, 6, 6])
    expect(all.map(({ log }) => log)).toEqual(all.map(() => ['open', 'close']))
    expect(most).toBe(2)
  })

  it('frees a model that was swapped', async () => {
    const refs: WeakRef<object>[] = []
    const made = (version: number): AnyModel => {
      const model = version % 2 === 0 ? later(version) : fitted(version)
      refs.push(new WeakRef(model))
      return model
    }
    const models = new Subject<AnyModel>()
    const alive: number[] = []
    const from = source(single(1, 2, 3, 4, 5, 6, 7, 8), async (i) => {
      if (i > 0) models.next(made(i + 1))
      await pause()
      collect()
      await pause()
      alive.push(refs.filter((ref) => ref.deref() !== undefined).length)
    })
    const done = versions(models, from)
    await pause()
    models.next(made(1))
    await done
    expect(Math.max(...alive)).toBeLessThanOrEqual(3)
  })

  it('refuses a model that does not fit: the one before goes on, a notice says why', async () => {
    const models = new BehaviorSubject<AnyModel>(fitted(1))
    const events: MeasurementEvent[] = []
    const sink = collecting()
    const bad = [fitted(2, ['b']), fitted(3, undefined, { model: refOf(3, 'fan') }), {} as AnyModel]
    const unready = later(5, { opens: () => Promise.reject(new Error('no such file')) })
    const from = source(single(2, 2, 2, 2, 2, 2, 2, 2), async (i) => {
      if (i > 0 && i < 4) models.next(bad[i - 1]!)
      if (i === 4) models.next(fitted(4))
      if (i === 5) models.next(unready)
      await pause()
    })
    const run = pipeline('p')
      .from(from)
      .pipe(detect(models, { threshold }))
      .to(sink)
      .events(toEvents(), { write: async (items) => void events.push(...items) })
      .start()
    await run.done
    expect(joined(sink.blocks)['score.version']).toEqual([1, 1, 1, 1, 4, 4, 4, 4])
    const notices = events.filter(({ kind }) => kind === 'notice')
    expect(notices.map(({ kind, rule, model, data }) => [kind, rule, model, (data as { why: string }).why])).toEqual([
      ['notice', 'model', 'pump@2', expect.stringContaining("no channel 'b'")],
      ['notice', 'model', 'fan@3', expect.stringContaining("its name must be 'pump'")],
      ['notice', 'model', undefined, expect.stringContaining('must be a fitted detector')],
      ['notice', 'model', 'pump@5', 'no such file; pump@4 goes on']
    ])
  })

  it('goes on with the last model when no more come, and says so', async () => {
    for (const [end, state, why] of [
      [of(), 'running', 'pump@1 goes on; no more models will come'],
      [throwError(() => new Error('gone')), 'degraded', 'no more models will come: gone; pump@1 goes on']
    ] as const) {
      const run = pipeline('p')
        .from(source(single(2, 2), () => pause()))
        .pipe(detect(concat(of(fitted(1)), end), { threshold }))
        .to(collecting())
        .start()
      await until(() => run.health().ready, 'readiness')
      let status: unknown
      run.status$.subscribe((next) => (status = next.components['models of score']))
      await run.done
      expect(status).toMatchObject({ kind: 'operator', state, why })
    }
  })

  it('fails when models end before the first, and can be stopped while it waits', async () => {
    await expect(versions(of(), source(single(1)))).rejects.toThrow('detect: models must give at least one model')
    await expect(
      versions(
        throwError(() => new Error('gone')),
        source(single(1))
      )
    ).rejects.toThrow('gone')
    const run = pipeline('p')
      .from(source(single(1)))
      .pipe(detect(NEVER, { threshold }))
      .to(collecting())
      .start()
    await pause()
    expect(run.health()).toMatchObject({ ready: false })
    expect(run.health().why).toContain('operator models of score is connecting: waits for the first model')
    await run.stop()
  })
})

/** A store that holds what a process that was killed has left. */
async function storeOf(latest?: Checkpoint): Promise<MemoryCheckpoints> {
  const store = memoryCheckpoints()
  if (latest !== undefined) await (await store.claim('p')).save(latest)
  return store
}

const newest = (store: MemoryCheckpoints): Checkpoint => store.saved('p').at(-1) as Checkpoint

describe('detect(models$) over a restart', () => {
  const ten = single(...Array.from({ length: 10 }, (_, i) => i))

  async function first(models: Subject<AnyModel>): Promise<Checkpoint> {
    const store = await storeOf()
    const run = pipeline('p')
      .from(source(ten.slice(0, 5), (i) => i === 3 && models.next(fitted(2))))
      .pipe(detect(models, { threshold }))
      .to(collecting())
      .start({ checkpoint: { store } })
    await run.done
    return newest(store)
  }

  const again = async (checkpoint: Checkpoint, models: unknown, options: DetectModelsOptions = {}) => {
    const sink = collecting()
    const warnings: string[] = []
    const log = { info: () => {}, error: () => {}, warn: (line: string) => warnings.push(line) }
    const run = pipeline('p')
      .from(source(ten, () => pause()))
      .pipe(detect(models as never, { threshold, ...options }))
      .to(sink)
      .start({ checkpoint: { store: await storeOf(checkpoint) }, log })
    await run.done
    return { versions: joined(sink.blocks)['score.version'], warnings }
  }

  it('names the active model in the checkpoint', async () => {
    const checkpoint = await first(new BehaviorSubject<AnyModel>(fitted(1)))
    const state = checkpoint.splits[0]!.lanes[0]!.steps[0]!.state as { kernel: { active: ModelRef; swaps: number } }
    expect(state.kernel).toMatchObject({ active: refOf(2), swaps: 1 })
  })

  it('takes the model of the checkpoint from those that come; what came before it is history', async () => {
    const checkpoint = await first(new BehaviorSubject<AnyModel>(fitted(1)))
    expect(await again(checkpoint, of(fitted(1), fitted(2)))).toMatchObject({ versions: [2, 2, 2, 2, 2], warnings: [] })
    expect((await again(checkpoint, of(fitted(1), fitted(2), fitted(1)))).versions).toEqual([1, 1, 1, 1, 1])
  })

  it('gets it by resolve before anything is read; what models$ says now comes next', async () => {
    const checkpoint = await first(new BehaviorSubject<AnyModel>(fitted(1)))
    const asked: ModelRef[] = []
    const resolve = async (ref: ModelRef) => {
      asked.push(ref)
      await pause()
      return fitted(ref.version)
    }
    expect((await again(checkpoint, NEVER, { resolve })).versions).toEqual([2, 2, 2, 2, 2])
    expect((await again(checkpoint, new BehaviorSubject(fitted(3)), { resolve })).versions).toEqual([3, 3, 3, 3, 3])
    expect(asked).toEqual([refOf(2), refOf(2)])
  })

  it('lets the newest take its place when it cannot be had, and says so', async () => {
    const checkpoint = await first(new BehaviorSubject<AnyModel>(fitted(1)))
    const wrong = await again(checkpoint, new BehaviorSubject(fitted(3)), { resolve: () => fitted(1) })
    expect(wrong.versions).toEqual([3, 3, 3, 3, 3])
    expect(wrong.warnings[0]).toContain(
      'resolve must give pump@2 (sha256:pump-2), got pump@1 (sha256:pump-1); pump@3 goes on'
    )
    const late = await again(checkpoint, new BehaviorSubject(fitted(3)), { restoreWithin: '10ms' })
    expect(late.versions).toEqual([3, 3, 3, 3, 3])
    expect(late.warnings[0]).toContain('it did not come within 0.01 s')
  })

  it('goes on where a stream refused the active model', async () => {
    const store = await storeOf()
    const models = new BehaviorSubject<AnyModel>(fitted(1))
    const run = pipeline('p')
      .from(source(ten.slice(0, 5), (i) => i === 3 && models.next(fitted(2, ['b']))))
      .pipe(detect(models, { threshold }))
      .to(collecting())
      .start({ checkpoint: { store } })
    await run.done
    const resolve = ({ version }: ModelRef) => fitted(version, version === 2 ? ['b'] : undefined)
    const out = await again(newest(store), NEVER, { resolve })
    expect(out.versions).toEqual([1, 1, 1, 1, 1])
  })
})

describe('detect(models$): any swaps, cuts and kills', () => {
  const LOOK_BACK = 2
  const make = (version: number, isLater: boolean): AnyModel =>
    isLater ? later(version, { lookBack: LOOK_BACK, opens: () => pause() }) : fitted(version)

  const anyCase = fc.record({
    /** Sizes of the blocks of each batch. */
    batches: fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), {
      minLength: 3,
      maxLength: 12
    }),
    /** Before which batch which model comes. */
    swaps: fc.array(fc.record({ at: fc.nat(11), version: fc.integer({ min: 1, max: 4 }) }), { maxLength: 6 }),
    kills: fc.array(fc.nat(11), { maxLength: 2 }),
    isLater: fc.boolean()
  })

  it('score each scan once, by one model a batch, in the order of the models, with the bits of that model alone', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ batches: sizes, swaps, kills, isLater }) => {
        let scan = 0
        const value = (i: number): number => (i * 7) % 11
        const batches = sizes.map((lengths, i): Batch<'a'> => {
          const blocks = lengths.map((length) => {
            const { time, ...rest } = scans(
              i,
              Array.from({ length }, (_, k) => value(scan + k))
            )
            const block = { ...rest, time: { ...time, start: BigInt(scan) * 1_000_000n } } as Block<'a'>
            scan += length
            return block
          })
          return { split: 'split', position: i, blocks }
        })
        const rows = new Map<number, readonly [score: number, version: number, batch: number]>()
        const emitted: number[] = []
        let checkpoint: Checkpoint | undefined
        let active = 1
        for (const stopAt of [...kills, 99]) {
          const models = new BehaviorSubject<AnyModel>(make(active, isLater))
          const store = await storeOf(checkpoint)
          emitted.push(active)
          const from = source(batches, async (i) => {
            if (i === stopAt) throw new Error('killed')
            for (const { at, version } of swaps) {
              if (at !== i) continue
              models.next(make(version, isLater))
              emitted.push(version)
              active = version
            }
            await pause()
          })
          const sink = {
            write: async (blocks: readonly Block[]) => {
              for (const block of blocks) {
                const { values, length, time } = block
                for (let k = 0; k < length; k += 1) {
                  const at = Math.round(Number(time.start) / 1e6) + k
                  rows.set(at, [values[length + k]!, values[2 * length + k]!, block.origin.position])
                }
              }
            }
          }
          const run = pipeline('p')
            .from(from)
            .pipe(detect(models, { explain: 'never' }), select({ channels: ['a', 'score', 'score.version'] }))
            .to(sink)
            .start({ checkpoint: { store, every: '1ms' } })
          await run.done.catch(() => {})
          checkpoint = store.saved('p').at(-1)
        }
        expect(rows.size).toBe(scan)
        check(rows, scan, value, emitted, isLater)
      }),
      { numRuns: 60 }
    )
  })

  function check(
    rows: ReadonlyMap<number, readonly [number, number, number]>,
    count: number,
    value: (i: number) => number,
    emitted: readonly number[],
    isLater: boolean
  ): void {
    const byBatch = new Map<number, number>()
    let at = 0
    const whole = Float64Array.from({ length: count }, (_, i) => value(i))
    for (let i = 0; i < count; i += 1) {
      const [score, version, batch] = rows.get(i)!
      const before = byBatch.get(batch)
      if (before === undefined) {
        byBatch.set(batch, version)
        at = emitted.indexOf(version, at)
        expect(at).toBeGreaterThanOrEqual(0)
      } else expect(version).toBe(before)
      const lookBack = isLater ? LOOK_BACK : 0
      const byHand = windowScores({ channels: ['a'], length: count, values: whole, seconds: 1 }, lookBack, 2 * version)
      expect([i, score]).toEqual([i, byHand[i]])
    }
  }
})
