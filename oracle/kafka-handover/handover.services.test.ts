// With a real broker, small: `npm run oracle:kafka-handover` is the trial itself.
import { expect, it } from 'vitest'
import { startKafka } from '../../test/servers/kafka.ts'
import { handoverTrial } from './handover-trial.ts'

it('the keys of a killed worker are scored on by others, without warm-up, with the same bits', async (test) => {
  const server = await startKafka()
  if (typeof server === 'string') return test.skip(server)
  try {
    const said: string[] = []
    const options = { url: server.url, keys: 64, partitions: 4, workers: 3, everyMs: 250, messages: 60 }
    const result = await handoverTrial({ ...options, log: (line) => said.push(line) })
    const none = { lost: 0, different: 0, eventsLost: 0, eventsTooMany: 0 }
    expect(result, said.join('\n')).toMatchObject({ sent: 64 * 60, ...none })
    expect(result.movedKeys).toBeGreaterThan(0)
    expect(result.events).toBeGreaterThan(0)
    expect(result.movedAfterMs.worst).toBeLessThan(Number.POSITIVE_INFINITY)
  } finally {
    await server.stop()
  }
}, 120_000)
