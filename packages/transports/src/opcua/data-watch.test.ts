import { VirtualTime } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { DataWatch, type DataWatchOptions } from './data-watch.ts'

function start(options: Partial<DataWatchOptions> = {}) {
  const time = new VirtualTime()
  const said: string[] = []
  const server = { isThere: true, isStanding: undefined as number | undefined, offset: 0 }
  const watch = new DataWatch({
    scheduler: time,
    publishMs: 500,
    keepAliveMs: 500,
    isPaused: () => false,
    probe: () =>
      server.isThere ? Promise.resolve(server.isStanding ?? time.elapsed() + server.offset) : new Promise(() => {}),
    quiet: (why) => said.push(`${time.elapsed()} ${why ?? 'well'}`),
    dead: (why, isLink) => said.push(`${time.elapsed()} dead ${isLink ? 'link' : 'subscription'}: ${why}`),
    stepped: (byMs) => said.push(`${time.elapsed()} set by ${byMs}`),
    ...options
  })
  return { time, said, server, watch }
}

async function publishing(time: VirtualTime, watch: DataWatch, seconds: number): Promise<void> {
  for (let i = 0; i < seconds * 2; i += 1) {
    await time.advance(500)
    watch.heard()
  }
}

describe('the watch of a subscription', () => {
  it('says nothing while the server publishes', async () => {
    const { time, said, watch } = start()
    await publishing(time, watch, 60)
    expect(said).toEqual([])
  })

  it('calls a link quiet after two publishing intervals, and dead after four', async () => {
    const { time, said, server, watch } = start()
    await publishing(time, watch, 5)
    server.isThere = false
    await time.advance(10_000)
    const at = said.map((one) => Number(one.split(' ')[0]) - 5000)
    expect(said.map((one) => one.replace(/^\d+ /, ''))).toEqual([
      'nothing heard from the server for 1000 ms',
      'dead link: nothing heard from the server for 1000 ms'
    ])
    expect(at).toEqual([1000, 2000])
  })

  it('tells a dead subscription from a dead link', async () => {
    const { time, said, watch } = start()
    await publishing(time, watch, 5)
    await time.advance(10_000)
    expect(said.map((one) => one.replace(/^\d+ /, ''))).toEqual([
      'the session answers, the subscription has sent nothing for 1000 ms',
      'dead subscription: the session answers, the subscription has sent nothing for 1000 ms'
    ])
  })

  it('calls a link dead in time, however seldom data is wanted', async () => {
    const { time, said, server } = start({ publishMs: 600_000, keepAliveMs: 600_000 })
    await time.advance(100_000)
    expect(said).toEqual([])
    server.isThere = false
    await time.advance(100_000)
    expect(said.map((one) => one.replace(/^\d+ /, ''))).toEqual([
      'nothing heard from the server for 40000 ms',
      'dead link: nothing heard from the server for 40000 ms'
    ])
  })

  it('does not hold silence against a server that was not asked', async () => {
    const { time, said } = start({ isPaused: () => true })
    await time.advance(60_000)
    expect(said).toEqual([])
  })

  it('sees a clock that stands still, and one that was set', async () => {
    const { time, said, server, watch } = start()
    await publishing(time, watch, 5)
    server.isStanding = 5000
    await publishing(time, watch, 20)
    expect(said.some((one) => one.endsWith("the server's clock stands still"))).toBe(true)
    server.isStanding = undefined
    await publishing(time, watch, 5)
    expect(said.at(-1)).toMatch(/well$/)
    server.offset = 3_600_000
    await publishing(time, watch, 5)
    expect(said.at(-1)).toMatch(/set by 3600000$/)
  })

  it('goes on for a day without growing', async () => {
    let open = 0
    const time = new VirtualTime()
    const { elapsed, now, macrotask } = {
      elapsed: () => time.elapsed(),
      now: () => time.now(),
      macrotask: () => time.macrotask()
    }
    const after = (ms: number, callback: () => void): (() => void) => {
      open += 1
      const cancel = time.after(ms, () => {
        open -= 1
        callback()
      })
      return () => {
        open -= 1
        cancel()
      }
    }
    const { said, watch } = start({ scheduler: { elapsed, now, macrotask, after }, probe: async () => time.elapsed() })
    for (let i = 0; i < 24 * 3600; i += 1) {
      await time.advance(1000)
      watch.heard()
    }
    watch.stop()
    expect([said.filter((one) => one.includes('dead')), open]).toEqual([[], 0])
  })
})
