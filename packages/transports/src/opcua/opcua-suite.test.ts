import { sourceSuite } from '@messwerk/core/testing'
import { afterAll, describe, it, vi } from 'vitest'
import { PlantServer } from './fixtures/plant-server.ts'
import { opcuaSource } from './opcua-source.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

const streams = { press: { counter: 'nsu=urn:mw:plant;s=counter', vib: 'plant/vib' } }
let plant: Promise<PlantServer> | undefined

afterAll(async () => (await plant)?.stop())

for (const mode of ['subscribe', 'poll'] as const) {
  sourceSuite(
    `opcua, ${mode}`,
    {
      open: async () => {
        plant ??= PlantServer.start({ every: 5 })
        return opcuaSource({
          url: (await plant).url,
          security: 'None',
          streams,
          publishing: '50ms',
          sampling: '0ms',
          mode
        })
      },
      take: 5,
      unreachable: () => opcuaSource({ url: 'opc.tcp://127.0.0.1:1', security: 'None', streams }),
      skip: { S8: 'a server cannot be read from a position; see backfill in opcua-recovery.test.ts' }
    },
    { describe, it }
  )
}
