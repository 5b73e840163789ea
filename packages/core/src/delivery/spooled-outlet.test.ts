import { describe, expect, it } from 'vitest'
import { type Block, type MeasurementEvent, NotConnectedError, type SdkError, StorageError } from '../model/index.ts'
import { memoryFiles } from '../node/spool/fixtures/memory-files.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { blockAt, held, type Item, outletOn } from './fixtures/spooled-outlets.ts'

const numbers = (items: readonly Item[]): number[] => items.map(({ origin }) => origin.position)

describe('SpooledOutlet', () => {
  it('releases a delivery when it is on disk, not before, and without the sink', async () => {
    const time = new VirtualTime()
    const sink = recordingSink<Item>()
    sink.failNext(new NotConnectedError('tcp://store'), 1000)
    const outlet = outletOn(memoryFiles(), time, { sink })
    await outlet.open()
    const delivery = held(outlet, blockAt(1, 0))
    await time.advance(90)
    expect(delivery.isSettled).toBe(false)
    await time.advance(20)
    expect([delivery.isSettled, sink.items]).toEqual([true, []])
    await time.advance(3000)
    expect(outlet.state).toMatchObject({ state: 'degraded', why: expect.stringContaining('No connection') })
    expect(outlet.metrics).toMatchObject({ queuedItems: 1, items: 0 })
    await outlet.close()
  })

  it('writes in order, releases what is written, and has nothing to say after a restart', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const sink = recordingSink<Item>()
    const outlet = outletOn(files, time, { sink }, { segment: '64KiB' })
    await outlet.open()
    for (let i = 1; i <= 100; i += 1) {
      held(outlet, blockAt(i, i * 2560))
      await time.advance(50)
    }
    const draining = outlet.drain()
    await time.advance(1000)
    await draining
    expect(numbers(sink.items)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(sink.items.some(({ origin }) => 'historical' in origin && origin.historical)).toBe(false)
    expect(outlet.metrics).toMatchObject({ items: 100, queuedItems: 0, rejected: 0 })
    expect(outlet.metrics.spool?.segments).toBeLessThan(3)
    await outlet.close()
    expect(sink.closed).toBe(1)
    const again = outletOn(files, time, { sink }, { segment: '64KiB' })
    await again.open()
    await time.advance(1000)
    expect(sink.items).toHaveLength(100)
    await again.close()
  })

  it('a short trouble is no outage: the order stays, nothing is flagged', async () => {
    const time = new VirtualTime()
    const sink = recordingSink<Item>()
    const outlet = outletOn(memoryFiles(), time, { sink })
    await outlet.open()
    sink.failNext(new NotConnectedError('tcp://store'), 2)
    for (let i = 1; i <= 20; i += 1) {
      held(outlet, blockAt(i, i * 2560))
      await time.advance(50)
    }
    await time.advance(2000)
    expect(numbers(sink.items)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(sink.items.some(({ origin }) => 'historical' in origin && origin.historical)).toBe(false)
    await outlet.close()
  })

  it('keeps events, and gives what the sink refuses to the dead letters', async () => {
    const time = new VirtualTime()
    const sink = recordingSink<Item>()
    sink.refuse((item) => (item.origin.position === 2 ? new StorageError('store', 'no such column', false) : undefined))
    const letters: [number, string][] = []
    const deadLetters = async (item: Item, error: SdkError): Promise<void> =>
      void letters.push([item.origin.position, error.message])
    const outlet = outletOn(memoryFiles(), time, { sink, deadLetters })
    await outlet.open()
    const origin = { split: 's', position: 3 }
    const event: MeasurementEvent = {
      id: 'e',
      kind: 'notice',
      phase: 'begin',
      stream: 's',
      rule: 'r',
      start: 5,
      origin
    }
    for (const item of [blockAt(1, 0), blockAt(2, 2560), event]) held(outlet, item)
    await time.advance(1000)
    expect(numbers(sink.items)).toEqual([1, 3])
    expect(sink.items[1]).toEqual(event)
    expect(letters).toEqual([[2, 'store: no such column']])
    expect(outlet.metrics).toMatchObject({ items: 2, rejected: 1, queuedItems: 0 })
    await outlet.close()
  })

  it('writes back-fill at its rate', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const down = recordingSink<Item>()
    down.failNext(new NotConnectedError('tcp://store'), 1000)
    const first = outletOn(files, time, { sink: down })
    await first.open()
    for (let i = 1; i <= 200; i += 1) held(first, blockAt(i, i * 2560))
    await time.advance(5000)
    await first.close()
    const sink = recordingSink<Item>()
    const outlet = outletOn(files, time, { sink, backfill: '256KiB' })
    await outlet.open()
    const bytes = 200 * (400 + 8 * 8 * 256)
    const seconds = bytes / (256 * 1024)
    await time.advance(1000 * seconds * 0.9)
    expect(sink.items.length).toBeLessThan(200)
    expect(sink.items.length).toBeGreaterThan(100)
    await time.advance(1000 * seconds * 0.2 + 1000)
    expect(numbers(sink.items)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    expect(sink.items.every(({ origin }) => 'historical' in origin && origin.historical)).toBe(true)
    await outlet.close()
  })

  it('ends the run when the disk will never take it', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const failures: unknown[] = []
    const outlet = outletOn(files, time, { sink: recordingSink<Item>(), failed: (error) => failures.push(error) })
    await outlet.open()
    files.before = (operation) => {
      if (operation === 'write') throw Object.assign(new Error('EROFS'), { code: 'EROFS' })
    }
    const delivery = held(outlet, blockAt(1, 0))
    await time.advance(1000)
    expect([delivery.isSettled, failures]).toMatchObject([false, [{ code: 'STORAGE_FAILED', retryable: false }]])
    await outlet.close()
  })

  it('refuses wrong options', () => {
    const time = new VirtualTime()
    const build = (change: object) => () => outletOn(memoryFiles(), time, { sink: recordingSink<Item>(), ...change })
    expect(build({ backfill: '0MiB' })).toThrow('store: spool.backfill must be a size')
    expect(build({ batch: { items: 0 } })).toThrow('store: batch.items must be a positive whole number, got 0')
  })
})

describe('a spooled outlet', () => {
  const isHistorical = (item: Item): boolean => 'historical' in item.origin && item.origin.historical === true
  const away = (id = 'store'): ReturnType<typeof recordingSink<Item>> => {
    const sink = recordingSink<Item>({ id })
    sink.failNext(new NotConnectedError('tcp://store'), 100_000)
    return sink
  }

  it('gives the spool back that was opened while it was being closed', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const outlet = outletOn(files, time, { sink: recordingSink<Item>() })
    const opening = outlet.open()
    await outlet.close()
    await opening
    expect([files.openFiles, [...files.contents.keys()].filter((path) => path.includes('lock'))]).toEqual([0, []])
  })

  it('declares what was dropped while it was away, also to a sink that it never reached before', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = { bytes: '256KiB', segment: '32KiB', onFull: 'dropOldest' } as const
    const first = outletOn(files, time, { sink: away() }, spool)
    await first.open()
    for (let i = 1; i <= 60; i += 1) {
      held(first, blockAt(i, i * 2560))
      await time.advance(200)
    }
    const { dropped } = first.metrics
    expect(dropped).toBeGreaterThan(5)
    await first.close()
    const sink = recordingSink<Item>()
    const second = outletOn(files, time, { sink }, spool)
    await second.open()
    expect(second.metrics.queuedItems).toBe(60 - dropped)
    await time.advance(5000)
    expect(numbers(sink.items)).toEqual(Array.from({ length: 60 - dropped }, (_, i) => dropped + 1 + i))
    expect((sink.items[0] as Block).gap).toEqual({ scans: 256 * dropped, cause: 'shed' })
    await second.close()
  })

  it('declares what was dropped of the end of a range behind', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const spool = { bytes: '256KiB', segment: '32KiB', onFull: 'dropOldest' } as const
    const sink = recordingSink<Item>()
    sink.failNext(new NotConnectedError('tcp://store'), 12)
    const outlet = outletOn(files, time, { sink, backfill: '4KiB', batch: { bytes: '32KiB' } }, spool) // far too slow
    await outlet.open()
    const total = 400
    for (let i = 1; i <= total; i += 1) {
      held(outlet, blockAt(i, i * 2560))
      await time.advance(500)
    }
    await time.advance(100_000)
    const there = new Set(numbers(sink.items))
    const missing = total - there.size
    expect(missing).toBeGreaterThan(10)
    const declared = new Map(
      sink.items.flatMap((item) => ('gap' in item && item.gap ? [[item.origin.position, item.gap] as const] : []))
    )
    const counts = [...declared.values()].map(({ scans }) => scans)
    const known = counts.reduce<number>((sum, scans) => sum + (scans === 'unknown' ? 0 : scans), 0)
    expect(known).toBeLessThanOrEqual(256 * missing)
    if (known < 256 * missing) expect(counts).toContain('unknown')
    expect(new Set([...declared.values()].map(({ cause }) => cause))).toEqual(new Set(['shed']))
    await outlet.close()
  })

  it('flags as back-fill what a slow sink gets late', async () => {
    const time = new VirtualTime()
    const seen: { number: number; late: number; isHistorical: boolean }[] = []
    const start = time.now()
    const sink = {
      id: 'slow',
      async write(items: readonly Item[]): Promise<void> {
        await new Promise<void>((resolve) => time.after(3000, resolve))
        for (const item of items) {
          const { position } = item.origin
          seen.push({ number: position, late: time.now() - start - position * 500, isHistorical: isHistorical(item) })
        }
      }
    }
    const outlet = outletOn(memoryFiles(), time, { sink, batch: { items: 2 } })
    await outlet.open()
    for (let i = 0; i < 100; i += 1) {
      held(outlet, blockAt(i, start + i * 2560))
      await time.advance(500)
    }
    await time.advance(300_000)
    const live = seen.filter((item) => !item.isHistorical)
    for (const { late } of live) expect(late).toBeLessThanOrEqual(1000 + 3000)
    expect(new Set(seen.map(({ number }) => number)).size).toBe(100)
    await outlet.close()
  })

  it('releases what the sink has when the cursor can be kept again', async () => {
    const time = new VirtualTime()
    const files = memoryFiles()
    const outlet = outletOn(files, time, { sink: recordingSink<Item>() }, { segment: '64KiB' })
    await outlet.open()
    await time.advance(1000)
    files.before = (operation, path) => {
      if (operation === 'write' && path.includes('cursor')) throw Object.assign(new Error('EIO'), { code: 'EIO' })
    }
    for (let i = 1; i <= 50; i += 1) held(outlet, blockAt(i, i * 2560))
    await time.advance(5000)
    expect(outlet.metrics.queuedItems).toBe(0)
    expect(outlet.metrics.spool?.segments).toBeGreaterThan(3)
    files.before = () => {}
    await time.advance(2000)
    expect(outlet.metrics.spool?.segments).toBeLessThan(3)
    await outlet.close()
    expect([time.pending, files.openFiles]).toEqual([0, 0])
  })

  it('drains at the end of data while the sink is connecting: until that fails', async () => {
    const time = new VirtualTime()
    const sink = Object.assign(recordingSink<Item>(), {
      open: () => new Promise<void>((_, reject) => time.after(500, () => reject(new NotConnectedError('tcp://store'))))
    })
    const outlet = outletOn(memoryFiles(), time, { sink })
    await outlet.open()
    const delivery = held(outlet, blockAt(1, 0))
    let isDrained = false
    const draining = outlet.drain().then(() => {
      isDrained = true
    })
    await time.advance(400)
    expect([delivery.isSettled, isDrained]).toEqual([true, false])
    await time.advance(200)
    expect(isDrained).toBe(true)
    await draining
    const closing = outlet.close()
    await time.advance(1000)
    await closing
    expect(time.pending).toBe(0)
  })
})
