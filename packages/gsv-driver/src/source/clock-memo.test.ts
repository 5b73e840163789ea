import { type Scheduler, systemTime } from '@messwerk/core/driver'
import { type Batch, type Block, column, type ReadOptions, timeNs } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { type SimulateGsvOptions, simulateGsv } from '../simulator/index.ts'
import { gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const RATE = 12_000
/** Scans that are lost while nobody reads. */
const LOST = 14_814

interface Killed {
  readonly counterChannel?: number
  readonly model?: Partial<SimulateGsvOptions>
  /** By how much the wall clock is set meanwhile, ms. */
  readonly setBy?: number
  /** Since the machine started, ms, in both processes. */
  readonly uptimes?: readonly [number, number]
  /** What becomes of what was to be remembered. */
  readonly change?: (memo: string) => string | undefined
  readonly lost?: number
}

/** The clocks of a process: they stand still, and the times of the arrivals pass. */
function clocks(elapsed: number, now: number, uptime: number | undefined): Scheduler {
  const { uptime: _, ...rest } = systemTime
  return { ...rest, elapsed: () => elapsed, now: () => now, ...(uptime !== undefined && { uptime: () => uptime }) }
}

/** A source is read for 10 s and killed; another process, whose clocks began 7 s earlier, reads on with what was kept. */
async function killed({ counterChannel, model, setBy = 0, uptimes, change = (memo) => memo, lost = LOST }: Killed) {
  const wall = 1_700_000_000_000
  let elapsed = 0
  const scheduler = { ...systemTime, elapsed: () => elapsed }
  const amplifier = simulateGsv({ rate: RATE, counterChannel: 8, freeRunning: false, scheduler, ...model })
  amplifier.loseFrames({ at: 10 * RATE, count: lost })
  const read = async (own: Scheduler, duration: '10s' | '30s', how: Partial<ReadOptions>): Promise<Batch[]> => {
    elapsed = own.elapsed()
    const link = () => amplifier.link({ speed: 'max', duration })
    const options = {
      link,
      id: 'press',
      channels: { 1: 'force', 8: 'count' },
      scheduler: own,
      block: { scans: 100 }
    } as const
    const source = gsvSource(counterChannel === undefined ? options : { ...options, counterChannel })
    const batches: Batch[] = []
    const { signal } = new AbortController()
    for await (const batch of source.read({ signal, from: {}, splits, ...how })) batches.push(batch)
    return batches
  }
  // the last three batches were handed over, and nobody kept them
  const before = (await read(clocks(0, wall, uptimes?.[0]), '10s', {})).slice(0, -3)
  const memo = change(before.findLast((batch) => batch.memo !== undefined)?.memo as string)
  const { position, blocks } = before.at(-1) as Batch
  const how = { from: { press: position }, ...(memo !== undefined && { memos: { press: memo } }) }
  const after = await read(clocks(7000, wall + setBy, uptimes?.[1]), '30s', how)
  const all = after.flatMap((batch) => batch.blocks)
  const [last, first] = [blocks.at(-1) as Block, all[0] as Block]
  const missing = numberOf(first, 0) - numberOf(last, last.length - 1) - 1
  return { last, first, gap: first.gap, missing, all }
}

function numberOf(block: Block, scan: number): number {
  return Math.round(column(block, 'count')[scan] as number)
}

function apartMs(last: Block, first: Block): number {
  return Number(timeNs(first) - timeNs(last, last.length - 1)) / 1e6
}

describe('a source that is read on by another process', () => {
  it('goes on with the clock of before: what was missed is counted, and times go on', async () => {
    for (const uptimes of [undefined, [5000, 5000]] as const) {
      const { last, first, gap, missing } = await killed(uptimes ? { uptimes } : {})
      expect(missing).toBeGreaterThan(LOST)
      expect(gap).toEqual({ scans: missing, cause: 'reconnect' })
      expect(first.origin.position - first.length - last.origin.position).toBe(missing)
      expect(apartMs(last, first)).toBeCloseTo(((missing + 1) * 1000) / RATE, 1)
      expect(first.time.uncertainty).toBeLessThan(1e6)
    }
  })

  it('counts exactly with a counter channel, over whole turns of it, and holds nothing back', async () => {
    const model = { dataType: 'int16' } as const
    const { gap, missing, first, last } = await killed({ counterChannel: 8, model, lost: 150_000 })
    const scans = Number(gap?.scans)
    expect([(scans - missing) % 2 ** 16, gap?.cause]).toEqual([0, 'reconnect'])
    expect(scans).toBeGreaterThan(150_000)
    expect(scans).toBeLessThan(150_000 + 3 * 16 * 100)
    expect(first.origin.position - first.length - last.origin.position).toBe(gap?.scans)
  })

  it('counts on when the wall clock was set meanwhile, which makes times as uncertain as that', async () => {
    for (const setBy of [3_600_000, -60_000]) {
      const { gap, missing, all, first, last } = await killed({ setBy, uptimes: [5000, 5000] })
      expect(gap).toEqual({ scans: missing, cause: 'reconnect' })
      expect(apartMs(last, first)).toBeCloseTo(((missing + 1) * 1000) / RATE + setBy, 1)
      expect(first.time.uncertainty).toBeGreaterThan(Math.abs(setBy) * 1e6)
      expect(all.at(-1)?.time.uncertainty).toBeGreaterThan(Math.abs(setBy) * 1e6)
    }
  })

  it('does not take two readings of one clock for a clock that was set', async () => {
    const { gap, missing, last, first } = await killed({ setBy: 1.7, uptimes: [5000, 5000] })
    expect(gap).toEqual({ scans: missing, cause: 'reconnect' })
    expect(apartMs(last, first)).toBeCloseTo(((missing + 1) * 1000) / RATE, 1)
  })

  it('goes by the wall clock where the machine has been started again', async () => {
    const { gap, missing } = await killed({ uptimes: [5000, 400] })
    expect(gap).toEqual({ scans: missing, cause: 'reconnect' })
  })

  it('knows no number where there is nothing to go on with', async () => {
    const unknown = { scans: 'unknown', cause: 'reconnect' }
    expect((await killed({ change: () => undefined })).gap).toEqual(unknown)
    expect((await killed({ change: () => '' })).gap).toEqual(unknown)
    expect((await killed({ change: (memo) => memo.slice(0, -7) })).gap).toEqual(unknown)
    expect((await killed({ change: (memo) => memo.replace(/"rate":\d+/, '"rate":6000') })).gap).toEqual(unknown)
    expect((await killed({ change: (memo) => memo.replace(/"serial":"\d+"/, '"serial":"1"') })).gap).toEqual(unknown)
    expect(
      (await killed({ counterChannel: 8, change: (memo) => memo.replace(/"number":\d+/, '"number":null') })).gap
    ).toEqual(unknown)
    expect((await killed({ setBy: -60_000 })).gap).toEqual(unknown)
  })

  it('is remembered once a second, in little', async () => {
    const amplifier = simulateGsv({ rate: RATE })
    const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration: '60s' }) })
    const memos: string[] = []
    for await (const { memo } of source.read({ signal: new AbortController().signal, from: {}, splits })) {
      if (memo !== undefined) memos.push(memo)
    }
    expect(memos.length).toBeGreaterThan(20)
    expect(memos.length).toBeLessThanOrEqual(61)
    expect(Math.max(...memos.map(({ length }) => length))).toBeLessThan(1200)
  })
})
