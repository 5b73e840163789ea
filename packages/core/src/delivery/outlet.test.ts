import { describe, expect, it } from 'vitest'
import { AuthError, NotConnectedError, type SdkError, StorageError } from '../model/errors.ts'
import { type RecordingSink, recordingSink } from '../testing/recording-sink.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { Delivery } from './ledger.ts'
import { Outlet } from './outlet.ts'
import type { OutletOptions } from './outlet-options.ts'

const away = (): NotConnectedError => new NotConnectedError('tcp://store')
const bad = (): StorageError => new StorageError('store', 'no such column', false)

interface Bench {
  readonly time: VirtualTime
  readonly sink: RecordingSink<number>
  readonly outlet: Outlet<number>
  readonly settled: number[]
  readonly dropped: number[]
  readonly letters: [number, SdkError][]
  readonly failures: unknown[]
  readonly states: string[]
  /** Adds an item with a delivery of its own. */
  add(item: number): boolean
}

function bench(more: Partial<OutletOptions<number>> = {}): Bench {
  const time = new VirtualTime()
  const sink = recordingSink<number>({ scheduler: time })
  const lists = { settled: [] as number[], dropped: [] as number[], failures: [] as unknown[], states: [] as string[] }
  const letters: [number, SdkError][] = []
  const outlet = new Outlet<number>({
    id: 'store',
    sink,
    delivery: 'required',
    batch: { items: 2, age: '10ms' },
    retry: { first: '1s', jitter: 0 },
    scheduler: time,
    bytesOf: () => 100,
    deadLetters: async (item, error) => void letters.push([item, error]),
    dropped: (item) => lists.dropped.push(item),
    failed: (error) => lists.failures.push(error),
    changed: () => lists.states.push(`${outlet.state.state} ${outlet.state.why ?? ''}`.trim()),
    warn: () => {},
    ...more
  })
  const add = (item: number): boolean => {
    const delivery = new Delivery(item, 100, 0, () => lists.settled.push(item))
    const taken = outlet.add(item, delivery)
    delivery.release()
    return taken
  }
  return { time, sink, outlet, letters, add, ...lists }
}

async function end({ outlet, time }: Bench): Promise<void> {
  const closed = outlet.close()
  await time.advance(2000)
  await closed
}

describe('required', () => {
  it('settles what is durable, and nothing before', async () => {
    const on = bench()
    await on.outlet.open()
    on.sink.failNext(away())
    on.add(1)
    on.add(2)
    await on.time.advance(999)
    expect([on.settled, on.sink.items]).toEqual([[], []])
    await on.time.advance(1)
    expect([on.settled, on.sink.items]).toEqual([
      [1, 2],
      [1, 2]
    ])
    await end(on)
  })

  it('settles what the dead letters have', async () => {
    const on = bench()
    await on.outlet.open()
    on.sink.refuse((item) => (item === 2 ? bad() : undefined))
    on.add(1)
    on.add(2)
    await on.time.advance(0)
    expect(on.settled).toEqual([1, 2])
    expect(on.letters).toEqual([[2, bad()]])
    const { items, bytes, rejected } = on.outlet.metrics
    expect([items, bytes, rejected]).toEqual([1, 100, 1])
    await end(on)
  })

  it('ends the run by an error that is no use to repeat, and settles nothing after it', async () => {
    const on = bench()
    await on.outlet.open()
    on.sink.failNext(new AuthError('tcp://store'))
    on.add(1)
    on.add(2)
    await on.time.advance(0)
    expect(on.failures).toEqual([new AuthError('tcp://store')])
    expect(on.outlet.state).toMatchObject({ state: 'degraded', why: 'tcp://store refused the credentials' })
    on.add(3)
    on.add(4)
    await on.time.advance(60_000)
    expect([on.settled, on.sink.items, on.sink.writes.length]).toEqual([[], [], 1])
    await end(on)
  })

  it('waits for the sink to be there: pipelines start in any order', async () => {
    const on = bench()
    let opened = 0
    on.sink.open = async () => {
      opened += 1
      if (opened < 3) throw away()
    }
    let isOpen = false
    void on.outlet.open().then(() => {
      isOpen = true
    })
    await on.time.advance(2999)
    expect([isOpen, on.outlet.state.state]).toEqual([false, 'connecting'])
    expect(on.outlet.state.why).toBe('No connection to tcp://store; next try in 2 s')
    await on.time.advance(1)
    expect([isOpen, on.outlet.state]).toEqual([true, { state: 'running', since: on.time.now() }])
    await end(on)
  })

  it('does not start with a sink that cannot be opened', async () => {
    const on = bench()
    on.sink.open = async () => {
      throw bad()
    }
    await expect(on.outlet.open()).rejects.toThrow('no such column')
  })

  it('has one write in flight, and what is due meanwhile in the next', async () => {
    const on = bench()
    await on.outlet.open()
    on.sink.delay('50ms')
    for (let item = 0; item < 9; item += 1) {
      on.add(item)
      await on.time.advance(5)
    }
    await on.time.advance(1000)
    expect(on.sink.mostInFlight).toBe(1)
    expect(on.sink.writes).toEqual([
      [0, 1],
      [2, 3, 4, 5, 6, 7, 8]
    ])
    await end(on)
  })

  it('ends every wait at close, gives up what is held and settles none of it', async () => {
    const on = bench({ retry: { first: '30s', jitter: 0 } })
    await on.outlet.open()
    on.sink.failNext(away(), 99)
    for (const item of [1, 2, 3]) on.add(item)
    await on.time.advance(100)
    await on.outlet.close() // without a moment of virtual time
    expect([on.settled, on.sink.closed, on.outlet.state.state]).toEqual([[], 1, 'stopped'])
    expect(on.time.pending).toBe(0)
  })

  it('ends the wait for the sink at close', async () => {
    const on = bench({ retry: { first: '30s' } })
    on.sink.open = async () => {
      throw away()
    }
    const opened = on.outlet.open()
    opened.catch(() => {})
    await on.time.advance(100)
    await on.outlet.close()
    await expect(opened).rejects.toThrow('is being closed')
  })

  it('drains what is left, however long it takes', async () => {
    const on = bench({ batch: { items: 100, age: '1h' } })
    await on.outlet.open()
    on.sink.failNext(away(), 2)
    for (const item of [1, 2, 3]) on.add(item)
    let isDrained = false
    void on.outlet.drain().then(() => {
      isDrained = true
    })
    await on.time.advance(2999)
    expect(isDrained).toBe(false)
    await on.time.advance(1)
    expect([isDrained, on.settled]).toEqual([true, [1, 2, 3]])
    await end(on)
  })
})

describe('writes at the same time', () => {
  it('are as many as asked, of a sink that is idempotent', async () => {
    const on = bench({ inFlight: 3, idempotent: true })
    await on.outlet.open()
    on.sink.delay('50ms')
    for (let item = 0; item < 12; item += 1) {
      on.add(item)
      await on.time.advance(1)
    }
    await on.time.advance(200)
    expect(on.sink.mostInFlight).toBe(3)
    expect(on.sink.items.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(on.settled.length).toBe(12)
    await end(on)
  })

  it('do not wait for one that fails', async () => {
    const on = bench({ inFlight: 2, idempotent: true })
    await on.outlet.open()
    on.sink.failNext(away(), 1)
    for (const item of [1, 2]) on.add(item)
    await on.time.advance(0)
    for (const item of [3, 4]) on.add(item)
    await on.time.advance(100)
    expect(on.settled).toEqual([3, 4])
    await on.time.advance(1000)
    expect(on.settled).toEqual([3, 4, 1, 2])
    await end(on)
  })
})

describe('bestEffort', () => {
  const bestEffort = { delivery: 'bestEffort', buffer: '1KiB' } as const

  it('repeats as well, keeps what fits, drops the newest, and tells it', async () => {
    const on = bench(bestEffort)
    await on.outlet.open()
    on.sink.failNext(away())
    for (let item = 0; item < 15; item += 1) on.add(item)
    expect(on.settled.length).toBe(15)
    expect(on.dropped).toEqual([10, 11, 12, 13, 14])
    await on.time.advance(1000)
    expect(on.sink.items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(on.outlet.metrics).toMatchObject({ items: 10, dropped: 5, retried: 1, queuedItems: 0 })
    await end(on)
  })

  it('counts what is being written as held', async () => {
    const on = bench(bestEffort)
    await on.outlet.open()
    on.sink.delay('1min')
    for (let item = 0; item < 8; item += 1) on.add(item)
    await on.time.advance(0)
    for (let item = 8; item < 12; item += 1) on.add(item)
    expect(on.dropped).toEqual([10, 11])
    await end(on)
  })

  it('does not hold up the start, nor anything else, while its sink is away', async () => {
    const on = bench(bestEffort)
    let isThere = false
    on.sink.open = async () => {
      if (!isThere) throw away()
    }
    await on.outlet.open()
    expect(on.outlet.state.state).toBe('connecting')
    for (let item = 0; item < 12; item += 1) on.add(item)
    expect(on.settled.length).toBe(12)
    await on.time.advance(500)
    isThere = true
    await on.time.advance(5000)
    expect(on.sink.items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect([on.dropped, on.outlet.state.state]).toEqual([[10, 11], 'running'])
    await end(on)
  })

  it('drops and tells everything when its sink can never be opened', async () => {
    const on = bench(bestEffort)
    on.sink.open = async () => {
      throw new AuthError('tcp://store')
    }
    await on.outlet.open()
    on.add(1)
    await on.time.advance(10)
    on.add(2)
    await on.outlet.drain()
    expect([on.dropped, on.failures]).toEqual([[1, 2], []])
    expect(on.outlet.state.why).toBe('tcp://store refused the credentials; everything for it is dropped')
    await end(on)
  })

  it('gives refused items to the dead letters', async () => {
    const on = bench(bestEffort)
    await on.outlet.open()
    on.sink.refuse((item) => (item === 2 ? bad() : undefined))
    for (const item of [1, 2, 3]) on.add(item)
    await on.time.advance(20)
    expect([on.sink.items, on.letters, on.dropped]).toEqual([[1, 3], [[2, bad()]], []])
    await end(on)
  })

  it('drops and tells refused items when there are no dead letters', async () => {
    const on = bench({ delivery: 'bestEffort', deadLetters: undefined })
    await on.outlet.open()
    on.sink.refuse((item) => (item === 2 ? bad() : undefined))
    for (const item of [1, 2, 3]) on.add(item)
    await on.time.advance(20)
    expect([on.sink.items, on.dropped]).toEqual([[1, 3], [2]])
    expect(on.outlet.metrics).toMatchObject({ items: 2, dropped: 1, rejected: 0 })
    await end(on)
  })

  it('never ends the run: a write that cannot be repeated costs its items', async () => {
    const on = bench(bestEffort)
    await on.outlet.open()
    on.sink.failNext(new AuthError('tcp://store'))
    for (const item of [1, 2]) on.add(item)
    await on.time.advance(20)
    for (const item of [3, 4]) on.add(item)
    await on.time.advance(20)
    expect([on.sink.items, on.dropped, on.failures]).toEqual([[3, 4], [1, 2], []])
    expect(on.states).toEqual(['running', 'degraded tcp://store refused the credentials', 'running'])
    await end(on)
  })

  it('has a second for the rest at the end, and counts what it had to give up', async () => {
    const on = bench(bestEffort)
    await on.outlet.open()
    on.sink.failNext(away(), 99)
    for (const item of [1, 2, 3]) on.add(item)
    let isDrained = false
    void on.outlet.drain().then(() => {
      isDrained = true
    })
    await on.time.advance(999)
    expect(isDrained).toBe(false)
    await on.time.advance(1)
    expect(isDrained).toBe(true)
    await end(on)
    expect(on.dropped.toSorted()).toEqual([1, 2, 3])
  })

  it('leaves no timer behind when it drained in time', async () => {
    const on = bench(bestEffort)
    await on.outlet.open()
    on.add(1)
    await on.outlet.drain()
    expect(on.sink.items).toEqual([1])
    expect(on.time.pending).toBe(0)
  })
})

describe('what it shows', () => {
  it('is degraded and why while the last attempt failed', async () => {
    const on = bench({ retry: { first: '3s', jitter: 0 } })
    await on.outlet.open()
    const { since } = on.outlet.state
    on.sink.failNext(away(), 2)
    on.add(1)
    await on.time.advance(10)
    expect(on.outlet.state).toEqual({
      state: 'degraded',
      why: 'No connection to tcp://store; next try in 3 s',
      since: since + 10
    })
    await on.time.advance(3000)
    expect(on.outlet.state).toMatchObject({ why: expect.stringContaining('next try in 6 s'), since: since + 10 })
    await on.time.advance(6000)
    expect(on.outlet.state).toEqual({ state: 'running', why: undefined, since: since + 9010 })
    expect(on.states.length).toBe(4)
    expect(on.outlet.metrics.lastError).toBe('No connection to tcp://store')
    await end(on)
    expect(on.states.at(-1)).toBe('stopped')
  })

  it('is the age of the oldest item that is not durable', async () => {
    const on = bench({ batch: { items: 2, age: '1h' } })
    await on.outlet.open()
    on.sink.failNext(away())
    expect(on.outlet.metrics.oldestMs).toBe(0)
    on.add(1)
    await on.time.advance(40)
    expect(on.outlet.metrics).toMatchObject({ oldestMs: 40, queuedItems: 1, queuedBytes: 100 })
    on.add(2)
    await on.time.advance(10)
    on.add(3)
    await on.time.advance(10)
    expect(on.outlet.metrics).toMatchObject({ oldestMs: 60, queuedItems: 3, queuedBytes: 300 })
    await on.time.advance(980)
    expect(on.outlet.metrics).toMatchObject({ oldestMs: 990, queuedItems: 1, writes: 1, retried: 1 })
    await end(on)
  })

  it('counts attempts that took too long', async () => {
    const on = bench({ timeout: '5s' })
    await on.outlet.open()
    on.sink.delay('1min')
    on.add(1)
    await on.time.advance(5010)
    on.sink.delay(undefined)
    await on.time.advance(1000)
    expect(on.outlet.metrics).toMatchObject({ timeouts: 1, retried: 1, items: 1 })
    await end(on)
  })
})

it.each([
  [{ delivery: 'sometimes' }, "store: delivery must be 'required', 'spooled' or 'bestEffort', got 'sometimes'"],
  [{ batch: { items: 0 } }, 'store: batch.items must be a positive whole number, got 0'],
  [{ batch: { bytes: '1MB' } }, "store: batch.bytes must be a size such as '512KiB' or '64MiB', got '1MB'"],
  [{ timeout: '0s' }, "store: timeout must be longer than 0, got '0s'"],
  [{ timeout: 30 }, 'store: timeout must be a span of time'],
  [{ inFlight: 1.5 }, 'store: inFlight must be a positive whole number, got 1.5'],
  [{ inFlight: 2 }, 'store: inFlight above 1 reorders items and needs idempotent: true, got 2'],
  [{ inFlight: 2, idempotent: false }, 'store: inFlight above 1 reorders items and needs idempotent: true, got 2'],
  [{ idempotent: 'yes' }, 'store: idempotent must be true or false, got yes'],
  [{ retry: { jitter: 2 } }, 'store: retry.jitter must be a number from 0 to 1, got 2']
])('refuses %j', (options, message) => {
  expect(() => bench(options as never)).toThrow(message)
})
