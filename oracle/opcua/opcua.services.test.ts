// With real servers, small: `npm run oracle:opcua` is the trial itself.
import { expect, it } from 'vitest'
import { startAsyncua } from '../../test/servers/asyncua.ts'
import { startMilo } from '../../test/servers/milo.ts'
import { opcuaTrial } from './opcua-trial.ts'

// Milo looks every 5 ms, and may come late
const servers = [
  { name: 'asyncua', start: startAsyncua, unseenAtMost: 0 },
  { name: 'Eclipse Milo', start: startMilo, unseenAtMost: 10 }
] as const

it.for(servers)('$name: no hole that is not declared', { timeout: 180_000 }, async ({ start, unseenAtMost }, test) => {
  const server = await start({ history: true })
  if (typeof server === 'string') return test.skip(server)
  const said: string[] = []
  try {
    const faults = ['cut', 'half-open', 'server', 'kill'] as const
    const result = await opcuaTrial({ server, faults, unseenAtMost, log: (line) => said.push(line) })
    const none = { undeclared: 0, repeated: 0, restartsUndeclared: 0 }
    expect(result, `${JSON.stringify(result)}\n${said.join('\n')}`).toMatchObject({ ...none, restarts: 1 })
    expect(result.rows).toBeGreaterThan(500)
    expect(result.holes.empty).toBeGreaterThan(0)
  } finally {
    await server.stop()
  }
})
