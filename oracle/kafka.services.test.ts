// With real brokers, small. Where no Apache Kafka is fetched these tests are skipped, and say so.
import { expect, it } from 'vitest'
import { whyMissing } from '../test/servers/fetched.ts'
import { kafkaJars } from '../test/servers/kafka-node.ts'
import type { Sabotage } from './protocol.ts'
import { type TrialOptions, trial } from './trial.ts'
import { isFlawless, type TrialResult } from './trial-result.ts'

const missing = whyMissing(kafkaJars)
const TIMEOUT = 480_000

const small: TrialOptions = {
  source: 'kafka',
  sink: 'duckdb',
  records: 3000,
  rate: 500,
  faults: ['kill', 'cut', 'half-open', 'broker-kill'],
  kills: 3,
  killAfter: [300, 1500],
  restMs: 1000,
  seed: 5,
  spool: false,
  brokerLimits: 'off',
  timeout: 300
}
const whole = { sent: 3000, stored: 3000, lost: 0, duplicates: 0, declaredGaps: 0 }

it.for([
  ['duckdb', 'file'],
  ['kafka', 'kafka']
] as const)(
  'Kafka to %s, checkpoints in a %s: process and broker killed, links cut, nothing lost',
  { timeout: TIMEOUT },
  async ([sink, checkpoints], test) => {
    if (missing !== undefined) test.skip(missing)
    const result = await trial({ ...small, sink, checkpoints })
    expect([isFlawless(result), result.gaveUp, result.findings]).toEqual([true, undefined, []])
    expect(result).toMatchObject(whole)
    expect([result.kills > 0, result.faults['broker-kill']! > 0]).toEqual([true, true])
  }
)

it(
  'three brokers and two processes: leaders killed, partitions handed over, nothing lost or twice',
  async (test) => {
    if (missing !== undefined) test.skip(missing)
    const shared = { brokers: 3, checkpoints: 'kafka', faults: ['kill', 'leader', 'rebalance'] } as const
    const result = await trial({ ...small, ...shared })
    expect([isFlawless(result), result.gaveUp, result.findings]).toEqual([true, undefined, []])
    expect(result).toMatchObject(whole)
    expect([result.faults.leader! > 0, result.faults.rebalance! > 0]).toEqual([true, true])
  },
  TIMEOUT
)

const planted: [Sabotage, Partial<TrialOptions>, (result: TrialResult) => boolean][] = [
  // killed once, when there are checkpoints and more is to come: behind the end of a log nothing could be skipped. What is
  // skipped is missing in the windows, or, where it was not stored before the kill, altogether
  [
    'resume-ahead',
    { rate: 250, kills: 1, killAfter: [1500, 2500] },
    ({ lost, windowsEqual }) => lost > 0 || !windowsEqual
  ],
  ['drop-row', { sink: 'kafka' }, ({ lost }) => lost > 0]
]

it.for(planted)('notices the planted bug %s', { timeout: TIMEOUT }, async ([sabotage, options, isSeen], test) => {
  if (missing !== undefined) test.skip(missing)
  const result = await trial({ ...small, faults: ['kill'], ...options, sabotage })
  expect([isSeen(result), isFlawless(result)]).toEqual([true, false])
  expect(result.findings.length).toBeGreaterThan(0)
})
