import { DeviceError, NotConnectedError, type SdkError } from '@messwerk/core/model'
import type { ClientSession, NodeId } from 'node-opcua-client'
import { findByPath } from './find-by-path.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { NodePlan } from './node-plan.ts'

/** What is wrong with a node, and the status that says so. @internal */
export interface NodeProblem {
  readonly text: string
  readonly status: number
  /** Whether it may be well later. */
  readonly passes: boolean
}

/** @internal */
export interface LocatedNode {
  readonly plan: NodePlan
  readonly nodeId: NodeId
}

const UNKNOWN = 0x80340000

/** All wrong nodes in one error. @param isKnown - whether they were all there before: then one that is missing may come @internal */
export function wrongNodes(
  problems: readonly NodeProblem[],
  { url, isKnown }: { readonly url: string; readonly isKnown: boolean }
): SdkError {
  const all = problems.map(({ text }) => text).join('; ')
  if (isKnown || problems.every(({ passes }) => passes)) return new NotConnectedError(url, all)
  return new DeviceError('the nodes', problems[0]?.status ?? UNKNOWN, all)
}

/** Looks nodes up, by id or by path; those that are not there become problems. @internal */
export async function locateNodes(
  session: ClientSession,
  lib: OpcuaLibrary,
  plans: readonly NodePlan[],
  problems: NodeProblem[]
): Promise<LocatedNode[]> {
  const namespaces = await session.readNamespaceArray()
  const browsed = new Map<string, Promise<readonly NodeId[] | string>>()
  const found: LocatedNode[] = []
  for (const plan of plans) {
    const { address } = plan
    const nodeId =
      address.kind === 'id'
        ? idOf(address, lib, namespaces)
        : await findByPath(address.steps, { session, lib, namespaces, browsed })
    if (typeof nodeId === 'string') problems.push(problemOf(plan, nodeId, UNKNOWN))
    else found.push({ plan, nodeId })
  }
  return found
}

/** @internal */
export function problemOf({ stream, name, text }: NodePlan, why: string, status: number, passes = false): NodeProblem {
  return { text: `${stream}, ${name} (${text}): ${why}`, status, passes }
}

function idOf(
  { uri, identifier }: { readonly uri: string | undefined; readonly identifier: string },
  lib: OpcuaLibrary,
  namespaces: readonly string[]
): NodeId | string {
  const index = uri === undefined ? 0 : namespaces.indexOf(uri)
  if (index < 0) return `the server has no namespace '${uri}'; it has: ${namespaces.slice(1).join(', ')}`
  return lib.resolveNodeId(`ns=${index};${identifier}`)
}
