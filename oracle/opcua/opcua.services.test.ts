// With real servers, small: `npm run oracle:opcua` is the trial itself.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAsyncua } from '../../test/servers/asyncua.ts'
import { type OpcuaTestServer, startMilo } from '../../test/servers/milo.ts'
import { type OpcuaFault, type OpcuaSabotage, opcuaTrial } from './opcua-trial.ts'

const servers = [
  { name: 'asyncua', start: startAsyncua, keepsHistory: true },
  { name: 'Eclipse Milo', start: startMilo, keepsHistory: false }
] as const

const KEEPS_NONE = 'Eclipse Milo 1.0.5 keeps no history'

describe.for(servers)('$name', { timeout: 180_000 }, ({ start, keepsHistory }) => {
  let server: OpcuaTestServer | string
  beforeAll(async () => {
    server = await start({ history: true, seen: true })
  })
  beforeEach(({ skip }) => {
    if (typeof server === 'string') skip(server)
  })
  afterAll(async () => {
    if (typeof server === 'object') await server.stop()
  })

  async function trial(faults: readonly OpcuaFault[], sabotage?: OpcuaSabotage) {
    const said: string[] = []
    const log = (line: string) => void said.push(line)
    const result = await opcuaTrial({ server: server as OpcuaTestServer, faults, sabotage, log })
    return { result, why: `${JSON.stringify(result)}\n${said.join('\n')}` }
  }

  it('has no hole that is not declared, and none where it kept what was missed', async () => {
    const { result, why } = await trial(['cut', 'half-open', 'server', 'kill'])
    const none = { undeclared: 0, unfilled: 0, repeated: 0, restartsUndeclared: 0 }
    expect(result, why).toMatchObject({ ...none, restarts: 1 })
    expect(result.rows, why).toBeGreaterThan(500)
    expect(result.holes.empty, why).toBeGreaterThan(0)
    expect(result.holes.needless, why).toBe(0)
    if (keepsHistory) expect(result, why).toMatchObject({ historical: expect.toSatisfy((n) => n > 0), unseen: 0 })
  })

  it('is not read for its history: noticed', async (test) => {
    if (!keepsHistory) return test.skip(KEEPS_NONE)
    const { result, why } = await trial(['cut'], 'no-history')
    expect(result, why).toMatchObject({ undeclared: 0, historical: 0 })
    expect(result.unfilled, why).toBeGreaterThan(0)
  })

  it('is read for its history, of which most is lost: noticed', async (test) => {
    if (!keepsHistory) return test.skip(KEEPS_NONE)
    const { result, why } = await trial(['cut'], 'history-torn')
    expect(result.undeclared, why).toBeGreaterThan(0)
    expect(result.unfilled, why).toBeGreaterThan(0)
  })
})
