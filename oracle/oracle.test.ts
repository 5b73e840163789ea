// The oracle itself, small: a sound pipeline passes, and each planted bug is noticed.
import { expect, it, vi } from 'vitest'
import type { Sabotage, SinkName } from './protocol.ts'
import { type TrialOptions, trial } from './trial.ts'
import { isFlawless, type TrialResult } from './trial-result.ts'

// a machine that is busy takes its time: processes are started in each of them
vi.setConfig({ testTimeout: 120_000 })

const small: TrialOptions = {
  source: 'file',
  sink: 'duckdb',
  records: 2400,
  rate: 800,
  faults: ['kill'],
  kills: 2,
  killAfter: [300, 700],
  seed: 3,
  spool: false,
  brokerLimits: 'off',
  timeout: 100
}

it.concurrent.each<SinkName>(['duckdb', 'ndjson', 'failing'])(
  'file to %s: killed twice, all rows, windows and events are there once',
  async (sink) => {
    const result = await trial({ ...small, sink })
    expect(result).toMatchObject({ sent: 2400, stored: 2400, windows: 240, windowsEqual: true, eventsEqual: true })
    expect(result.events).toBeGreaterThan(5)
    expect(result.kills).toBeGreaterThan(0)
    expect([isFlawless(result), result.findings]).toEqual([true, []])
  }
)

it.concurrent('file to duckdb through the spool: killed twice, all rows, windows and events are there once', async () => {
  const result = await trial({ ...small, spool: true })
  expect(result).toMatchObject({ sent: 2400, stored: 2400, windows: 240, windowsEqual: true, eventsEqual: true })
  expect(result.kills).toBeGreaterThan(0)
  expect([isFlawless(result), result.findings]).toEqual([true, []])
})

it.concurrent('amplifier through the spool: what nobody read is declared, and counted as exactly as the clock says', async () => {
  const result = await trial({ ...small, source: 'gsv', sink: 'ndjson', spool: true, records: 3000, rate: 1000 })
  expect(result.kills).toBeGreaterThan(0)
  expect(result.clock?.counted).toBeGreaterThan(0)
  expect(result.clock?.unknown).toBe(0)
  expect([isFlawless(result), result.findings]).toEqual([true, []])
})

const isTwice = (finding: string): boolean => finding.includes('(or twice)')

const planted: [Sabotage, SinkName, (result: TrialResult) => unknown, unknown][] = [
  ['drop-row', 'duckdb', ({ lost, undeclaredHoles }) => lost === undeclaredHoles && lost > 0, true],
  ['double-row', 'duckdb', ({ duplicates }) => duplicates > 0, true],
  // the windows that were open when the process was killed, and the last ones, which only the end of the data hands over
  ['forgetful-window', 'ndjson', ({ windowsEqual, findings }) => !windowsEqual && findings.some(isTwice), true],
  ['resume-ahead', 'ndjson', ({ windowsEqual }) => windowsEqual, false],
  ['event-clock', 'ndjson', ({ eventsEqual }) => eventsEqual, false]
]

it.concurrent.each(planted)('notices the planted bug %s', async (sabotage, sink, look, seen) => {
  const result = await trial({ ...small, sink, sabotage })
  expect(look(result)).toBe(seen)
  expect(isFlawless(result)).toBe(false)
  expect(result.findings.length).toBeGreaterThan(0)
})
