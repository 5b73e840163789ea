import { DeviceError } from '@messwerk/core/model'
import type { MonitoredItemCreateRequestOptions } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { OpcuaSession } from './opcua-session.ts'
import type { SourcePlan } from './opcua-source-options.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import { lastsMs, QUEUE_UNKNOWN, queueSizeOf } from './subscription-sizes.ts'

const CHUNK = 500

/**
 * Has the server watch all nodes; the index of a node is its handle.
 *
 * @param publishMs - as the server revised it
 * @returns what the server keeps less of than was asked for
 * @throws DeviceError that names all nodes that it refuses @internal
 */
export async function monitorItems(
  session: OpcuaSession,
  lib: OpcuaLibrary,
  subscription: { readonly id: number; readonly publishMs: number },
  nodes: readonly ResolvedNode[],
  plan: SourcePlan
): Promise<string | undefined> {
  const refused: string[] = []
  let status = 0
  let weaker: string | undefined
  for (let from = 0; from < nodes.length; from += CHUNK) {
    const some = nodes.slice(from, from + CHUNK)
    const response = await session.createMonitoredItems({
      subscriptionId: subscription.id,
      timestampsToReturn: lib.TimestampsToReturn.Both,
      itemsToCreate: some.map((node, i) => itemOf(node, from + i, lib, plan))
    } as Parameters<OpcuaSession['createMonitoredItems']>[0])
    for (const [i, result] of (response.results ?? []).entries()) {
      const { plan: node } = some[i] as ResolvedNode
      if (result.statusCode.isNotGood()) {
        status ||= result.statusCode.value
        refused.push(`${node.stream}, ${node.name} (${node.text}): ${result.statusCode.name}`)
        continue
      }
      weaker ??= weakerThan(plan, node.name, subscription.publishMs, result)
    }
  }
  if (refused.length > 0) throw new DeviceError('the monitored items', status, refused.join('; '))
  return weaker
}

function itemOf(
  { nodeId, plan: node }: ResolvedNode,
  clientHandle: number,
  lib: OpcuaLibrary,
  plan: SourcePlan
): MonitoredItemCreateRequestOptions {
  const samplingInterval = node.samplingMs ?? plan.samplingMs
  const { publishMs, outageMs } = plan
  const filter = node.deadband && deadbandOf(node.deadband, lib)
  return {
    itemToMonitor: { nodeId, attributeId: lib.AttributeIds.Value },
    monitoringMode: lib.MonitoringMode.Reporting,
    requestedParameters: {
      clientHandle,
      samplingInterval,
      filter: filter ?? null,
      queueSize: plan.queue ?? queueSizeOf({ publishMs, samplingMs: samplingInterval, outageMs }),
      discardOldest: true
    }
  } as MonitoredItemCreateRequestOptions
}

function deadbandOf(
  { value, isPercent }: { readonly value: number; readonly isPercent: boolean },
  lib: OpcuaLibrary
): unknown {
  return new lib.DataChangeFilter({
    trigger: lib.DataChangeTrigger.StatusValue,
    deadbandType: isPercent ? lib.DeadbandType.Percent : lib.DeadbandType.Absolute,
    deadbandValue: value
  })
}

function weakerThan(
  { outageMs, queue }: SourcePlan,
  name: string,
  publishMs: number,
  {
    revisedQueueSize,
    revisedSamplingInterval
  }: { readonly revisedQueueSize: number; readonly revisedSamplingInterval: number }
): string | undefined {
  if (queue !== undefined || revisedSamplingInterval === 0) {
    const asked = queue ?? QUEUE_UNKNOWN
    if (revisedQueueSize >= asked) return undefined
    return `the server keeps ${revisedQueueSize} values of ${name}, of the ${asked} that were asked for`
  }
  const lasts = lastsMs(revisedQueueSize, { publishMs, samplingMs: revisedSamplingInterval, outageMs })
  if (lasts >= outageMs) return undefined
  const values = `the server keeps ${revisedQueueSize} values of ${name}`
  return `${values}: an outage of ${lasts / 1000} s, of the ${outageMs / 1000} s that were asked for`
}
