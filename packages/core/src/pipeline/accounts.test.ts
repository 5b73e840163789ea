import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asyncOperator, eventOperator, operator, pipeline } from '../index.ts'
import type { Block, MeasurementEvent, Sink } from '../model/index.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { collecting, counted, listed, ManualSink, until, valuesOf } from './fixtures/test-doubles.ts'

describe('accounts', () => {
  it('commits what is durable, and nothing before', async () => {
    const source = listed(counted(3))
    const sink = new ManualSink()
    const run = pipeline('p')
      .from(source)
      .to(sink, { batch: { items: 1 } })
      .start()
    await until(() => sink.pending.length > 0)
    expect(source.commits).toEqual([])
    while (sink.written.length < 3) {
      sink.pending.shift()?.done()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await run.done
    expect(source.commits.at(-1)).toEqual({ split: 2 })
    expect(run.metrics.unsettledBytes).toBe(0)
  })

  it('asks the source for no more than the credit', async () => {
    const source = listed(counted(100_000, 100))
    const sink = new ManualSink()
    const run = pipeline('p').from(source).to(sink).start({ credit: '64KiB' })
    await until(() => run.metrics.pausedMs > 5, 'a pause')
    const { count } = source.asked
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(source.asked.count).toBe(count)
    expect(run.metrics.largestUnsettledBytes).toBeLessThan(64 * 1024 + 2000)
    const status: string[] = []
    run.status$.subscribe(({ state, pausedBy }) => status.push(`${state} ${pausedBy}`)).unsubscribe()
    expect(status).toEqual(['paused manual'])
    await run.stop({ drain: '1ms' })
  })

  it('waits for every required sink and for no bestEffort sink', async () => {
    const source = listed(counted(3))
    const slow = new ManualSink()
    const never: Sink<Block> = { id: 'never', write: () => new Promise(() => {}) }
    const run = pipeline('p').from(source).to(collecting()).to(slow).to(never, { delivery: 'bestEffort' }).start()
    await until(() => slow.pending.length > 0)
    expect(source.commits).toEqual([])
    slow.pending[0]?.done()
    await until(() => source.commits.length > 0)
    expect(source.commits.at(-1)).toEqual({ split: 2 })
    await run.stop({ drain: '1ms' })
  })

  it('commits a batch only when the notices of its device are durable as well', async () => {
    const notice: MeasurementEvent = {
      id: 'tare',
      kind: 'notice',
      phase: 'end',
      stream: 's',
      rule: 'tare',
      start: 0,
      origin: { split: 'split', position: 0 }
    }
    const source = listed([{ split: 'split', position: 0, blocks: [], events: [notice] }])
    const stored: MeasurementEvent[] = []
    let finish: (() => void) | undefined
    const slow: Sink<MeasurementEvent> = {
      write: (events) =>
        new Promise((resolve) => {
          finish = () => {
            stored.push(...events)
            resolve()
          }
        })
    }
    const silent = eventOperator({ id: 'silent', kernel: () => ({ process: () => [] }) })
    const run = pipeline('p').from(source).events(silent, slow).start()
    await until(() => finish !== undefined)
    expect(source.commits).toEqual([])
    finish?.()
    await run.done
    expect(stored).toEqual([notice])
    expect(source.commits).toEqual([{ split: 0 }])
  })

  it('fails the run when a required write fails, and commits nothing of it', async () => {
    const source = listed(counted(3))
    const sink: Sink<Block> = { write: () => Promise.reject(new Error('disk gone')) }
    await expect(pipeline('p').from(source).to(sink).start().done).rejects.toThrow('disk gone')
    expect(source.commits).toEqual([])
  })

  it('drops, counts and declares what does not fit a bestEffort sink', async () => {
    const sink = new ManualSink()
    const source = listed(counted(8000, 256))
    const run = pipeline('p')
      .from(source)
      .to(sink, { delivery: 'bestEffort', batch: { bytes: '1KiB' } })
      .start()
    await until(() => run.metrics.blocks === 8000)
    const { dropped } = run.metrics.outlets.manual as { dropped: number }
    expect(dropped).toBeGreaterThan(0)
    void run.stop({ drain: '2s' })
    while (sink.pending.length > 0) {
      sink.pending.shift()?.done()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await run.done
    expect(sink.written.length + dropped).toBe(8000)
  })

  it('declares dropped scans on the next block that gets in', async () => {
    const sink = new ManualSink()
    const first = [...counted(5000, 512)]
    let resume: (() => void) | undefined
    const source = listed([])
    const gated = {
      ...source,
      async *read() {
        yield* first.slice(0, 4999)
        await new Promise<void>((resolve) => {
          resume = resolve
        })
        yield first[4999] as (typeof first)[0]
      }
    }
    const run = pipeline('p').from(gated).to(sink, { delivery: 'bestEffort' }).start()
    await until(() => resume !== undefined)
    const dropped = run.metrics.outlets.manual?.dropped as number
    while (sink.pending.length > 0) {
      sink.pending.shift()?.done()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    resume?.()
    await until(() => sink.pending.length > 0)
    sink.pending.shift()?.done()
    await run.done
    expect(sink.written.at(-1)?.gap).toEqual({ scans: dropped * 512, cause: 'shed' })
  })

  it('coalesces commits: one in flight, then the newest', async () => {
    const positions: number[] = []
    let inFlight = 0
    let most = 0
    const source = listed(counted(500))
    const slow = {
      ...source,
      commit: async (at: Readonly<Record<string, number>>) => {
        inFlight += 1
        most = Math.max(most, inFlight)
        positions.push(at.split as number)
        await new Promise((resolve) => setTimeout(resolve, 2))
        inFlight -= 1
      }
    }
    await pipeline('p')
      .from(slow)
      .to(collecting(), { batch: { items: 1 } })
      .start().done
    expect(most).toBe(1)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    expect(positions.at(-1)).toBe(499)
    expect(positions.length).toBeLessThan(500)
  })

  it('nothing is lost, doubled or committed before it is durable, in random pipelines', async () => {
    const scenario = fc.record({
      batches: fc.integer({ min: 1, max: 60 }),
      items: fc.integer({ min: 1, max: 9 }),
      delays: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 }),
      credit: fc.constantFrom('1KiB' as const, '4KiB' as const, '64MiB' as const),
      asynchronous: fc.boolean(),
      concurrency: fc.integer({ min: 1, max: 4 })
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ batches, items, delays, credit, asynchronous, concurrency }) => {
        const durable: number[][] = [[], []]
        const source = listed(counted(batches, 2))
        const wait = (i: number): Promise<void> =>
          new Promise((resolve) => setTimeout(resolve, delays[i % delays.length]))
        const sinks = durable.map((store): Sink<Block> => {
          let writes = 0
          return {
            write: async (blocks) => {
              writes += 1
              await wait(writes)
              store.push(...valuesOf(blocks))
            }
          }
        })
        const checked = {
          ...source,
          commit: async (at: Readonly<Record<string, number>>) => {
            const last = ((at.split as number) + 1) * 2 - 1
            for (const store of durable) expect(store).toContain(last)
          }
        }
        let calls = 0
        const pass = asynchronous
          ? asyncOperator({
              id: 'later',
              concurrency,
              kernel: (stream) => ({
                output: stream,
                process: async (block) => {
                  calls += 1
                  await wait(calls)
                  return block
                }
              })
            })
          : operator({ id: 'now', kernel: (stream) => ({ output: stream, process: (block) => block }) })
        const [one, two] = sinks as [Sink<Block>, Sink<Block>]
        await pipeline('p')
          .from(checked)
          .to(one, { batch: { items, age: '1ms' } })
          .pipe(pass)
          .to(two, { batch: { items: 1 + (items % 3), age: '1ms' } })
          .start({ credit }).done
        const all = Array.from({ length: batches * 2 }, (_, i) => i)
        expect(durable[0]).toEqual(all)
        expect(durable[1]).toEqual(all)
      }),
      { numRuns: 60 }
    )
  })
})

describe('batching', () => {
  it('writes after an age, in virtual time', async () => {
    const time = new VirtualTime()
    const sink = collecting()
    let done: (() => void) | undefined
    const source = {
      ...listed([]),
      async *read() {
        yield* counted(2)
        await new Promise<void>((resolve) => {
          done = resolve
        })
      }
    }
    const run = pipeline('p')
      .from(source)
      .to(sink, { batch: { age: '1h' } })
      .start({ scheduler: time })
    await until(() => done !== undefined)
    await time.advance(3_599_000)
    expect(sink.blocks).toEqual([])
    await time.advance(2000)
    expect(valuesOf(sink.blocks)).toEqual([0, 1])
    done?.()
    await run.done
  })
})
