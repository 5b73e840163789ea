import { describe, expect, it } from 'vitest'
import { type Block, NotConnectedError, timeNs } from '../model/index.ts'
import { memoryFiles } from '../node/spool/fixtures/memory-files.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { blockAt, held, type Item, outletOn } from './fixtures/spooled-outlets.ts'
import type { Delivery } from './ledger.ts'
import type { SpooledOutlet } from './spooled-outlet.ts'

describe('twelve hours of outage, 8 channels at 100 Hz, five kills', () => {
  const HOUR = 3_600_000
  const PERIOD = 2560

  it('every record once by stream and time, in order in each lane, back-fill flagged, new data within a second', async () => {
    const time = new VirtualTime()
    const start = time.now()
    interface Arrival {
      readonly number: number
      readonly at: number
      readonly isHistorical: boolean
    }
    const arrivals: Arrival[] = []
    let isDown = false
    const store = (process: { isDead: boolean }) => ({
      id: 'store',
      async write(items: readonly Item[]): Promise<void> {
        if (isDown || process.isDead) throw new NotConnectedError('tcp://store')
        for (const item of items) {
          const { position, historical = false } = (item as Block).origin
          expect(Number(timeNs(item as Block) / 1_000_000n)).toBe(start + position * PERIOD)
          expect((item as Block).values[255]).toBe(position * 256 + 255)
          arrivals.push({ number: position, at: time.now() - start, isHistorical: historical })
        }
      }
    })
    let running = { isDead: false }
    const opened = async (): Promise<SpooledOutlet<Item>> => {
      const process = { isDead: false }
      running = process
      const failed = (error: unknown): void => {
        if (!process.isDead) throw error
      }
      const made = outletOn(files, time, { sink: store(process), backfill: '1MiB', failed })
      await made.open()
      return made
    }
    let files = memoryFiles()
    let outlet = await opened()
    const settled: Delivery[] = []
    const pending: { number: number; delivery: Delivery }[] = []
    let next = 0
    const kills = [2 * HOUR, 5 * HOUR, 11.5 * HOUR, 13 * HOUR + 20_000, 13 * HOUR + 40_000]
    let restarts = 0
    const total = Math.floor((13.2 * HOUR) / PERIOD)
    while (next < total) {
      const now = next * PERIOD
      isDown = now >= HOUR && now < 13 * HOUR
      if (kills[restarts] !== undefined && now >= (kills[restarts] as number)) {
        restarts += 1
        files = files.crash(restarts % 2 === 0 ? 'written' : 'synced')
        running.isDead = true
        outlet = await opened()
        // what was not acknowledged comes again from the source
        for (const { number } of pending.splice(0).filter(({ delivery }) => !delivery.isSettled)) {
          pending.push({ number, delivery: held(outlet, blockAt(number, start + number * PERIOD)) })
        }
      }
      pending.push({ number: next, delivery: held(outlet, blockAt(next, start + now)) })
      await time.advance(PERIOD)
      while (pending[0]?.delivery.isSettled) settled.push((pending.shift() as { delivery: Delivery }).delivery)
      next += 1
    }
    const draining = outlet.drain()
    await time.advance(HOUR)
    await draining
    await outlet.close()
    expect([restarts, settled.length]).toEqual([5, total])

    const seen = new Map<number, number>()
    for (const { number } of arrivals) seen.set(number, (seen.get(number) ?? 0) + 1)
    expect(seen.size).toBe(total)
    // sinks are idempotent: what was in flight at a kill may come twice
    expect(arrivals.length - total).toBeLessThanOrEqual(5 * 70)
    const lanes = new Map<boolean, number>()
    const back = new Set<number>()
    for (const { number, at, isHistorical } of arrivals) {
      const age = at - number * PERIOD
      if (!isHistorical) expect(age).toBeLessThanOrEqual(1000)
      if (age > 1000) expect(isHistorical).toBe(true)
      if (isHistorical) back.add(number)
      if (!seen.has(number)) continue
      const last = lanes.get(isHistorical) ?? -1
      if ((seen.get(number) as number) === 1) {
        expect(number).toBeGreaterThan(last)
        lanes.set(isHistorical, number)
      }
    }
    expect(back.size).toBeGreaterThanOrEqual((12 * HOUR) / PERIOD - 1)
    const during = arrivals.filter(({ at, isHistorical }) => isHistorical && at > 13 * HOUR)
    const live = arrivals.filter(({ at, isHistorical }) => !isHistorical && at > 13 * HOUR)
    expect((during.at(-1) as Arrival).at).toBeGreaterThan((live[3] as Arrival).at) // beside each other
  }, 120_000)
})
