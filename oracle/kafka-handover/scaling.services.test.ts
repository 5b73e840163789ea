// With a real broker, small: `npm run oracle:kafka-scaling` is the trial itself. How fast it is is not asked here.
import { expect, it } from 'vitest'
import { startKafka } from '../../test/servers/kafka.ts'
import { scalingTrial } from './scaling-trial.ts'

it('all records go through one worker, and through two with half of the partitions each', async (test) => {
  const server = await startKafka()
  if (typeof server === 'string') return test.skip(server)
  try {
    const settings = { keys: 64, partitions: 4, records: 6400, workers: 2, rounds: 1, hasStates: true, isPinned: false }
    const { rounds, factor } = await scalingTrial({ ...settings, url: server.url, log: () => {} })
    expect(rounds.map(({ workers, repeated }) => [workers, repeated])).toEqual([
      [1, 0],
      [2, 0]
    ])
    expect(rounds[1]?.perWorker.map(({ splits }) => splits)).toEqual([2, 2])
    expect(factor).toBeGreaterThan(0)
  } finally {
    await server.stop()
  }
}, 240_000)
