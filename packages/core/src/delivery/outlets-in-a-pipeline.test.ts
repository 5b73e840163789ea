import { describe, expect, it } from 'vitest'
import { type DeadLetter, pipeline } from '../index.ts'
import { type Block, NotConnectedError, StorageError } from '../model/index.ts'
import { counted, listed, until, valuesOf } from '../pipeline/fixtures/test-doubles.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { VirtualTime } from '../testing/virtual-time.ts'

const away = (): NotConnectedError => new NotConnectedError('tcp://store')
const bad = new StorageError('store', 'no such column', false)
const retry = { first: '1ms', most: '5ms' } as const

describe('a required sink', () => {
  it('that is away for a while loses nothing, and nothing is committed before it has it', async () => {
    const sink = recordingSink<Block>()
    sink.failNext(away(), 5)
    const source = listed(counted(20))
    const checked = {
      ...source,
      commit: async (at: Readonly<Record<string, number>>) => {
        expect(valuesOf(sink.items)).toContain(at.split)
        await source.commit?.(at)
      }
    }
    const run = pipeline('p')
      .from(checked)
      .to(sink, { retry, batch: { items: 3 } })
      .start()
    await run.done
    expect(valuesOf(sink.items)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(source.commits.at(-1)).toEqual({ split: 19 })
    expect(run.metrics.outlets.recording).toMatchObject({ items: 20, retried: 5, rejected: 0 })
  })

  it('may come later than the pipeline', async () => {
    const sink = recordingSink<Block>()
    let opened = 0
    sink.open = async () => {
      opened += 1
      if (opened < 4) throw away()
    }
    await pipeline('p')
      .from(listed(counted(3)))
      .to(sink, { retry })
      .start().done
    expect([opened, valuesOf(sink.items)]).toEqual([4, [0, 1, 2]])
  })

  it('that refuses a block: the dead letters have it, with reason and position, before anything is committed', async () => {
    const sink = recordingSink<Block>({ id: 'store' })
    sink.refuse((block) => (block.origin.position === 1 ? bad : undefined))
    let stored: (() => void) | undefined
    const letters: DeadLetter[] = []
    const deadLetters = {
      write: (items: readonly DeadLetter[]): Promise<void> =>
        new Promise((resolve) => {
          stored = () => {
            letters.push(...items)
            resolve()
          }
        })
    }
    const source = listed(counted(3))
    const run = pipeline('p').from(source).to(sink, { retry }).start({ deadLetters })
    await until(() => stored !== undefined)
    expect(source.commits).toEqual([])
    stored?.()
    await run.done
    expect(valuesOf(sink.items)).toEqual([0, 2])
    expect(
      letters.map(({ from, position, split, error, block }) => [from, position, split, error, block?.length])
    ).toEqual([['store', 1, 'split', bad, 1]])
    expect(source.commits.at(-1)).toEqual({ split: 2 })
    expect(run.metrics.outlets.store).toMatchObject({ items: 2, rejected: 1 })
  })

  it('that refuses a block does not wait until the dead letters are worth a write', async () => {
    const sink = recordingSink<Block>()
    sink.refuse(() => bad)
    const deadLetters = recordingSink<DeadLetter>()
    const time = new VirtualTime() // stands still
    await pipeline('p')
      .from(listed(counted(3)))
      .to(sink)
      .start({ deadLetters, scheduler: time }).done
    expect(deadLetters.items.length).toBe(3)
  })

  it('that refuses a block with no place for it ends the run and names the options', async () => {
    const sink = recordingSink<Block>({ id: 'store' })
    sink.refuse(() => bad)
    const source = listed(counted(3))
    const { done } = pipeline('press-3').from(source).to(sink).start()
    await expect(done).rejects.toThrow(
      /^Pipeline press-3: sink store: an item was refused \(store: no such column\).*deadLetters.*directory/
    )
    expect(source.commits).toEqual([])
  })

  it('that is gone does not keep a stop waiting beyond its deadline', async () => {
    const sink = recordingSink<Block>()
    sink.failNext(away(), 1000)
    const source = listed(counted(3))
    const run = pipeline('p')
      .from(source)
      .to(sink, { retry: { first: '1h', most: '1h' } })
      .start()
    await until(() => sink.writes.length > 0)
    await run.stop({ drain: '20ms' })
    expect([source.commits, sink.closed]).toEqual([[], 1])
  })
})

it('one dead sink does not stall the others: bestEffort', async () => {
  const sink = recordingSink<Block>({ id: 'alive' })
  const dead = recordingSink<Block>({ id: 'dead' })
  dead.open = () => Promise.reject(away())
  const refusing = recordingSink<Block>({ id: 'refusing' })
  refusing.failNext(away(), 1000)
  const source = listed(counted(50))
  const run = pipeline('p')
    .from(source)
    .to(dead, { delivery: 'bestEffort', buffer: '1KiB' })
    .to(refusing, { delivery: 'bestEffort', buffer: '1KiB' })
    .to(sink, { batch: { age: '1ms' } })
    .start()
  await until(() => source.commits.at(-1)?.split === 49)
  expect(sink.items.length).toBe(50)
  await run.done
  const { outlets } = run.metrics
  expect([outlets.dead?.dropped, outlets.refusing?.dropped]).toEqual([50, 50])
})

it('options of a sink are checked at the start', () => {
  const flow = (options: object) => () => pipeline('p').from(listed([])).to(recordingSink(), options).start()
  expect(flow({ inFlight: 2 })).toThrow('recording: inFlight above 1 reorders items and needs idempotent: true, got 2')
  expect(flow({ retry: { factor: 0 } })).toThrow('recording: retry.factor must be a number of at least 1, got 0')
  expect(flow({ timeout: '0s' })).toThrow("recording: timeout must be longer than 0, got '0s'")
})
