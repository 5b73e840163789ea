import * as opcua from 'node-opcua-client'
import { describe, expect, it } from 'vitest'
import { monitorItems } from './monitored-items.ts'
import type { OpcuaSourceOptions } from './opcua-source-options.ts'
import { planSource } from './opcua-source-options.ts'
import type { ResolvedNode } from './resolve-nodes.ts'

const base = { url: 'opc.tcp://plant:4840', security: 'None', streams: { press: { a: 'i=1' } } } as const

interface Items {
  readonly itemsToCreate: readonly {
    readonly requestedParameters: { readonly queueSize: number; readonly clientHandle: number }
  }[]
}

/** Has so many nodes watched by a server that keeps at most `keeps` values of each, and looks each `looksMs` at them. */
async function watch(
  count: number,
  keeps: number,
  looksMs: number | undefined,
  options: Partial<OpcuaSourceOptions<string>> = {}
) {
  const plan = planSource({ ...base, ...options })
  const requests: Items[] = []
  const session = {
    createMonitoredItems: async (request: Items) => {
      requests.push(request)
      const results = request.itemsToCreate.map(({ requestedParameters: { queueSize } }) => ({
        statusCode: opcua.StatusCodes.Good,
        revisedQueueSize: Math.min(queueSize, keeps),
        revisedSamplingInterval: looksMs ?? plan.samplingMs
      }))
      return { results }
    }
  }
  const nodes = Array.from({ length: count }, (_, i) => ({
    plan: { stream: 'press', name: `n${i}`, text: `i=${i}`, samplingMs: undefined, deadband: undefined },
    nodeId: opcua.coerceNodeId(`i=${i}`)
  })) as unknown as ResolvedNode[]
  const subscription = { id: 1, publishMs: plan.publishMs }
  const weaker = await monitorItems(session as never, opcua, subscription, nodes, plan)
  return { requests, weaker }
}

describe('monitored items', () => {
  it('are made in groups, each with its handle', async () => {
    const { requests, weaker } = await watch(1203, 1e6, undefined)
    expect(requests.map(({ itemsToCreate }) => itemsToCreate.length)).toEqual([500, 500, 203])
    const handles = requests.flatMap(({ itemsToCreate }) =>
      itemsToCreate.map((one) => one.requestedParameters.clientHandle)
    )
    expect(handles).toEqual(Array.from({ length: 1203 }, (_, i) => i))
    expect(weaker).toBeUndefined()
  })

  it('have queues that last for the outage; that the server keeps less is said', async () => {
    const { requests, weaker } = await watch(1, 100, undefined, { sampling: '100ms' })
    expect(requests[0]?.itemsToCreate[0]?.requestedParameters.queueSize).toBe(611)
    expect(weaker).toBe('the server keeps 100 values of n0: an outage of 8.9 s, of the 60 s that were asked for')
  })

  it('say so too where the server looks more often than it was asked to', async () => {
    const { weaker } = await watch(1, 1e6, 10, { sampling: '100ms' })
    expect(weaker).toMatch(/^the server keeps 611 values of n0: an outage of 5.1 s/)
  })

  it('say that the server keeps less where a number was asked for, or where it is not known how many come', async () => {
    expect((await watch(1, 10, undefined, { queue: 50 })).weaker).toBe(
      'the server keeps 10 values of n0, of the 50 that were asked for'
    )
    expect((await watch(1, 10, 0, { sampling: '0ms' })).weaker).toMatch(
      /^the server keeps 10 values of n0, of the 1000 /
    )
    expect((await watch(1, 50, undefined, { queue: 50 })).weaker).toBeUndefined()
  })
})
