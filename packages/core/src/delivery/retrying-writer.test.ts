import { describe, expect, it } from 'vitest'
import {
  AuthError,
  BatchError,
  NotConnectedError,
  PipelineError,
  type SdkError,
  StorageError
} from '../model/errors.ts'
import { type RecordingSink, recordingSink } from '../testing/recording-sink.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { type RetryOptions, RetryPolicy } from './retry-policy.ts'
import { RetryingWriter, type RetryingWriterOptions } from './retrying-writer.ts'

const away = (): NotConnectedError => new NotConnectedError('tcp://store')
const bad = (why = 'no such column'): StorageError => new StorageError('store', why, false)
const alive = (): AbortSignal => new AbortController().signal

interface Bench {
  readonly time: VirtualTime
  readonly sink: RecordingSink<number>
  readonly letters: [number, SdkError][]
  readonly troubles: (string | undefined)[]
  readonly writer: RetryingWriter<number>
}

function bench(retry: RetryOptions = {}, more: Partial<RetryingWriterOptions<number>> = {}): Bench {
  const time = new VirtualTime()
  const sink = recordingSink<number>({ scheduler: time })
  const letters: [number, SdkError][] = []
  const troubles: (string | undefined)[] = []
  const writer = new RetryingWriter<number>({
    id: 'store',
    sink,
    policy: new RetryPolicy({ jitter: 0, ...retry }),
    timeoutMs: 30_000,
    scheduler: time,
    reject: async (item, error) => void letters.push([item, error]),
    troubled: (why) => troubles.push(why),
    ...more
  })
  return { time, sink, letters, troubles, writer }
}

/** How a promise stands after a while of virtual time. */
async function after(ms: number, time: VirtualTime, promise: Promise<unknown>): Promise<unknown> {
  let outcome: unknown = 'pending'
  promise.then(
    () => {
      outcome = 'done'
    },
    (error: unknown) => {
      outcome = error
    }
  )
  await time.advance(ms)
  return outcome
}

const refused = (letters: readonly [number, SdkError][]): number[] => letters.map(([item]) => item)

describe('retryable errors', () => {
  it('are repeated after growing waits until the sink takes the items', async () => {
    const { time, sink, troubles, writer } = bench()
    sink.failNext(away(), 3)
    const written = writer.write([1, 2], alive())
    expect(await after(99, time, written)).toBe('pending')
    expect(sink.writes.length).toBe(1)
    expect(await after(1, time, written)).toBe('pending')
    expect(sink.writes.length).toBe(2)
    expect(await after(599, time, written)).toBe('pending')
    expect(await after(1, time, written)).toBe('done')
    expect(sink.writes).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
      [1, 2]
    ])
    expect(sink.items).toEqual([1, 2])
    expect(troubles).toEqual([
      'No connection to tcp://store; next try in 100 ms',
      'No connection to tcp://store; next try in 200 ms',
      'No connection to tcp://store; next try in 400 ms',
      undefined
    ])
    expect([writer.writes, writer.retried, writer.lastError]).toEqual([1, 3, 'No connection to tcp://store'])
  })

  it('begin with the shortest wait again once a write went well', async () => {
    const { time, sink, troubles, writer } = bench()
    sink.failNext(away(), 2)
    await after(1000, time, writer.write([1], alive()))
    sink.failNext(away())
    await after(1000, time, writer.write([2], alive()))
    expect(troubles.at(-2)).toContain('next try in 100 ms')
  })

  it('are given up where asked: the dead letters have the items', async () => {
    const { time, sink, letters, writer } = bench({ first: '1s', giveUpAfter: '5s' })
    sink.failNext(away(), 99)
    const written = writer.write([1, 2], alive())
    expect(await after(4999, time, written)).toBe('pending')
    expect(letters).toEqual([])
    expect(await after(1, time, written)).toBe('done')
    expect(refused(letters)).toEqual([1, 2])
    expect(letters[0]?.[1].code).toBe('NOT_CONNECTED')
    expect(sink.writes.length).toBe(4) // at 0, 1, 3 and 5 s
  })

  it('go on as long as it takes unless told otherwise', async () => {
    const { time, sink, letters, writer } = bench()
    sink.failNext(away(), 1000)
    const written = writer.write([1], alive())
    expect(await after(3_600_000, time, written)).toBe('pending')
    expect(sink.writes.length).toBeGreaterThan(120)
    expect(letters).toEqual([])
  })

  it('end at once when the signal aborts', async () => {
    const { time, sink, writer } = bench({ first: '30s' })
    const stop = new AbortController()
    sink.failNext(away(), 9)
    const written = writer.write([1], stop.signal)
    await after(10, time, written)
    stop.abort(new PipelineError('p', 'closed'))
    expect(await after(0, time, written)).toEqual(new PipelineError('p', 'closed'))
    expect(time.pending).toBe(0)
  })
})

describe('items that are named', () => {
  it('are dealt with each by its own error: only what is not durable is written again', async () => {
    const { time, sink, letters, writer } = bench()
    const why = new Map<number, Error>([
      [2, away()],
      [3, bad()],
      [5, away()]
    ])
    sink.refuse((item) => why.get(item))
    const written = writer.write([1, 2, 3, 4, 5], alive())
    await after(50, time, written)
    expect(sink.items).toEqual([1, 4])
    expect(refused(letters)).toEqual([3])
    sink.refuse(undefined)
    expect(await after(50, time, written)).toBe('done')
    expect(sink.writes).toEqual([
      [1, 2, 3, 4, 5],
      [2, 5]
    ])
    expect(sink.items).toEqual([1, 4, 2, 5])
    expect(await written).toEqual([3])
  })

  it('may be many: they do not count as refused in a row', async () => {
    const { time, sink, letters, writer } = bench()
    sink.refuse((item) => (item < 9 ? bad() : undefined))
    expect(await after(0, time, writer.write([1, 2, 3, 4, 5, 6, 7, 8, 9], alive()))).toBe('done')
    expect(refused(letters)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(sink.writes.length).toBe(1)
  })

  it('end the write when the error of one of them does, and then none goes to the dead letters', async () => {
    const { time, sink, letters, writer } = bench()
    sink.refuse((item) => (item === 1 ? bad() : new TypeError('x is undefined')))
    const outcome = await after(0, time, writer.write([1, 2], alive()))
    expect(String(outcome)).toContain('store: a bug of the sink')
    expect(String(outcome)).toContain('x is undefined')
    expect(letters).toEqual([])
  })

  it('go to the dead letters when it took too long', async () => {
    const { time, sink, letters, writer } = bench({ giveUpAfter: '1s' })
    sink.refuse((item) => (item === 2 ? away() : undefined))
    expect(await after(1000, time, writer.write([1, 2, 3], alive()))).toBe('done')
    expect(refused(letters)).toEqual([2])
    expect(sink.items).toEqual([1, 3])
  })

  it.each([[new Map<number, Error>()], [new Map([[2, away()]])], [new Map([[-1, away()]])]])(
    'must be items of the write: %j',
    async (failed) => {
      const { time, sink, writer } = bench()
      sink.failNext(new BatchError('store', failed))
      const outcome = await after(0, time, writer.write([1, 2], alive()))
      expect(String(outcome)).toContain('sink store: its BatchError must name the failed items of 2 by index')
    }
  )
})

describe('a refusal of the whole write', () => {
  it('costs one item when one item is bad', async () => {
    const { time, sink, letters, writer } = bench()
    const items = Array.from({ length: 64 }, (_, i) => i)
    const write = sink.write.bind(sink)
    sink.write = async (some, signal) => {
      if (!some.includes(41)) return write(some, signal)
      throw bad('value out of range')
    }
    expect(await after(0, time, writer.write(items, alive()))).toBe('done')
    expect(sink.items).toEqual(items.filter((item) => item !== 41))
    expect(letters).toEqual([[41, bad('value out of range')]])
    expect(sink.writes.length).toBeLessThanOrEqual(7)
  })

  it('of three items in a row ends the write: it is not the items', async () => {
    const { time, sink, letters, writer } = bench()
    sink.failNext(bad('table was dropped'), 99)
    const outcome = await after(0, time, writer.write([1, 2, 3, 4, 5, 6, 7, 8], alive()))
    expect(outcome).toBeInstanceOf(PipelineError)
    expect(String(outcome)).toContain('sink store: 3 items in a row were refused, so it is not the items')
    expect(String(outcome)).toContain('table was dropped')
    expect(refused(letters)).toEqual([1, 2])
  })

  it('counts in a row over writes, and begins again after one that went well', async () => {
    const { time, sink, writer } = bench()
    for (const item of [1, 2, 3, 4]) {
      sink.failNext(bad())
      expect(await after(0, time, writer.write([item], alive()))).toBe('done')
      if (item === 2) await after(0, time, writer.write([9], alive()))
    }
    sink.failNext(bad())
    expect(await after(0, time, writer.write([5], alive()))).toBeInstanceOf(PipelineError)
  })

  it('needs a place for the item, and names the options that give one', async () => {
    const { time, sink, writer } = bench({}, { reject: undefined, pipeline: 'press-3' })
    sink.failNext(bad())
    const outcome = await after(0, time, writer.write([1], alive()))
    expect(String(outcome)).toBe(
      'PipelineError: Pipeline press-3: sink store: an item was refused (store: no such column), and there is no place for it: mend that, or give start({ deadLetters: sink }) or start({ directory })'
    )
  })

  it('is over only when the dead letters have the item', async () => {
    let stored: (() => void) | undefined
    const reject = (): Promise<void> =>
      new Promise((resolve) => {
        stored = resolve
      })
    const { time, sink, writer } = bench({}, { reject })
    sink.failNext(bad())
    const written = writer.write([1], alive())
    expect(await after(1000, time, written)).toBe('pending')
    stored?.()
    expect(await after(0, time, written)).toBe('done')
  })

  it('does not wait for the dead letters beyond the end', async () => {
    const { time, sink, writer } = bench({}, { reject: () => new Promise(() => {}) })
    const stop = new AbortController()
    sink.failNext(bad())
    const written = writer.write([1], stop.signal)
    await after(10, time, written)
    stop.abort(new Error('closed'))
    expect(await after(0, time, written)).toEqual(new Error('closed'))
  })

  it('fails when the dead letters do', async () => {
    const { time, sink, writer } = bench({}, { reject: () => Promise.reject(new Error('disk full')) })
    sink.failNext(bad())
    expect(await after(0, time, writer.write([1], alive()))).toEqual(new Error('disk full'))
  })
})

describe('errors that end it', () => {
  it('are not repeated', async () => {
    const { time, sink, letters, writer } = bench()
    sink.failNext(new AuthError('tcp://store'), 9)
    expect(await after(60_000, time, writer.write([1, 2], alive()))).toBeInstanceOf(AuthError)
    expect([sink.writes.length, letters.length]).toEqual([1, 0])
  })

  it('name the sink when they are none of this SDK', async () => {
    const { time, sink, writer } = bench()
    const cause = new TypeError('x is undefined')
    sink.failNext(cause)
    const outcome = await after(0, time, writer.write([1], alive()))
    expect(String(outcome)).toContain('store: a bug of the sink')
    expect((outcome as Error).cause).toBe(cause)
  })

  it('leave what is neither durable nor refused to the caller', async () => {
    const abandoned: number[] = []
    const { time, sink, writer } = bench({}, { abandoned: (items) => abandoned.push(...items) })
    sink.write = async (items) => {
      if (items.includes(4)) throw items.length > 1 ? bad() : new TypeError('bug')
    }
    await after(0, time, writer.write([1, 2, 3, 4, 5, 6, 7, 8], alive()))
    expect(abandoned).toEqual([4, 5, 6, 7, 8])
  })

  it('leave to the caller no item that is durable', async () => {
    const abandoned: number[] = []
    const { time, sink, writer } = bench({}, { abandoned: (items) => abandoned.push(...items) })
    sink.refuse((item) => (item % 2 === 0 ? new TypeError('bug') : undefined))
    await after(0, time, writer.write([1, 2, 3, 4], alive()))
    expect([sink.items, abandoned]).toEqual([
      [1, 3],
      [2, 4]
    ])
  })
})

describe('a write that takes too long', () => {
  it('is aborted and repeated, in halves', async () => {
    const { time, sink, troubles, writer } = bench({ first: '1s' })
    const sizes: number[] = []
    sink.write = (items, signal) => {
      sizes.push(items.length)
      if (items.length < 3) return Promise.resolve()
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
    }
    const written = writer.write([1, 2, 3, 4, 5, 6, 7, 8], alive())
    expect(await after(63_000, time, written)).toBe('done')
    expect(sizes).toEqual([8, 4, 2, 2, 2, 2])
    expect(writer.timeouts).toBe(2)
    expect(troubles[0]).toBe('store: the end of a write of 8 items did not come within 30000 ms; next try in 1 s')
  })

  it('begins with the shortest wait again once a part went well', async () => {
    const { time, sink, troubles, writer } = bench({ first: '1s' })
    sink.delay('1h')
    const written = writer.write([1, 2, 3, 4], alive())
    await time.advance(30_000)
    sink.delay(undefined)
    const write = sink.write.bind(sink)
    sink.write = async (items, signal) => {
      await write(items, signal)
      sink.write = write
      sink.failNext(away())
    }
    expect(await after(2000, time, written)).toBe('done')
    expect(sink.writes.map(({ length }) => length)).toEqual([4, 2, 2, 2])
    expect(troubles.map((why) => why?.split(';')[1])).toEqual([
      ' next try in 1 s',
      undefined,
      ' next try in 1 s',
      undefined
    ])
  })

  it('is taken as it ends when it succeeds after all', async () => {
    const { time, sink, writer } = bench()
    let done: (() => void) | undefined
    sink.write = () =>
      new Promise((resolve) => {
        done = resolve
      })
    const written = writer.write([1], alive())
    expect(await after(30_500, time, written)).toBe('pending')
    done?.()
    expect(await after(0, time, written)).toBe('done')
    expect([writer.timeouts, writer.retried]).toEqual([1, 0])
  })

  it('is waited for when it does not end: never two writes of one sink at once', async () => {
    const { time, sink, troubles, writer } = bench()
    let writes = 0
    let fail: ((error: Error) => void) | undefined
    sink.write = () => {
      writes += 1
      return writes > 1
        ? Promise.resolve()
        : new Promise((_, reject) => {
            fail = reject
          })
    }
    const written = writer.write([1], alive())
    expect(await after(600_000, time, written)).toBe('pending')
    expect(writes).toBe(1)
    expect(troubles).toEqual([
      'store: the end of a write of 1 items did not come within 30000 ms, and it does not end although its signal aborted; waiting for it'
    ])
    fail?.(new Error('socket closed'))
    expect(await after(100, time, written)).toBe('done')
    expect(writes).toBe(2)
  })

  it('is left behind after a second where the sink is idempotent', async () => {
    const { time, sink, writer } = bench({}, { idempotent: true })
    let writes = 0
    sink.write = () => {
      writes += 1
      return writes > 1 ? Promise.resolve() : new Promise(() => {})
    }
    const written = writer.write([1], alive())
    expect(await after(30_999, time, written)).toBe('pending')
    expect(writes).toBe(1)
    expect(await after(101, time, written)).toBe('done')
    expect(writes).toBe(2)
  })

  it('does not hold up the end', async () => {
    const { time, sink, writer } = bench()
    sink.write = () => new Promise(() => {})
    const stop = new AbortController()
    const written = writer.write([1], stop.signal)
    await after(10, time, written)
    stop.abort(new Error('closed'))
    expect(await after(999, time, written)).toBe('pending')
    expect(await after(1, time, written)).toEqual(new Error('closed'))
  })
})

describe('opening', () => {
  it('is repeated while that may help', async () => {
    const { time, sink, troubles, writer } = bench()
    let opened = 0
    sink.open = async () => {
      opened += 1
      if (opened < 3) throw away()
    }
    const open = writer.open(alive())
    expect(await after(299, time, open)).toBe('pending')
    expect(await after(1, time, open)).toBe('done')
    expect(troubles.at(-1)).toBeUndefined()
  })

  it('fails at once when it cannot', async () => {
    const { time, sink, writer } = bench()
    sink.open = async () => {
      throw bad('no such directory')
    }
    expect(await after(0, time, writer.open(alive()))).toEqual(bad('no such directory'))
  })

  it('is aborted when it takes too long, and tried again', async () => {
    const { time, sink, writer } = bench()
    let opened = 0
    sink.open = (signal) => {
      opened += 1
      if (opened > 1) return Promise.resolve()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    }
    expect(await after(30_100, time, writer.open(alive()))).toBe('done')
    expect([opened, writer.timeouts]).toEqual([2, 1])
  })
})
