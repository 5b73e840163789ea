import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type DeadLetter, openMetrics, pipeline } from '../index.ts'
import { type Block, NotConnectedError, StorageError } from '../model/index.ts'
import { counted, listed, until, valuesOf } from '../pipeline/fixtures/test-doubles.ts'
import { type RecordingSink, recordingSink } from '../testing/recording-sink.ts'

const root = mkdtempSync(join(tmpdir(), 'messwerk-spooled-outlet-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let folders = 0
const folder = (): string => {
  folders += 1
  return join(root, String(folders))
}

/** A store that is away until it is back. */
function awaySink(id: string): RecordingSink<Block> & { isAway: boolean } {
  const sink = recordingSink<Block>({ id })
  const { write } = sink
  return Object.assign(sink, {
    isAway: true,
    async write(this: { isAway: boolean }, items: readonly Block[], signal: AbortSignal) {
      if (this.isAway) throw new NotConnectedError('tcp://store')
      await write.call(sink, items, signal)
    }
  })
}

const retry = { first: '1ms', most: '5ms' } as const
const spool = { fsync: 'each', bytes: '1MiB' } as const
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('a spooled sink', () => {
  it('gets everything, in order, and the source is committed when the disk has it', async () => {
    const sink = recordingSink<Block>({ id: 'store' })
    const directory = folder()
    const source = listed(counted(20))
    const run = pipeline('p').from(source).to(sink, { delivery: 'spooled', spool, retry }).start({ directory })
    await run.done
    expect(valuesOf(sink.items)).toEqual(numbers(20))
    expect(readdirSync(directory).sort()).toEqual(['checkpoints', 'dead-letters.ndjson', 'spool-store'])
    expect(run.metrics.outlets.store).toMatchObject({ items: 20, queuedItems: 0, spool: { appended: 20 } })
    expect(openMetrics(run)).toContain('messwerk_spool_records{pipeline="p",sink="store"} ')
  })

  it('may be away: the run ends, the next one delivers what the disk has, and does not depend on it to be ready', async () => {
    const sink = awaySink('store')
    const directory = folder()
    const source = listed(counted(5))
    const options = { delivery: 'spooled', spool, retry } as const
    const run = pipeline('p').from(source).to(sink, options).start({ directory })
    await run.done
    expect(sink.items).toEqual([])
    expect(source.commits.at(-1)).toEqual({ split: 4 })
    const back = recordingSink<Block>({ id: 'store' })
    const more = listed([...counted(8)].slice(5))
    const again = pipeline('p').from(more).to(back, options).start({ directory })
    await again.done
    const seen = valuesOf(back.items)
    expect([...new Set(seen)].sort((a, b) => a - b)).toEqual(numbers(8))
    expect(back.items.filter(({ origin }) => origin.historical).length).toBeGreaterThanOrEqual(5)
  })

  it('that refuses a block: the dead letters have it', async () => {
    const sink = recordingSink<Block>({ id: 'store' })
    const bad = new StorageError('store', 'no such column', false)
    sink.refuse((block) => (block.origin.position === 1 ? bad : undefined))
    const letters = recordingSink<DeadLetter>()
    await pipeline('p')
      .from(listed(counted(3)))
      .to(sink, { delivery: 'spooled', spool: { ...spool, path: folder() }, retry })
      .start({ deadLetters: letters }).done
    expect(valuesOf(sink.items)).toEqual([0, 2])
    expect(letters.items.map(({ from, position, error }) => [from, position, error])).toEqual([['store', 1, bad]])
  })

  it('that is dead does not hold up another one', async () => {
    const dead = awaySink('dead')
    const other = recordingSink<Block>({ id: 'other' })
    const run = pipeline('p')
      .from(listed(counted(50)))
      .to(dead, { delivery: 'spooled', spool, retry })
      .to(other)
      .start({ directory: folder(), credit: '1KiB' })
    await run.done
    expect(valuesOf(other.items)).toEqual(numbers(50))
    expect(run.metrics.outlets.dead).toMatchObject({ items: 0, queuedItems: 50 })
  })

  it('that is full and blocks holds up the source, and nothing is lost', async () => {
    const sink = awaySink('store')
    const tiny = { ...spool, bytes: '32KiB', segment: '4KiB' } as const
    const run = pipeline('p')
      .from(listed(counted(600)))
      .to(sink, { delivery: 'spooled', spool: tiny, retry })
      .start({ directory: folder(), credit: '16KiB' })
    await until(() => run.metrics.pausedMs > 0 && run.metrics.outlets.store?.spool !== undefined)
    sink.isAway = false
    await run.done
    expect([...new Set(valuesOf(sink.items))].sort((a, b) => a - b)).toEqual(numbers(600))
  })

  it('that was renamed: the log names the folder that is left, how much it holds, and what to do', async () => {
    const directory = folder()
    const warnings: string[] = []
    const log = { info: () => {}, warn: (message: string) => void warnings.push(message), error: () => {} }
    const run = async (id: string, count: number, isAway: boolean, path?: string): Promise<RecordingSink<Block>> => {
      const sink = Object.assign(awaySink(id), { isAway })
      const more = path === undefined ? spool : { ...spool, path }
      const source = listed([...counted(count)].slice(count - 5))
      await pipeline('p').from(source).to(sink, { delivery: 'spooled', spool: more, retry }).start({ directory, log })
        .done
      return sink
    }
    await run('old', 5, true)
    expect(warnings.filter((text) => text.includes('spool-'))).toEqual([])
    const left = join(directory, 'spool-old')
    await run('new', 10, false)
    await until(() => warnings.some((text) => text.includes('spool-old')))
    expect(warnings.filter((text) => text.includes('spool-'))).toEqual([
      `p: ${left} holds 5 records that were never written, and no sink of this pipeline has it: give it to the sink that it is ` +
        `for: to(sink, { delivery: 'spooled', spool: { path: '${left}' } }), or remove it`
    ])
    warnings.length = 0
    const sink = await run('new', 15, false, left)
    expect(valuesOf(sink.items).slice(0, 5)).toEqual(numbers(5))
    await run('new', 20, false)
    expect(warnings.filter((text) => text.includes('spool-'))).toEqual([]) // everything in it is written
  })

  it.each([
    [{ spool }, "store: delivery 'spooled' needs a folder: give start({ directory }) or spool.path"],
    [{ spool: { path: '' } }, 'store: spool.path must be the path of a folder, got ""'],
    [{ spool: { bytes: 'much', path: 'x' } }, 'store: spool.bytes must be'],
    [{ spool: { onFull: 'drop', path: 'x' } }, "store: spool.onFull must be 'block', 'dropOldest' or 'dropNewest'"],
    [{ spool: { backfill: 'slow', path: 'x' } }, 'store: spool.backfill must be'],
    [
      { spool: { path: 'x' }, inFlight: 4 },
      "store: inFlight must be 1 with delivery 'spooled', which keeps the order, got 4"
    ]
  ])('refuses %j', (options, message) => {
    const sink = recordingSink<Block>({ id: 'store' })
    const start = () =>
      pipeline('p')
        .from(listed(counted(1)))
        .to(sink, { delivery: 'spooled', ...options } as never)
        .start()
    expect(start).toThrow(message)
  })
})
