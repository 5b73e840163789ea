import { VirtualTime } from '@messwerk/core/testing'
import * as opcua from 'node-opcua-client'
import { describe, expect, it } from 'vitest'
import { Poll } from './poll.ts'
import { READS } from './read-in-chunks.ts'

describe('polling', () => {
  it('reads many nodes in requests that no server finds too large', async () => {
    const time = new VirtualTime()
    const sizes: number[] = []
    const took: number[] = []
    const poll = new Poll({
      session: {
        read: async (nodes: readonly unknown[]) => {
          sizes.push(nodes.length)
          return nodes.map(() => new opcua.DataValue({}))
        }
      } as never,
      lib: opcua,
      nodes: Array.from({ length: READS + 5 }, () => ({ nodeId: 'i=1' })) as never,
      everyMs: 100,
      scheduler: time,
      hasRoom: () => true,
      took: (values) => took.push(values.length),
      failed: () => {}
    })
    await time.advance(50)
    poll.stop()
    expect([sizes, took]).toEqual([[READS, 5], [READS + 5]])
  })
})
