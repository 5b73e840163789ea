import { describe, expect, it } from 'vitest'
import { BatchError, NotConnectedError } from '../model/errors.ts'
import type { Duration } from '../model/span.ts'
import { recordingSink } from './recording-sink.ts'
import { VirtualTime } from './virtual-time.ts'

const { signal } = new AbortController()

it('keeps items, writes, and how often it was opened and closed', async () => {
  const sink = recordingSink<number>({ id: 'memory' })
  const given = [1, 2]
  await sink.open?.(signal)
  await sink.write(given, signal)
  await sink.write([3], signal)
  given.push(99)
  await sink.close?.()
  await sink.close?.()
  expect([sink.id, sink.items, sink.writes, sink.opened, sink.closed]).toEqual([
    'memory',
    [1, 2, 3],
    [[1, 2], [3]],
    1,
    2
  ])
})

describe('failing', () => {
  it('fails as often as it is told, and keeps nothing of it', async () => {
    const sink = recordingSink<number>()
    const error = new NotConnectedError('tcp://store')
    sink.failNext(error, 2)
    await expect(sink.write([1], signal)).rejects.toBe(error)
    await expect(sink.write([2], signal)).rejects.toBe(error)
    await sink.write([3], signal)
    expect([sink.items, sink.writes.length, sink.inFlight]).toEqual([[3], 3, 0])
  })

  it('refuses single items and names them', async () => {
    const sink = recordingSink<number>()
    sink.refuse((item) => (item % 2 === 0 ? new Error(`even: ${item}`) : undefined))
    const error = await sink.write([1, 2, 3, 4], signal).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BatchError)
    expect([...(error as BatchError).failed].map(([i, why]) => [i, why.message])).toEqual([
      [1, 'even: 2'],
      [3, 'even: 4']
    ])
    expect(sink.items).toEqual([1, 3])
    sink.refuse(undefined)
    await sink.write([2], signal)
    expect(sink.items).toEqual([1, 3, 2])
  })
})

describe('taking its time', () => {
  it('is durable after the delay only', async () => {
    const time = new VirtualTime()
    const sink = recordingSink<number>({ delay: '50ms', scheduler: time })
    const both = Promise.all([sink.write([1], signal), sink.write([2], signal)])
    await time.advance(49)
    expect([sink.items, sink.inFlight]).toEqual([[], 2])
    await time.advance(1)
    await both
    expect([sink.items, sink.inFlight, sink.mostInFlight]).toEqual([[1, 2], 0, 2])
    sink.delay(undefined)
    await sink.write([3], signal)
    expect(sink.items).toEqual([1, 2, 3])
  })

  it('keeps nothing of a write that is aborted, and leaves no timer', async () => {
    const time = new VirtualTime()
    const sink = recordingSink<number>({ delay: '1h', scheduler: time })
    const stop = new AbortController()
    const write = sink.write([1], stop.signal)
    const reason = new Error('stopped')
    stop.abort(reason)
    await expect(write).rejects.toBe(reason)
    expect([sink.items, sink.inFlight, time.pending]).toEqual([[], 0, 0])
    await expect(sink.write([2], stop.signal)).rejects.toBe(reason)
  })

  it('refuses what is no span of time', () => {
    expect(() => recordingSink({ delay: '1m' as Duration })).toThrow('recordingSink: delay must be a span of time')
    expect(() => recordingSink().delay(5 as unknown as Duration)).toThrow(RangeError)
  })
})
