/**
 * Prints what the sample clock can tell, as the tables in docs/extending/write-a-driver.md: `npx tsx scripts/clock-limits.ts`.
 * Seeded, so the same on every machine; about two minutes.
 */
import { pathToFileURL } from 'node:url'
import { quantile, simulateArrivals } from '../packages/core/src/driver/fixtures/simulated-arrivals.ts'

const RATES = [100, 1000, 12_000, 24_000, 48_000]
const JITTERS = [0.3, 2, 16]
const LOSSES = [1, 3, 10, 30, 100, 1000]

/** Losses of one size: how many of `runs` were found, how many with the exact number, and the largest error. */
export function lossCell(rate: number, jitter: number, scans: number, runs = 20): string {
  let [found, exact, worst] = [0, 0, 0]
  for (let seed = 1; seed <= runs; seed += 1) {
    const losses = [{ at: 20_100 + seed * 137, scans }]
    const result = simulateArrivals({ rate, jitter, ppm: 80, stall: 300, seconds: 40, seed: seed * 17, losses })
    const total = result.found.reduce((sum, one) => sum + one.scans, 0)
    if (total > 0) worst = Math.max(worst, Math.abs(total - scans))
    found += total > 0 ? 1 : 0
    exact += total === scans ? 1 : 0
  }
  if (found === 0) return '-'
  return exact === runs
    ? 'exact'
    : `${percent(found, runs)}, ${percent(exact, runs)} exact${worst > 0 ? `, ±${worst}` : ''}`
}

/** Errors of the times without losses, us. */
export function errorRow(rate: number, jitter: number, from: number, to: number): string {
  const all: number[] = []
  for (let seed = 1; seed <= 8; seed += 1) {
    const setup = { rate, jitter, ppm: 80, stall: 300, seconds: to, warmUp: from * 1000, seed }
    for (const error of simulateArrivals(setup).errors) all.push(error)
  }
  const errors = Float64Array.from(all).sort()
  const cells = [0.5, 0.99].map((q) => `${quantile(errors, q).toFixed(0)} us`)
  return `| ${rate} Hz | ${jitter} ms | ${from}-${to} s | ${cells.join(' | ')} |`
}

/** Runs one by one: how the errors of their times are spread from run to run, us. 24 kHz, 16 ms of jitter, stalls, +80 ppm. */
export function seedRow(name: string, q: number, from: number, to: number, runs = 40): string {
  const values = Float64Array.from({ length: runs }, (_, seed) => {
    const setup = { rate: 24_000, jitter: 16, ppm: 80, stall: 300, seconds: to, warmUp: from * 1000, seed: seed + 1 }
    return quantile(simulateArrivals(setup).errors, q)
  }).sort()
  const cells = [0, 0.5, 0.9, 1].map((share) => `${quantile(values, share).toFixed(0)} us`)
  return `| ${name}, ${from}-${to} s | ${cells.join(' | ')} |`
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`
}

function print(): void {
  console.log('| rate | jitter | time | p50 | p99 |\n|---|---|---|---|---|')
  for (const rate of [1000, 24_000]) {
    for (const jitter of JITTERS) {
      for (const [from, to] of [
        [5, 15],
        [15, 60],
        [60, 120]
      ] as const)
        console.log(errorRow(rate, jitter, from, to))
    }
  }
  console.log(
    '\n| of a run at 24 kHz, 16 ms | best of 40 runs | median | 90 % of runs | worst |\n|---|---|---|---|---|'
  )
  for (const [from, to] of [
    [15, 60],
    [60, 120]
  ] as const) {
    console.log(seedRow('p50', 0.5, from, to))
    console.log(seedRow('p99', 0.99, from, to))
  }
  console.log(`\n| rate | jitter | ${LOSSES.map((scans) => `${scans} lost`).join(' | ')} |`)
  console.log(`|---|---|${LOSSES.map(() => '---').join('|')}|`)
  for (const rate of RATES) {
    for (const jitter of JITTERS) {
      console.log(`| ${rate} Hz | ${jitter} ms | ${LOSSES.map((scans) => lossCell(rate, jitter, scans)).join(' | ')} |`)
    }
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) print()
