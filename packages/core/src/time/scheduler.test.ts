import { describe, expect, it } from 'vitest'
import { VirtualTime } from '../testing/virtual-time.ts'
import { sleep } from './scheduler.ts'

async function isSettled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))])
}

describe('sleep', () => {
  it('wakes at its time', async () => {
    const time = new VirtualTime()
    const slept = sleep(100, time)
    await time.advance(99)
    expect(await isSettled(slept)).toBe(false)
    await time.advance(1)
    expect(await isSettled(slept)).toBe(true)
  })

  it('wakes at once when aborted, and leaves neither timer nor listener', async () => {
    const time = new VirtualTime()
    const stop = new AbortController()
    const slept = sleep(100, time, stop.signal)
    expect(time.pending).toBe(1)
    stop.abort()
    expect(await isSettled(slept)).toBe(true)
    expect(time.pending).toBe(0)
  })

  it('does not begin when aborted before', async () => {
    const time = new VirtualTime()
    expect(await isSettled(sleep(100, time, AbortSignal.abort()))).toBe(true)
    expect(time.pending).toBe(0)
  })

  it('takes its listener away when it wakes by itself', async () => {
    const time = new VirtualTime()
    const listeners: string[] = []
    const signal = {
      aborted: false,
      addEventListener: (type: string) => listeners.push(type),
      removeEventListener: (type: string) => listeners.splice(listeners.indexOf(type), 1)
    } as unknown as AbortSignal
    const slept = sleep(5, time, signal)
    expect(listeners).toEqual(['abort'])
    await time.advance(5)
    await slept
    expect(listeners).toEqual([])
  })
})
