import { describe, expect, it } from 'vitest'
import { openMetrics, pipeline } from '../index.ts'
import { NotConnectedError, type Source, StorageError } from '../model/index.ts'
import { recordingSink } from '../testing/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { batchOf, collecting, listed, scans, until, withGap } from './fixtures/test-doubles.ts'

/** A source that fails until it is told to go on, then waits. */
function away(): Source<'a'> & { come(): void } {
  let isThere = false
  return {
    id: 'plant',
    replay: 'position',
    come: () => {
      isThere = true
    },
    async *read({ signal }) {
      if (!isThere) throw new NotConnectedError('tcp://plant')
      yield batchOf(scans(1, [1]))
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    }
  }
}

describe('health', () => {
  it('says what keeps data from flowing, and that no restart is needed', async () => {
    const source = away()
    const run = pipeline('p')
      .from(source)
      .to(collecting())
      .start({ retry: { first: '1ms' } })
    expect(run.health().ready).toBe(false)
    await until(() => run.health().why.some((line) => line.includes('degraded')))
    const { live, why } = run.health()
    expect(live).toBe(true)
    expect(why.join()).toMatch(/source plant is degraded: No connection to tcp:\/\/plant; next try in \d+\.\d s/)
    source.come()
    await until(() => run.health().ready)
    expect(run.health()).toEqual({ live: true, ready: true, why: [] })
    await run.stop()
    expect(run.health()).toMatchObject({ live: false, ready: false })
  })

  it('follows a required sink that fails for a while, and not one that may be away', async () => {
    const store = recordingSink<unknown>({ id: 'store' })
    store.failNext(new StorageError('plant.duckdb', 'the disk is full', true), 3)
    const lost = recordingSink<unknown>({ id: 'dashboard' })
    lost.failNext(new NotConnectedError('ws://dashboard'), 1000)
    const source = away()
    source.come()
    const run = pipeline('p')
      .from(source)
      .to(store, { retry: { first: '20ms' }, batch: { age: '1ms' } })
      .to(lost, { delivery: 'bestEffort', batch: { age: '1ms' } })
      .start()
    await until(() =>
      run.health().why.some((line) => line.startsWith('sink store is degraded: plant.duckdb: the disk'))
    )
    await until(() => run.health().ready)
    expect(store.items).toHaveLength(1)
    await run.stop({ drain: '10ms' })
  })
})

describe('metrics', () => {
  it('count per source, sink and checkpoint', async () => {
    const source = listed([batchOf(scans(0, [1, 2])), batchOf(withGap(scans(1, [3]), 5))])
    const sink = recordingSink<unknown>({ id: 'store' })
    const run = pipeline('p')
      .from(source)
      .to(sink)
      .start({ checkpoint: { store: memoryCheckpoints() } })
    await run.done
    const { sources, outlets, checkpoints } = run.metrics
    expect(sources.listed).toMatchObject({ batches: 2, scans: 3, gaps: 1, missingScans: 5, uncommitted: 0, commits: 1 })
    expect(sources.listed).toMatchObject({ unsettledBytes: 0, oldestUnsettledMs: 0, retries: 0, redelivered: 0 })
    expect(outlets.store).toMatchObject({ items: 2, queuedItems: 0 })
    expect(checkpoints).toMatchObject({ saved: 1, failed: 0 })
    expect(checkpoints?.bytes).toBeGreaterThan(10)
  })

  it('tell how long the oldest batch waits', async () => {
    const source = away()
    source.come()
    const sink = recordingSink<unknown>({ delay: '1h' })
    const run = pipeline('p')
      .from(source)
      .to(sink, { batch: { age: '1ms' } })
      .start()
    await until(() => (run.metrics.sources.plant?.oldestUnsettledMs ?? 0) > 5)
    expect(run.metrics.sources.plant?.unsettledBytes).toBe(408)
    await run.stop({ drain: '1ms' })
  })

  it('show what lies at the peer, by split, of a source that knows', async () => {
    const source = Object.assign(listed([batchOf(scans(0, [1, 2]))]), { lag: () => ({ 'a "b"/0': 7, 'c/1': 0 }) })
    const run = pipeline('p').from(source).to(recordingSink<unknown>()).start()
    await run.done
    expect(run.metrics.sources.listed?.lag).toEqual({ 'a "b"/0': 7, 'c/1': 0 })
    const text = openMetrics(run)
    expect(text).toContain('# TYPE messwerk_source_lag gauge\n')
    expect(text).toContain('messwerk_source_lag{pipeline="p",source="listed",split="a \\"b\\"/0"} 7\n')
    expect(text).toContain('messwerk_source_lag{pipeline="p",source="listed",split="c/1"} 0\n')
    const other = pipeline('q').from(listed([])).to(recordingSink<unknown>()).start()
    await other.done
    expect(openMetrics(other)).not.toContain('messwerk_source_lag')
    expect(other.metrics.sources.listed).not.toHaveProperty('lag')
  })

  it('are OpenMetrics text: each family once, typed, with labels, and an end', async () => {
    const run = pipeline('press "3"\n')
      .from(listed([batchOf(scans(0, [1, 2]))]))
      .to(recordingSink<unknown>({ id: 'a\\b' }))
      .start({ checkpoint: { store: memoryCheckpoints() } })
    await run.done
    const text = openMetrics(run)
    const lines = text.split('\n')
    expect(lines.slice(-2)).toEqual(['# EOF', ''])
    expect(lines).toContain('messwerk_sink_items_total{pipeline="press \\"3\\"\\n",sink="a\\\\b"} 1')
    expect(lines).toContain('# TYPE messwerk_sink_items counter')
    expect(lines).toContain('# UNIT messwerk_checkpoint_age_seconds seconds')
    const families = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2])
    expect(new Set(families).size).toBe(families.length)
    for (const line of lines.filter((other) => other !== '' && !other.startsWith('#'))) {
      expect(line).toMatch(/^messwerk_[a-z_]+\{[a-z]+=".*"\} -?\d+(\.\d+)?(e[+-]?\d+)?$/)
      const name = line.slice(0, line.indexOf('{')).replace(/_total$/, '')
      expect(families).toContain(name)
    }
  })
})

it('a stop while a required sink is still away ends at once', async () => {
  const sink = recordingSink<unknown>({ id: 'store' })
  sink.open = () => Promise.reject(new NotConnectedError('postgres://store'))
  const run = pipeline('p').from(away()).to(sink).start()
  await until(() => run.health().why.some((line) => line.startsWith('sink store is connecting: No connection')))
  await run.stop({ drain: '1h' })
  expect(run.metrics.batches).toBe(0)
})

describe('the status', () => {
  it('counts the gaps of each source, with the last one', async () => {
    const time = new VirtualTime()
    const batches = [batchOf(scans(0, [1])), ...[1, 2, 3].map((i) => batchOf(withGap(scans(10 * i, [1]), i)))]
    const run = pipeline('p').from(listed(batches)).to(collecting()).start({ scheduler: time })
    const seen: unknown[] = []
    run.status$.subscribe(({ gaps }) => {
      const [count, last] = [gaps.listed?.count, gaps.listed?.last]
      if (seen.at(-1) !== count) seen.push(count)
      if (count === 3) expect(last).toEqual({ stream: 's', scans: 3, cause: 'lost', at: time.now() })
      if (count === 3) expect(gaps.listed?.missingScans).toBe(6)
    })
    await time.advance(10)
    await run.done
    expect(seen).toEqual([1, 3])
  })

  it('is told of holes once a second at most, and of the last one too', async () => {
    const time = new VirtualTime()
    let give = (_count: number): void => {}
    const source: Source<'a'> = {
      id: 'plant',
      replay: 'position',
      async *read({ signal }) {
        signal.addEventListener('abort', () => give(0))
        for (let i = 1; !signal.aborted; i += 1) {
          const count = await new Promise<number>((resolve) => {
            give = resolve
          })
          if (count > 0) yield batchOf(withGap(scans(10 * i, [1]), count))
        }
      }
    }
    const run = pipeline('p').from(source).to(collecting()).start({ scheduler: time })
    const seen: unknown[] = []
    run.status$.subscribe(({ gaps }) => gaps.plant && seen.push([time.elapsed(), gaps.plant.missingScans]))
    for (let i = 0; i < 15; i += 1) {
      await time.advance(100)
      give(1)
    }
    await time.advance(2000)
    const times = new Set(seen.map((line) => (line as number[])[0]))
    expect(seen.at(-1)).toEqual([2100, 15])
    expect([...times]).toEqual([100, 1100, 2100])
    const stopped = run.stop()
    await time.advance(1000)
    await stopped
  })

  it('logs that a part is running again, once', async () => {
    const lines: string[] = []
    const source = away()
    const run = pipeline('p')
      .from(source)
      .to(collecting())
      .start({ retry: { first: '1ms' }, log: { info: (line) => lines.push(line), warn: () => {}, error: () => {} } })
    await until(() => (run.metrics.sources.plant?.retries ?? 0) > 1)
    source.come()
    await until(() => run.health().ready)
    await run.stop()
    expect(lines.filter((line) => line.includes('again'))).toEqual(['source plant: running again'])
  })
})
