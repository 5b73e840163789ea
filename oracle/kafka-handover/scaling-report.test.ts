import { expect, it } from 'vitest'
import { judgeScaling, type ScalingRound } from './scaling-report.ts'

const share = { splits: 4, records: 500_000, busyMs: 9000, cpuSeconds: 9, mainSeconds: 8, gcSeconds: 1 }
const round = (workers: number, recordsPerSecond: number): ScalingRound => ({
  ...{ workers, elapsedMs: 1, recordsPerSecond, repeated: 0, broker: 1 },
  perWorker: Array.from({ length: workers }, () => share)
})

it('gives medians, the factor of each pair, and what the cores could give', () => {
  const rounds = [round(1, 50_000), round(2, 90_000), round(1, 40_000), round(2, 88_000)]
  expect(judgeScaling(1_000_000, rounds, 2)).toEqual({
    ...{ records: 1_000_000, one: 45_000, two: 89_000, factor: 89 / 45, factors: [1.8, 2.2] },
    ...{ cpuOne: 18, cpuTwo: 18, ceiling: 2e6 / 19 / 45_000, rounds }
  })
})

it('says nothing of the cores where the system does not tell', () => {
  const [one, two] = [round(1, 10), round(2, 15)].map(({ broker: _, ...others }) => others) as [
    ScalingRound,
    ScalingRound
  ]
  expect(judgeScaling(1, [one, two], 2)).toMatchObject({ factor: 1.5, ceiling: undefined })
})
