import { describe, expect, it } from 'vitest'
import {
  type ArrivalResult,
  type ArrivalSetup,
  quantile,
  random,
  simulateArrivals
} from './fixtures/simulated-arrivals.ts'
import { SampleClock } from './sample-clock.ts'

type Setup = Partial<ArrivalSetup> & { readonly lost?: number }

/** Runs of 40 s at 1 kHz with losses at 8 s and at 20 s. */
function runs({ lost = 0, ...setup }: Setup, count = 12): ArrivalResult[] {
  const losses = lost > 0 ? [8000, 20_000].map((at) => ({ at, scans: lost })) : []
  return Array.from({ length: count }, (_, i) =>
    simulateArrivals({ rate: 1000, seconds: 40, losses, ...setup, seed: i + 1 })
  )
}

const missing = ({ found }: ArrivalResult): number => found.reduce((sum, { scans }) => sum + scans, 0)
const exact = (results: ArrivalResult[], scans: number): number =>
  results.filter((result) => missing(result) === scans).length
const together = (results: ArrivalResult[]): Float64Array =>
  Float64Array.from(results.flatMap(({ errors }) => [...errors])).sort()

describe('SampleClock', () => {
  it('is within a scan at p50 and four at p99: 24 kHz, 16 ms of jitter, stalls, +80 ppm', () => {
    const results = runs({ rate: 24_000, jitter: 16, stall: 300, ppm: 80, seconds: 60 }, 8)
    const errors = together(results)
    expect(quantile(errors, 0.5)).toBeLessThan(41.7)
    expect(quantile(errors, 0.99)).toBeLessThan(167)
    for (const { clock, held, ordered, found } of results) {
      expect(Math.abs(clock.ppm - 80)).toBeLessThan(5)
      expect([held, ordered, found]).toEqual([1, true, []])
    }
  })

  it('is so in nearly every single run, and neither early nor late on average', () => {
    const setup = { rate: 24_000, jitter: 16, stall: 300, ppm: 80, seconds: 60 }
    const results = runs(setup, 40)
    const medians = Float64Array.from(results, ({ errors }) => quantile(errors, 0.5)).sort()
    expect(quantile(medians, 0.8)).toBeLessThan(41.7)
    expect(quantile(medians, 1)).toBeLessThan(2 * 41.7 + 10)
    expect(quantile(together(results), 0.5)).toBeLessThan(30)
    expect(quantile(together(results), 0.99)).toBeLessThan(167)
    // packets leave up to a scan after it was measured: the line that they are above is later than the device
    expect(Math.abs(results.reduce((sum, { bias }) => sum + bias / 40, 0))).toBeLessThan(8)
    const slow = runs({ ...setup, rate: 1000 }, 40)
    expect(Math.abs(slow.reduce((sum, { bias }) => sum + bias / 40, 0))).toBeLessThan(60)
  })

  it('is within 3 us at p50 under 2 ms of jitter, and soon after the start already close', () => {
    expect(quantile(together(runs({ rate: 24_000, jitter: 2, ppm: 80, seconds: 60 }, 4)), 0.5)).toBeLessThan(5)
    const early = runs({ rate: 24_000, jitter: 16, stall: 300, ppm: 80, seconds: 15, warmUp: 5000 }, 8)
    expect(quantile(together(early), 0.5)).toBeLessThan(125)
    expect(quantile(together(early), 0.99)).toBeLessThan(500)
  })

  it('declares nothing where nothing is lost, with jitter, stalls and a crystal that is off', () => {
    for (const jitter of [0, 0.3, 2, 16]) {
      for (const ppm of [-80, 0, 80]) {
        for (const rate of [1000, 24_000]) expect(exact(runs({ rate, jitter, ppm, stall: 300 }, 3), 0)).toBe(3)
      }
    }
  })

  it('counts a second of lost scans exactly', () => {
    for (const jitter of [0, 0.3, 2]) expect(exact(runs({ jitter, lost: 1000 }), 2000)).toBe(12)
  })

  it('counts small losses where they can be observed', () => {
    for (const lost of [1, 3, 10, 100]) {
      expect(exact(runs({ jitter: 1, lost, ppm: 80 }), 2 * lost)).toBeGreaterThanOrEqual(11)
      expect(exact(runs({ rate: 12_000, jitter: 0.3, lost, ppm: 80 }, 6), 2 * lost)).toBe(6)
    }
  })

  it('says how far a number that it found may be off', () => {
    for (const rate of [1000, 24_000]) {
      for (const { found } of runs({ rate, jitter: 16, losses: [{ at: 20_000, scans: 1000 }], ppm: 80, stall: 300 })) {
        expect(found).toHaveLength(1)
        const { scans = 0, within = 0 } = found[0] ?? {}
        expect(Math.abs(scans - 1000)).toBeLessThanOrEqual(within)
        expect(within).toBeLessThanOrEqual(rate === 1000 ? 3 : 40)
      }
    }
    expect(runs({ jitter: 0.3, lost: 10 }, 1)[0]?.found[0]?.within).toBe(0)
  })

  it('takes a slip of packets that are in step with the scans for the crystal, not for a loss', () => {
    for (const setup of [
      { rate: 1000, packet: 1, ppm: 80, jitter: 0.02 },
      { rate: 1000, packet: 1, ppm: -80, jitter: 0.05 },
      { rate: 24_000, packet: 1, ppm: 37, jitter: 0.05, stall: 300 }
    ]) {
      for (const result of runs({ ...setup, seconds: 60 }, 3)) {
        expect([missing(result), result.held, result.ordered]).toEqual([0, 1, true])
      }
    }
    expect(exact(runs({ rate: 1000, packet: 1, jitter: 0.05, losses: [{ at: 20_000, scans: 2 }] }, 3), 2)).toBe(3)
  })

  it('follows a crystal that warms up, and a host clock that is slewed, without a loss', () => {
    const warm = runs({ rate: 24_000, jitter: 16, ppm: (ms) => 10 + ms / 60_000, seconds: 180 }, 3)
    expect(quantile(together(warm), 0.5)).toBeLessThan(83)
    const slewed = runs({ jitter: 2, ppm: (ms) => (ms > 60_000 && ms < 90_000 ? 50 : 0), seconds: 150 }, 3)
    for (const result of [...warm, ...slewed]) expect([missing(result), result.ordered]).toEqual([0, true])
    for (const result of slewed) expect(Math.abs(result.clock.ppm)).toBeLessThan(2)
  })

  it('tells a slope that changes by 100 ppm from a step, and is as unsure as it says', () => {
    const ppm = (ms: number): number => (ms > 60_000 && ms < 90_000 ? 100 : 0)
    const results = runs({ jitter: 2, ppm, stall: 300, seconds: 120 }, 8)
    expect(results.reduce((sum, result) => sum + missing(result), 0)).toBeLessThanOrEqual(1)
    for (const { held } of results) expect(held).toBeGreaterThan(0.999)
    const fast = runs({ rate: 24_000, jitter: 16, ppm, stall: 300, seconds: 120 }, 8)
    expect(fast.filter((result) => missing(result) > 0).length).toBeLessThanOrEqual(2)
  })

  it('is not misled by a stall around a loss', () => {
    for (const at of [21_059, 21_196, 22_292]) {
      const setup = { rate: 100, jitter: 0.3, ppm: 80, stall: 300, seconds: 40, losses: [{ at, scans: 100 }] }
      for (const result of runs(setup, 6)) expect(missing(result)).toBe(100)
    }
  })

  it('learns that delays are raised now and then for a while', () => {
    const clock = new SampleClock({ rate: 1000 })
    let episodes = 0
    for (let i = 1; i <= 12_000; i += 1) {
      const raised = (5 * i) % 5000 > 4200 ? 3 : 0
      clock.arrive(5, 5 * i + raised + ((i * 7) % 10) / 10)
      if (clock.takeMissing() > 0) episodes += 1
    }
    expect(episodes).toBeLessThanOrEqual(1)
  })

  it('takes the odd rates that a divider makes, as the device reports them', () => {
    for (const rate of [49.9002, 148.81, 490.196, 757.576]) {
      for (const result of runs({ rate, jitter: 2, ppm: -50, lost: 5 }, 2)) expect(missing(result)).toBe(10)
    }
  })

  it('comes to the true period even where the stated rate is 0.5 % off', () => {
    for (const { clock, ordered } of runs({ rate: 500, jitter: 2, ppm: 5000, seconds: 60 }, 3)) {
      expect(Math.abs(clock.ppm - 5000)).toBeLessThan(5)
      expect(ordered).toBe(true)
    }
  })

  it('begins anew, never back, when scans come far too early: the host was suspended', () => {
    const clock = steady()
    const before = clock.times(0, clock.index)
    // 10 s of scans that had waited, while the host's clock stood still
    for (let i = 1; i <= 400; i += 1) clock.arrive(i === 1 ? 10_000 : 5, 2000 + 5 * i)
    expect(clock.takeMissing()).toBe(0)
    const after = clock.times(2000, clock.index - 2000)
    expect(after.start).toBeGreaterThanOrEqual(before.start + 2000 * before.period)
    expect(after.period).toBeGreaterThan(0)
    expect(after.uncertainty).toBeGreaterThan(1000)
    expect(Math.abs(clock.ppm)).toBeLessThan(50)
  })

  it('never goes back', () => {
    for (const { ordered } of runs({ jitter: 16, ppm: -80, stall: 300, lost: 10 })) expect(ordered).toBe(true)
  })

  it('holds back from a suspected loss on, and lets go when it was a stall', () => {
    const clock = steady()
    expect(clock.suspects(5, 2400)).toBe(true)
    clock.arrive(5, 2400)
    expect(clock.unsettled).toBe(true)
    clock.arrive(395, 2401)
    expect(clock.unsettled).toBe(false)
    expect(clock.takeMissing()).toBe(0)
  })

  it('takes a delay at the very end for no loss, and says how uncertain that makes its scans', () => {
    const clock = steady()
    const from = clock.index
    for (let i = 1; i < 10; i += 1) clock.arrive(5, 3000 + 5 * i)
    clock.settle()
    expect([clock.takeMissing(), clock.unsettled]).toEqual([0, false])
    expect(clock.times(0, from).uncertainty).toBeLessThan(10)
    expect(clock.times(from, 45).uncertainty).toBeGreaterThan(999)
    expect(clock.interrupt()).toBe(true)
    expect(clock.times(from + 45, 5).uncertainty).toBeLessThan(10)
  })

  it('declares at the end what has lasted for long enough to be a loss, and nothing twice', () => {
    const clock = steady()
    for (let i = 1; i < 200; i += 1) clock.arrive(5, 3000 + 5 * i)
    expect(clock.takeMissing()).toBe(1000)
    clock.settle()
    expect(clock.takeMissing()).toBe(0)
  })

  it('does not take a backlog that drains slowly for a loss', () => {
    const clock = steady()
    // 300 ms late, then 6 scans for every 5 ms until the backlog is gone
    for (let i = 1; i <= 400; i += 1) clock.arrive(i * 6 - 300 > i * 5 ? 5 : 6, 2300 + 5 * i)
    expect(clock.takeMissing()).toBe(0)
  })

  it('does not hold back for ever', () => {
    const clock = steady()
    // delays grow all the time: no loss, and no end of it
    for (let i = 1; i <= 800; i += 1) clock.arrive(4, 2300 + 5 * i)
    expect(clock.unsettled).toBe(false)
  })

  it('jumps over a gap that is known, and takes it for no loss', () => {
    const clock = steady()
    const before = clock.times(0, clock.index)
    clock.skip(3)
    for (let i = 0; i < 400; i += 1) clock.arrive(5, 2008 + 5 * i)
    expect(clock.takeMissing()).toBe(0)
    const after = clock.times(2003, 5)
    expect(after.start - (before.start + 2000 * before.period)).toBeCloseTo(3, 1)
  })

  describe('after an interruption', () => {
    /** 20 s, 5 s of nothing, and 2 s more; what was found, when, and what was missing. */
    function interrupted({
      rate,
      jitter,
      seed,
      ppm = 40,
      pause = 5000,
      restarts = 0
    }: Record<string, number> & { rate: number }) {
      const next = random(seed ?? 1)
      let clock = new SampleClock({ rate })
      const period = (1000 / rate) * (1 + ppm * 1e-6)
      let told = 0
      let [missing, found, decided] = [0, 0, Number.NaN]
      for (let now = 5; now < 27_000; now += 4 + 4 * next()) {
        if (now > 20_000 && now <= 20_000 + pause) continue
        const made = Math.floor(now / period)
        if (told > 0 && missing === 0 && now > 20_000) {
          if (restarts > 0) clock = new SampleClock({ rate, memory: JSON.parse(JSON.stringify(clock.remember())) })
          expect(clock.interrupt()).toBe(true)
          missing = Math.floor((20_000 + pause) / period) - told
          told += missing
        }
        if (made === told) continue
        clock.arrive(made - told, now + (jitter ?? 0) * next() ** 2)
        told = made
        const lost = clock.takeMissing()
        if (lost > 0) decided = now - 20_000 - pause
        found += lost
      }
      return { missing, found, decided, clock }
    }

    it.each([
      { rate: 12_000, jitter: 1, off: 1 },
      { rate: 12_000, jitter: 4, off: 2 },
      { rate: 48_000, jitter: 0.2, off: 2 },
      { rate: 1000, jitter: 4, off: 0 }
    ])(
      'counts 5 s at $rate Hz under $jitter ms of jitter within $off scans, within a second',
      ({ rate, jitter, off }) => {
        for (let seed = 1; seed <= 12; seed += 1) {
          const { missing, found, decided, clock } = interrupted({ rate, jitter, seed })
          expect(missing).toBeGreaterThan(4.9 * rate)
          expect(Math.abs(found - missing)).toBeLessThanOrEqual(off)
          expect(Math.abs(found - missing)).toBeLessThanOrEqual(clock.missingWithin)
          expect(decided).toBeLessThan(1000)
          expect(clock.unsettled).toBe(false)
        }
      }
    )

    it.each([
      { rate: 12_000, jitter: 1, off: 1 },
      { rate: 12_000, jitter: 4, off: 2 },
      { rate: 1000, jitter: 4, off: 0 }
    ])(
      'counts as well by what it remembers of another process at $rate Hz under $jitter ms of jitter, within $off scans',
      ({ rate, jitter, off }) => {
        for (let seed = 1; seed <= 12; seed += 1) {
          const { missing, found, decided, clock } = interrupted({ rate, jitter, seed, restarts: 1 })
          expect(Math.abs(found - missing)).toBeLessThanOrEqual(Math.min(off, clock.missingWithin))
          expect(decided).toBeLessThan(1000)
          expect(clock.unsettled).toBe(false)
        }
      }
    )

    it('holds back until it has decided, and decides when nothing more will come', () => {
      const clock = steady()
      expect(clock.interrupt()).toBe(true)
      expect(clock.unsettled).toBe(true)
      for (let i = 1; i <= 3; i += 1) clock.arrive(5, 7000 + 5 * i)
      expect([clock.unsettled, clock.takeMissing()]).toEqual([true, 0])
      clock.settle()
      expect([clock.unsettled, clock.takeMissing()]).toEqual([false, 5000])
      expect(clock.missingWithin).toBeGreaterThan(0)
    })

    it('cannot tell what it has not seen for long enough, nor where time went back', () => {
      const clock = new SampleClock({ rate: 1000 })
      for (let i = 1; i <= 50; i += 1) clock.arrive(5, 5 * i)
      expect(clock.interrupt()).toBe(false)
      const other = steady()
      other.interrupt()
      for (let i = 1; i <= 400; i += 1) other.arrive(5, 500 + 5 * i)
      expect([other.takeMissing(), other.missingWithin]).toEqual([0, Number.POSITIVE_INFINITY])
    })

    it('makes times as uncertain as the number was', () => {
      const { clock } = interrupted({ rate: 48_000, jitter: 4, seed: 1 })
      expect(clock.missingWithin).toBeGreaterThan(0)
      expect(clock.times(clock.index, 10).uncertainty).toBeGreaterThan((clock.missingWithin * 1000) / 48_000)
    })
  })

  it('puts what a buffer had held in front of what it lost', () => {
    const clock = steady()
    clock.arrive(100, 3000)
    expect([clock.unsettled, clock.bursts]).toEqual([true, true])
    for (let i = 1; i <= 400; i += 1) clock.arrive(5, 3000 + 5 * i)
    expect([clock.takeMissing(), clock.missingBefore, clock.bursts]).toEqual([900, 2100, false])
  })

  it('looks for no losses where they are counted, and says which scan is due', () => {
    const clock = new SampleClock({ rate: 1000, counted: true })
    for (let i = 1; i <= 400; i += 1) clock.arrive(5, 5 * i)
    expect(clock.due(4000)).toBeCloseTo(3999, 0)
    expect(clock.suspects(5, 4000)).toBe(false)
    for (let i = 1; i <= 800; i += 1) clock.arrive(5, 4000 + 5 * i)
    expect([clock.unsettled, clock.takeMissing()]).toEqual([false, 0])
  })

  it('refuses a rate that is none', () =>
    expect(() => new SampleClock({ rate: 0 })).toThrow(
      'SampleClock: rate must be a positive number of scans per second (Hz), got 0'
    ))
})

/** 2 s at 1 kHz in steps of 5 ms. */
function steady(): SampleClock {
  const clock = new SampleClock({ rate: 1000 })
  for (let i = 1; i <= 400; i += 1) clock.arrive(5, 5 * i)
  return clock
}
