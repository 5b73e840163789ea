import { DeviceError } from '@messwerk/core/model'
import { eventFilter } from './event-fields.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import { type LocatedNode, locateNodes, type NodeProblem, problemOf, wrongNodes } from './locate-nodes.ts'
import type { NodePlan } from './node-plan.ts'
import type { OpcuaSession } from './opcua-session.ts'
import { readInChunks } from './read-in-chunks.ts'

const SUBSCRIBE_TO_EVENTS = 1
const NO_NOTIFIER = 0x80730000
const EVENTS_KEPT = 10_000

/** Finds the notifiers. @throws DeviceError or NotConnectedError that names all wrong ones @internal */
export async function findNotifiers(
  session: OpcuaSession,
  lib: OpcuaLibrary,
  plans: readonly NodePlan[],
  options: { readonly url: string; readonly isKnown: boolean }
): Promise<LocatedNode[]> {
  if (plans.length === 0) return []
  const problems: NodeProblem[] = []
  const found = await locateNodes(session, lib, plans, problems)
  const attributeId = lib.AttributeIds.EventNotifier
  const values = await readInChunks(
    session,
    found.map(({ nodeId }) => ({ nodeId, attributeId }))
  )
  for (const [i, { plan }] of found.entries()) {
    const { statusCode, value } = values[i] as (typeof values)[number]
    const isNotifier = statusCode.isGood() && (Number(value?.value) & SUBSCRIBE_TO_EVENTS) !== 0
    const why = /BadNodeId/.test(statusCode.name) ? statusCode.name : 'it sends no events (EventNotifier)'
    if (!isNotifier) problems.push(problemOf(plan, why, NO_NOTIFIER))
  }
  if (problems.length > 0) throw wrongNodes(problems, options)
  return found
}

/** Has the server send the events of notifiers; their handles follow those of the nodes. @throws DeviceError @internal */
export async function monitorEvents(
  session: OpcuaSession,
  lib: OpcuaLibrary,
  subscriptionId: number,
  notifiers: readonly LocatedNode[],
  firstHandle: number
): Promise<void> {
  if (notifiers.length === 0) return
  const { results } = await session.createMonitoredItems({
    subscriptionId,
    timestampsToReturn: lib.TimestampsToReturn.Neither,
    itemsToCreate: notifiers.map(({ nodeId }, i) => ({
      itemToMonitor: { nodeId, attributeId: lib.AttributeIds.EventNotifier },
      monitoringMode: lib.MonitoringMode.Reporting,
      requestedParameters: {
        clientHandle: firstHandle + i,
        samplingInterval: 0,
        filter: eventFilter(lib),
        queueSize: EVENTS_KEPT,
        discardOldest: true
      }
    }))
  } as Parameters<OpcuaSession['createMonitoredItems']>[0])
  const refused = (results ?? []).flatMap(({ statusCode }, i) => (statusCode.isNotGood() ? [{ statusCode, i }] : []))
  if (refused.length === 0) return
  const why = refused.map(({ statusCode, i }) => `${notifiers[i]?.plan.text}: ${statusCode.name}`)
  throw new DeviceError('the events', refused[0]?.statusCode.value ?? 0, why.join('; '))
}

/** Asks for the state of all conditions again; a server without conditions says no. @internal */
export async function refreshConditions(
  session: OpcuaSession,
  lib: OpcuaLibrary,
  subscriptionId: number
): Promise<void> {
  await session.call({
    objectId: lib.resolveNodeId('i=2782'),
    methodId: lib.resolveNodeId('i=3875'),
    inputArguments: [{ dataType: lib.DataType.UInt32, value: subscriptionId }]
  } as never)
}
