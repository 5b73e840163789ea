import { VirtualTime } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { LinkWatch } from './link-watch.ts'

const KEEPALIVE = 8000

function bench() {
  const time = new VirtualTime()
  const said: string[] = []
  const note = (what: string) => said.push(`${what} at ${time.elapsed()}`)
  const watch = new LinkWatch({
    keepaliveMs: KEEPALIVE,
    scheduler: time,
    ping: () => note('ping'),
    quiet: (isQuiet) => note(isQuiet ? 'degraded' : 'back'),
    dead: () => note('dead')
  })
  return { time, said, watch, verdicts: () => said.filter((text) => !text.startsWith('ping')) }
}

describe('the watch on a link', () => {
  it('pings twice a keepalive, says degraded after one of silence and dead after 1.5', async () => {
    const { time, said } = bench()
    await time.advance(20_000)
    expect(said).toEqual(['ping at 4000', 'ping at 8000', 'degraded at 8000', 'ping at 12000', 'dead at 12000'])
  })

  it('says nothing while something arrives, and goes on pinging', async () => {
    const { time, said, watch, verdicts } = bench()
    for (let i = 0; i < 20; i += 1) {
      await time.advance(3000)
      watch.heard()
    }
    expect(verdicts()).toEqual([])
    expect(said.length).toBe(60_000 / (KEEPALIVE / 2))
  })

  it('says when something is heard again, and counts from there', async () => {
    const { time, watch, verdicts } = bench()
    await time.advance(9000)
    watch.heard()
    await time.advance(7000)
    expect(verdicts()).toEqual(['degraded at 8000', 'back at 9000'])
    await time.advance(5000)
    expect(verdicts().at(-1)).toBe('dead at 21000')
  })

  it('does not count silence while nothing is read', async () => {
    const { time, watch, verdicts } = bench()
    watch.isHolding = true
    await time.advance(100_000)
    expect(verdicts()).toEqual([])
    watch.isHolding = false
    await time.advance(8000)
    expect(verdicts()).toEqual(['degraded at 108000'])
  })

  it('is silent after stop', async () => {
    const { time, said, watch } = bench()
    watch.stop()
    await time.advance(100_000)
    expect(said).toEqual([])
  })

  it('does not take its own process for a dead link when that was busy', () => {
    let now = 0
    const due: (() => void)[] = []
    const said: string[] = []
    const scheduler = {
      now: () => now,
      elapsed: () => now,
      after: (_: number, callback: () => void) => {
        due.push(callback)
        return () => {}
      },
      macrotask: async () => {}
    }
    const note = (what: string) => () => void said.push(what)
    const watch = new LinkWatch({
      keepaliveMs: KEEPALIVE,
      scheduler,
      ping: () => {},
      quiet: note('degraded'),
      dead: note('dead')
    })
    now = 60_000 // a minute without a turn for timers
    due.shift()?.()
    expect(said).toEqual([])
    watch.heard()
    watch.stop()
  })
})
