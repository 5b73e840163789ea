import { describe, expect, it } from 'vitest'
import { sleep } from '../time/scheduler.ts'
import { VirtualTime } from './virtual-time.ts'

describe('VirtualTime', () => {
  it('stands still until told', async () => {
    const time = new VirtualTime(1000)
    await time.macrotask()
    expect([time.now(), time.elapsed(), time.pending]).toEqual([1000, 0, 0])
    await time.advance(2.5)
    expect([time.now(), time.elapsed()]).toEqual([1002.5, 2.5])
    expect(new VirtualTime().now()).toBe(Date.UTC(2026, 0, 1))
  })

  it('rings in the order of times, then of calls, each at its time', async () => {
    const time = new VirtualTime(0)
    const rang: string[] = []
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['late', 31],
      ['now', 0],
      ['past', -5]
    ] as const) {
      time.after(ms, () => rang.push(`${name}@${time.elapsed()}`))
    }
    await time.advance(30)
    expect(rang).toEqual(['now@0', 'past@0', 'a@10', 'b@10', 'c@30'])
    expect([time.pending, time.elapsed()]).toEqual([1, 30])
  })

  it('does not ring what was cancelled, even while it rings', async () => {
    const time = new VirtualTime()
    const rang: number[] = []
    const ring = (n: number): void => {
      rang.push(n)
      if (n === 1) cancels[1]?.()
    }
    const cancels = [1, 2, 3].map((n) => time.after(n, () => ring(n)))
    cancels[2]?.()
    await time.advance(10)
    expect(rang).toEqual([1])
    cancels[0]?.()
  })

  it('rings timers that ringing ones set, within the same time', async () => {
    const time = new VirtualTime()
    let rang = 0
    const again = (): void => {
      rang += 1
      time.after(1000, again)
    }
    time.after(1000, again)
    await time.advance(3_600)
    expect(rang).toBe(3)
  })

  it('lets promises run between timers', async () => {
    const time = new VirtualTime(0)
    const log: string[] = []
    const walk = async (): Promise<void> => {
      for (let i = 0; i < 3; i += 1) {
        await sleep(10, time)
        log.push(`woke at ${time.elapsed()}`)
      }
    }
    const done = walk()
    await time.advance(30)
    await done
    expect(log).toEqual(['woke at 10', 'woke at 20', 'woke at 30'])
  })
})
