import { describe, expect, it } from 'vitest'
import { SampleClock } from './sample-clock.ts'

interface Setup {
  readonly rate?: number
  readonly seconds?: number
  /** Evenly spread, ms. */
  readonly jitter?: number
  /** How far the device's period is from the nominal one. */
  readonly ppm?: number
  /** The receiver does not look for so long, every 3 s, ms. */
  readonly stall?: number
  /** Scans lost at 8 s and at 20 s. */
  readonly lost?: number
  readonly seed: number
}

interface Result {
  readonly missing: number
  /** Errors of the times, in scans, smallest first, after 15 s. */
  readonly errors: number[]
  readonly ppm: number
  readonly uncertaintyMs: number
  /** Whether every time was later than the one before. */
  readonly ordered: boolean
}

function random(seed: number): () => number {
  let s = (seed * 7919 + 13) >>> 0
  return () => {
    s ^= s << 13
    s ^= s >>> 17
    s ^= s << 5
    return (s >>> 0) / 2 ** 32
  }
}

/** A device of fixed latency 10 ms that is written out about every 6 ms, and received with jitter and stalls. */
function simulate({ rate = 1000, seconds = 40, jitter = 1, ppm = 0, stall = 0, lost = 0, seed }: Setup): Result {
  const next = random(seed)
  const period = (1000 / rate) * (1 + ppm * 1e-6)
  const clock = new SampleClock({ rate })
  const losses = lost > 0 ? [8000, 20_000] : []
  const result = { missing: 0, errors: [] as number[], ppm: 0, uncertaintyMs: 0, ordered: true }
  let made = 0
  let waiting = 0
  let arrived = 0
  let given = 0
  let end = Number.NEGATIVE_INFINITY
  for (let now = 0; now < seconds * 1000; now += 4 + 4 * next()) {
    const due = Math.max(0, Math.floor(now / period) - made)
    made += due
    waiting += due
    const loses = now > (losses[0] ?? Number.POSITIVE_INFINITY)
    if (waiting === 0 || (now % 3000 <= stall && !loses)) continue
    arrived = Math.max(arrived, now + 10 + (loses ? 0 : jitter * next()))
    clock.arrive(waiting, arrived)
    waiting = 0
    if (loses) {
      losses.shift()
      made += lost
      now = made * period
    }
    result.missing += clock.takeMissing()
    if (clock.unsettled) continue
    const count = clock.index - given
    const { start, period: length, uncertainty } = clock.times(given, count)
    result.ordered &&= start >= end && length > 0
    end = start + count * length
    given = clock.index
    result.uncertaintyMs = uncertainty
    // scan n is made at (n + 1) periods
    if (now > 15_000) result.errors.push(Math.abs(end - length - given * period - 10) / period)
  }
  result.errors.sort((a, b) => a - b)
  result.ppm = clock.ppm
  return result
}

const runs = (setup: Omit<Setup, 'seed'>, count = 12): Result[] =>
  Array.from({ length: count }, (_, i) => simulate({ ...setup, seed: i + 1 }))
const exact = (results: Result[], missing: number): number =>
  results.filter((result) => result.missing === missing).length

describe('SampleClock', () => {
  it('declares nothing where nothing is lost, with jitter, stalls and a crystal that is off', () => {
    for (const jitter of [0, 0.3, 2, 16]) {
      for (const ppm of [-80, 0, 80]) expect(exact(runs({ jitter, ppm, stall: 300 }, 4), 0)).toBe(4)
    }
  })

  it('counts a second of lost scans exactly', () => {
    for (const jitter of [0, 0.3, 2]) expect(exact(runs({ jitter, lost: 1000 }), 2000)).toBe(12)
  })

  it('counts small losses where they can be observed', () => {
    for (const lost of [1, 3, 10, 100])
      expect(exact(runs({ jitter: 1, lost, ppm: 80 }), 2 * lost)).toBeGreaterThanOrEqual(11)
  })

  it('is close where jitter is far above the period', () => {
    const results = runs({ jitter: 16, lost: 1000, ppm: 80, stall: 300 })
    for (const { missing } of results) expect(Math.abs(missing - 2000)).toBeLessThanOrEqual(4)
  })

  it('finds period and time at 24 kHz under 16 ms of jitter', () => {
    for (const { errors, ppm } of runs({ rate: 24_000, jitter: 16, ppm: 80, stall: 300 }, 4)) {
      expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(2)
      expect(errors[Math.floor(errors.length * 0.99)]).toBeLessThan(8)
      expect(Math.abs(ppm - 80)).toBeLessThan(10)
    }
  })

  it('publishes an uncertainty that holds the error', () => {
    for (const { errors, uncertaintyMs } of runs({ jitter: 2, ppm: 80 }, 4))
      expect(errors.at(-1)).toBeLessThan(uncertaintyMs)
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

  it('decides at once when nothing more will come', () => {
    const clock = steady()
    for (let i = 1; i < 10; i += 1) clock.arrive(5, 3000 + 5 * i)
    expect(clock.takeMissing()).toBe(0)
    clock.settle()
    expect(clock.takeMissing()).toBe(1000)
    expect(clock.unsettled).toBe(false)
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
