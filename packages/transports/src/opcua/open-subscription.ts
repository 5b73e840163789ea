import type { ClientSession } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { LocatedNode } from './locate-nodes.ts'
import { monitorEvents } from './monitor-events.ts'
import { monitorItems } from './monitored-items.ts'
import type { OpcuaSession } from './opcua-session.ts'
import type { SourcePlan } from './opcua-source-options.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import { lifetimeOf } from './subscription-sizes.ts'

/** A subscription as the server revised it. @internal */
export interface Subscription {
  readonly id: number
  /** When the server that made it was started, ms since the Unix epoch; NaN where it does not say. */
  readonly serverStart: number
  readonly publishMs: number
  readonly keepAliveMs: number
  readonly lifetimeMs: number
  /** Nodes and what is asked of them: another one can only go on with it when these are the same. */
  readonly signature: string
  /** Number of the last notification that was taken. */
  last: number | undefined
  /** Number that told the session before that the subscription is ours now: it carries no data. */
  handOver: number | undefined
  readonly weaker: string | undefined
}

/** So that one message does not need without bound memory. */
const MOST_NOTIFICATIONS = 10_000
const SERVER_START = 'i=2257'
const VALUE = 13

/** Makes a subscription with all nodes. @internal */
export async function makeSubscription(
  session: OpcuaSession,
  lib: OpcuaLibrary,
  plan: SourcePlan,
  nodes: readonly ResolvedNode[],
  notifiers: readonly LocatedNode[],
  keepAlives: number
): Promise<Subscription> {
  const serverStart = await serverStartOf(session)
  const made = await session.createSubscription({
    requestedPublishingInterval: plan.publishMs,
    requestedLifetimeCount: lifetimeOf(plan),
    requestedMaxKeepAliveCount: keepAlives, // at first each interval, so that silence is noticed soon
    maxNotificationsPerPublish: MOST_NOTIFICATIONS,
    publishingEnabled: true,
    priority: 1
  })
  const { subscriptionId: id, revisedPublishingInterval: publishMs } = made
  const weaker = await monitorItems(session, lib, { id, publishMs }, nodes, plan)
  await monitorEvents(session, lib, id, notifiers, nodes.length)
  return {
    id,
    serverStart,
    publishMs,
    keepAliveMs: publishMs * made.revisedMaxKeepAliveCount,
    lifetimeMs: publishMs * made.revisedLifetimeCount,
    signature: signatureOf(nodes, notifiers),
    last: undefined,
    handOver: undefined,
    weaker
  }
}

/** @internal */
export function signatureOf(nodes: readonly ResolvedNode[], notifiers: readonly LocatedNode[]): string {
  const all = [
    nodes.map(({ nodeId, channels }) => [nodeId.toString(), channels]),
    notifiers.map(({ nodeId }) => nodeId.toString())
  ]
  return JSON.stringify(all)
}

/** When the server was started, ms since the Unix epoch; NaN where it does not say. @internal */
export async function serverStartOf(session: ClientSession): Promise<number> {
  const { value } = await session.read({ nodeId: SERVER_START, attributeId: VALUE })
  return (value?.value as Date | null | undefined)?.getTime?.() ?? Number.NaN
}

/**
 * Takes a subscription over from a session that is gone; false where the server does not have it any more. A server that
 * was started meanwhile numbers its subscriptions anew: the same number is then somebody else's.
 *
 * @internal
 */
export async function takeOver(session: OpcuaSession, subscription: Subscription): Promise<boolean> {
  const { id, serverStart, last } = subscription
  if ((await serverStartOf(session)) !== serverStart) return false
  try {
    const { results } = await session.transferSubscriptions({ subscriptionIds: [id], sendInitialValues: false })
    const [result] = results ?? []
    if (!result?.statusCode.isGood()) return false
    // what was sent before is kept, the newest surely; the number behind it is that of the news of the transfer (Part 4, 5.14.7)
    const kept = result.availableSequenceNumbers ?? []
    subscription.handOver = last === undefined ? undefined : Math.max(last, ...kept) + 1
    return true
  } catch {
    return false // many servers cannot
  }
}
