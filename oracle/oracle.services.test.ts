// With a real broker, small. Without mosquitto these tests are skipped, and say so.
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { type TrialOptions, trial } from './trial.ts'
import { isFlawless } from './trial-result.ts'

const absent = spawnSync('mosquitto', ['-h']).error !== undefined
if (absent)
  process.stderr.write('the oracle over MQTT is not tested: there is no mosquitto (apt-get install mosquitto)\n')

const small: TrialOptions = {
  source: 'mqtt',
  sink: 'ndjson',
  records: 3000,
  rate: 1000,
  faults: ['kill', 'cut'],
  kills: 4,
  killAfter: [300, 800],
  seed: 5,
  spool: false,
  brokerLimits: 'off',
  timeout: 60
}

it.skipIf(absent).each(['ndjson', 'duckdb', 'failing'] as const)(
  'MQTT to %s: killed and cut, nothing lost',
  async (sink) => {
    const result = await trial({ ...small, sink })
    expect(result).toMatchObject({ sent: 3000, stored: 3000, lost: 0, duplicates: 0, undeclaredHoles: 0 })
    expect(result.kills).toBeGreaterThan(0)
    expect(result.faults.cut).toBeGreaterThan(0)
    expect([isFlawless(result), result.findings]).toEqual([true, []])
  }
)

it.skipIf(absent)('MQTT through the spool: killed and cut, nothing lost', async () => {
  const result = await trial({ ...small, spool: true })
  expect(result).toMatchObject({ sent: 3000, stored: 3000, lost: 0, duplicates: 0, undeclaredHoles: 0 })
  expect(result.kills).toBeGreaterThan(0)
  expect([isFlawless(result), result.findings]).toEqual([true, []])
})

const flood = { ...small, records: 30_000, rate: 15_000, faults: ['kill'], brokerLimits: 'default' } as const

it.skipIf(absent).each([false, true])(
  'what a broker with its default limits drops is declared, to the record (spool: %s)',
  async (spool) => {
    const result = await trial({ ...flood, spool })
    expect(result.declaredGaps).toBeGreaterThan(0)
    expect(result.stored + result.declaredGaps).toBe(30_000)
    expect([isFlawless(result), result.findings]).toEqual([true, []])
  }
)

it.skipIf(absent)('notices that gaps are not stored', async () => {
  const result = await trial({ ...flood, sabotage: 'drop-gap' })
  expect(result.undeclaredHoles).toBeGreaterThan(0)
  expect(isFlawless(result)).toBe(false)
})

it.skipIf(absent)('notices that there are no checkpoints', async () => {
  // windows that last longer than any process: no kill falls between two of them, however slow the machine is
  const result = await trial({ ...small, records: 200, rate: 20, sabotage: 'no-directory' })
  expect(result.windowsEqual).toBe(false)
  expect(isFlawless(result)).toBe(false)
})
